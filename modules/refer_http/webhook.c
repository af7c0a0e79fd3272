/**
 * @file webhook.c  Events to a receiver, with POST
 *
 * At least once, in order: each is sent until the receiver answers 2xx, and
 * has an id to tell copies apart. One that the receiver refuses (4xx) is
 * given up, so that it does not block the others.
 */
#include <re.h>
#include <refer/baresip.h>
#include "http.h"
#include "libre.h"


enum {
	QUEUE_MAX = 1000,
	QUEUE_BYTES = 2 << 20,
	RETRY_MIN = 1000,        /* [ms] */
	RETRY_MAX = 60000,
	ANSWER_TIME = 10000,
};

struct webhook {
	const struct settings *set;
	struct http_cli *cli;
	struct http_req *req;
	struct list iteml;       /* struct item, the next one first      */
	size_t bytes;            /* Of their bodies                      */
	struct tmr tmr;          /* Until the next attempt, or its end   */
	uint32_t delay;
	uint32_t epoch;
	uint64_t seq;
	uint32_t lost;           /* Since the last one was delivered     */
};

/** An event that was not delivered yet */
struct item {
	struct le le;
	struct webhook *wh;
	char *id;
	char *body;
};

static void send_next(struct webhook *wh);


static void item_destructor(void *arg)
{
	struct item *item = arg;

	if (item->le.list)
		item->wh->bytes -= str_len(item->body);

	list_unlink(&item->le);
	mem_deref(item->id);
	mem_deref(item->body);
}


static void retry_handler(void *arg)
{
	send_next(arg);
}


static void retry(struct webhook *wh)
{
	wh->req = mem_deref(wh->req);
	tmr_start(&wh->tmr, wh->delay, retry_handler, wh);
	wh->delay = min(2 * wh->delay, RETRY_MAX);
}


static bool is_refused(uint16_t scode)
{
	return scode >= 400 && scode < 500 && scode != 408 && scode != 429;
}


static void response_handler(int err, const struct http_msg *msg, void *arg)
{
	struct webhook *wh = arg;
	const uint16_t scode = msg ? msg->scode : 0;
	struct item *item = list_ledata(wh->iteml.head);

	wh->req = NULL;
	if (!item)
		return;

	/* whatever is wrong with the body, nobody reads it */
	if (scode / 100 != 2 && !is_refused(scode)) {
		debug("refer_http: webhook: %m, %u; again in %u ms\n", err,
		      scode, wh->delay);
		retry(wh);
		return;
	}

	if (scode / 100 != 2)
		warning("refer_http: webhook: event %s was refused: %u\n",
			item->id, scode);

	if (wh->lost)
		warning("refer_http: webhook: events are delivered again,"
			" %u were lost\n", wh->lost);

	mem_deref(item);
	wh->lost  = 0;
	wh->delay = RETRY_MIN;
	tmr_start(&wh->tmr, 0, retry_handler, wh);
}


static void late_handler(void *arg)
{
	retry(arg);
}


static int print_token(struct re_printf *pf, const char *token)
{
	return token ? re_hprintf(pf, "Authorization: Bearer %s\r\n", token)
		: 0;
}


static void send_next(struct webhook *wh)
{
	const struct item *item = list_ledata(wh->iteml.head);
	int err;

	if (!item || wh->req)
		return;

	err = libre_request(&wh->req, wh->cli, "POST", wh->set->webhook,
			    response_handler, wh,
			    "Content-Type: application/json\r\n"
			    "Idempotency-Key: \"%s\"\r\n"
			    "%H"
			    "Content-Length: %zu\r\n"
			    "Connection: close\r\n"
			    "\r\n"
			    "%s", item->id, print_token,
			    wh->set->webhook_token, str_len(item->body),
			    item->body);
	if (err) {
		warning("refer_http: webhook: %m\n", err);
		retry(wh);
		return;
	}

	tmr_start(&wh->tmr, ANSWER_TIME, late_handler, wh);
}


static bool is_full(const struct webhook *wh, size_t size)
{
	return list_count(&wh->iteml) >= QUEUE_MAX ||
		wh->bytes + size > QUEUE_BYTES;
}


/* Those that are the oldest, but not under way, make room */
static void make_room(struct webhook *wh, size_t size)
{
	while (is_full(wh, size)) {

		struct le *le = wh->iteml.head;
		struct item *item = list_ledata(wh->req && le ? le->next : le);

		if (!item)
			break;

		if (!wh->lost++)
			warning("refer_http: webhook: more than %u events or"
				" %u MiB wait, %s is lost, and those that"
				" follow it\n", QUEUE_MAX,
				QUEUE_BYTES >> 20, item->id);
		mem_deref(item);
	}
}


/** Send an event */
void webhook_add(struct webhook *wh, const struct odict *od)
{
	struct item *item;
	int err;

	item = mem_zalloc(sizeof(*item), item_destructor);
	if (!item)
		return;

	err  = re_sdprintf(&item->id, "%u-%llu", wh->epoch,
			   (unsigned long long)++wh->seq);
	err |= re_sdprintf(&item->body, "%H", json_encode_odict, od);
	if (err) {
		mem_deref(item);
		return;
	}

	make_room(wh, str_len(item->body));
	item->wh = wh;
	wh->bytes += str_len(item->body);
	list_append(&wh->iteml, &item->le, item);
	if (!tmr_isrunning(&wh->tmr))
		tmr_start(&wh->tmr, 0, retry_handler, wh);
}


static void destructor(void *arg)
{
	struct webhook *wh = arg;

	tmr_cancel(&wh->tmr);
	if (wh->iteml.head)
		warning("refer_http: webhook: %u events were not delivered\n",
			list_count(&wh->iteml));

	list_flush(&wh->iteml);
	mem_deref(wh->req);
	mem_deref(wh->cli);
}


int webhook_alloc(struct webhook **whp, const struct settings *set)
{
	struct webhook *wh;
	int err;

	wh = mem_zalloc(sizeof(*wh), destructor);
	if (!wh)
		return ENOMEM;

	wh->set   = set;
	wh->delay = RETRY_MIN;
	wh->epoch = rand_u32();
	err = http_client_alloc(&wh->cli, net_dnsc(baresip_network()));
	if (!err && set->webhook_ca)
		err = http_client_add_ca(wh->cli, set->webhook_ca);
	if (err) {
		warning("refer_http: webhook: %m\n", err);
		mem_deref(wh);
	}
	else {
		*whp = wh;
	}

	return err;
}
