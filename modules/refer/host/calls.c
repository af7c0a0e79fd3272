/**
 * @file calls.c  Which user agents and calls baresip has
 *
 * baresip has lists only. The table of calls, by Call-ID and by address, is
 * filled by its events, and asked for each REFER and each event of ours; a
 * call that had no event yet is looked up in the lists. /uadel and quitting
 * take calls away without an event, always with their user agent.
 */
#include <re.h>
#include "host/host.h"
#include "host/module.h"


enum {
	HASH_SIZE = 256,
};

/** A call that baresip has told of */
struct entry {
	struct le he_call;
	struct le he_id;
	struct call *call;
	char *callid;
	char *peer;            /**< Its peer's URI, if the core has another */
	struct attachment *a;  /**< Part that its INVITE has, or NULL       */
	struct ua *ua;
	struct account *acc;   /**< Kept, so that no other ua can have it */
};

static struct {
	struct hash *ht_call;
	struct hash *ht_id;
	uint32_t uac;          /**< User agents at the last purge */
} calls;


static void destructor(void *arg)
{
	struct entry *e = arg;

	hash_unlink(&e->he_call);
	hash_unlink(&e->he_id);
	mem_deref(e->callid);
	mem_deref(e->peer);
	mem_deref(e->a);
	mem_deref(e->acc);
}


/* Objects of the heap are 16 bytes apart */
static uint32_t call_key(const struct call *call)
{
	return (uint32_t)((uintptr_t)call >> 4);
}


static bool cmp_call(struct le *le, void *arg)
{
	const struct entry *e = le->data;

	return e->call == arg;
}


static struct entry *find(const struct call *call)
{
	return list_ledata(hash_lookup(calls.ht_call, call_key(call),
				       cmp_call, (void *)call));
}


bool host_ua_alive(const struct ua *ua)
{
	struct le *le;

	LIST_FOREACH(uag_list(), le) {
		if (le->data == ua)
			return true;
	}

	return false;
}


/* Whether the user agent is the one that the call was made by */
static bool is_alive(const struct entry *e)
{
	return host_ua_alive(e->ua) && ua_account(e->ua) == e->acc;
}


static bool purge_handler(struct le *le, void *arg)
{
	struct entry *e = le->data;
	(void)arg;

	if (!is_alive(e))
		mem_deref(e);

	return false;
}


/* A user agent came or went: forget the calls that went with one */
static void purge(void)
{
	const uint32_t n = list_count(uag_list());

	if (n != calls.uac)
		(void)hash_apply(calls.ht_call, purge_handler, NULL);

	calls.uac = n;
}


void host_call_add(struct call *call)
{
	struct entry *e = find(call);

	if (e && is_alive(e) && !str_cmp(e->callid, call_id(call)))
		return;

	mem_deref(e);
	purge();

	if (!call_id(call))
		return;

	e = mem_zalloc(sizeof(*e), destructor);
	if (!e || str_dup(&e->callid, call_id(call))) {
		mem_deref(e);
		return;
	}

	e->call = call;
	e->ua   = call_get_ua(call);
	e->acc  = mem_ref(ua_account(e->ua));

	hash_append(calls.ht_call, call_key(call), &e->he_call, e);
	hash_append(calls.ht_id, hash_joaat_str(e->callid), &e->he_id, e);
}


/** Keep the URI of a call's peer, which the core is to see in another form */
void host_call_keep_peer(struct call *call)
{
	struct entry *e = find(call);

	if (e)
		(void)str_dup(&e->peer, call_peeruri(call));
}


/** Get the URI of a call's peer that was kept, or NULL */
const char *host_call_kept_peer(const struct call *call)
{
	const struct entry *e = find(call);

	return e && !str_cmp(e->callid, call_id(call)) ? e->peer : NULL;
}


/** Keep a body part, or none, for as long as its call lives */
void host_call_keep_part(struct call *call, struct attachment *a)
{
	struct entry *e = find(call);

	if (!e) {
		mem_deref(a);
		return;
	}

	mem_deref(e->a);
	e->a = a;
}


static void event_handler(enum bevent_ev ev, struct bevent *event, void *arg)
{
	struct call *call = bevent_get_call(event);
	(void)arg;

	switch (ev) {

#if HOST_MAJOR >= 3
	case BEVENT_CALL_OUTGOING:
#endif
	case BEVENT_CALL_INCOMING:
	case BEVENT_CALL_RINGING:
	case BEVENT_CALL_PROGRESS:
	case BEVENT_CALL_ESTABLISHED:
		host_call_add(call);
		break;

	case BEVENT_CALL_TRANSFER_FAILED:
	case BEVENT_CALL_CLOSED:
		mem_deref(find(call));
		break;

	default:
		break;
	}
}


static void add_all(void)
{
	struct le *leu, *lec;

	LIST_FOREACH(uag_list(), leu) {
		LIST_FOREACH(ua_calls(leu->data), lec) {
			host_call_add(lec->data);
		}
	}
}


int host_calls_init(void)
{
	int err;

	err  = hash_alloc(&calls.ht_call, HASH_SIZE);
	err |= hash_alloc(&calls.ht_id, HASH_SIZE);
	if (err)
		return err;

	add_all();

	return bevent_register(event_handler, NULL);
}


void host_calls_close(void)
{
	bevent_unregister(event_handler);
	hash_flush(calls.ht_call);
	calls.ht_call = mem_deref(calls.ht_call);
	calls.ht_id   = mem_deref(calls.ht_id);
	host_attach_close();
}


/** Calls with a Call-ID, by who made them */
struct pair {
	const char *callid;
	struct call *callv[2];
	unsigned n;
};


static void pair_add(struct pair *pair, struct call *call)
{
	pair->callv[call_is_outgoing(call) ? 0 : 1] = call;
	++pair->n;
}


static bool pair_handler(struct le *le, void *arg)
{
	const struct entry *e = le->data;
	struct pair *pair = arg;

	if (!str_cmp(e->callid, pair->callid) && is_alive(e))
		pair_add(pair, e->call);

	return false;
}


/* Those that had no event so far */
static void pair_search(struct pair *pair)
{
	struct le *leu, *lec;

	LIST_FOREACH(uag_list(), leu) {
		LIST_FOREACH(ua_calls(leu->data), lec) {
			if (!str_cmp(call_id(lec->data), pair->callid))
				pair_add(pair, lec->data);
		}
	}
}


struct call *host_call_find(const char *callid, unsigned n)
{
	struct pair pair = {callid, {NULL, NULL}, 0};

	(void)hash_lookup(calls.ht_id, hash_joaat_str(callid), pair_handler,
			  &pair);
	if (pair.n <= n) {
		pair.n = 0;
		pair_search(&pair);
	}

	if (pair.n == 1)
		return pair.callv[0] ? pair.callv[0] : pair.callv[1];

	if (pair.n > 2 || n > 1 || !pair.callv[0])
		return NULL;

	return pair.callv[n];
}


static bool is_listed(const struct call *call)
{
	struct le *leu, *lec;

	LIST_FOREACH(uag_list(), leu) {
		LIST_FOREACH(ua_calls(leu->data), lec) {
			if (lec->data == call)
				return true;
		}
	}

	return false;
}


bool host_call_alive(const struct call *call, const char *callid)
{
	const struct entry *e = call ? find(call) : NULL;

	if (!call)
		return false;

	if (e ? !is_alive(e) : !is_listed(call))
		return false;

	return !callid || !str_cmp(callid, call_id(call));
}
