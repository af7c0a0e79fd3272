/**
 * @file report.c  A program that tells what a bot does
 *
 * Connects to the ctrl_tcp module of a baresip, and prints a line for each
 * call and each transfer. When baresip is not there, or goes away, it is
 * tried again every second. ctrl_tcp has room for one such program.
 *
 * usage: report [ADDRESS [PORT]]
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <re.h>


enum {
	PORT = 4444,
	RETRY = 1000,        /* ms */
	NUM_MAX = 12,        /* a netstring's length and colon */
};

/** A transfer under way */
struct transfer {
	struct le le;
	char *id;
	char *peer;          /**< Who has asked for it */
};

static struct {
	struct sa addr;
	struct tcp_conn *tc;
	struct mbuf *mb;     /**< Received, not handled yet */
	struct tmr tmr;
	struct list transferl;
} report;


static const char *text(const struct odict *od, const char *key)
{
	const struct odict_entry *e = odict_lookup(od, key);

	return e && e->type == ODICT_STRING ? e->u.str : "";
}


static void destructor(void *arg)
{
	struct transfer *t = arg;

	list_unlink(&t->le);
	mem_deref(t->id);
	mem_deref(t->peer);
}


static struct transfer *transfer_find(const struct pl *id)
{
	struct le *le;

	LIST_FOREACH(&report.transferl, le) {
		struct transfer *t = le->data;

		if (!pl_strcmp(id, t->id))
			return t;
	}

	return NULL;
}


/* Its first event has the call that it was asked for in; at the last one that
   call may be gone */
static struct transfer *transfer_add(const struct pl *id, const char *peer)
{
	struct transfer *t = mem_zalloc(sizeof(*t), destructor);

	if (!t)
		return NULL;

	if (pl_strdup(&t->id, id) || str_dup(&t->peer, peer))
		return mem_deref(t);

	list_append(&report.transferl, &t->le, t);

	return t;
}


/* The text behind a name, up to the next blank, or to an end that is given */
static void field(struct pl *pl, const char *prm, const char *name,
		  const char *end)
{
	const char *p = strstr(prm, name), *e;

	*pl = pl_null;
	if (p) {
		pl->p = p + strlen(name);
		e     = strstr(pl->p, end);
		pl->l = e ? (size_t)(e - pl->p) : strlen(pl->p);
	}
}


/* "refer,<event>,id=N role=R code=C call=I reason=.. target=URI" */
static void refer_event(const struct odict *od, const char *prm)
{
	struct pl name, id, code, reason, target;
	struct transfer *t;

	field(&name, prm, "refer,", ",");
	field(&id, prm, ",id=", " ");
	field(&code, prm, " code=", " ");
	field(&reason, prm, " reason=", " target=");
	field(&target, prm, " target=", " ");
	t = transfer_find(&id);

	if (!strstr(prm, " role=server "))
		return;

	if (!t)
		t = transfer_add(&id, text(od, "peeruri"));
	if (!t)
		return;

	if (!pl_strcmp(&name, "referEnded")) {
		(void)re_printf("transfer #%s by %s to %r: %r %r\n", t->id,
				t->peer, &target, &code, &reason);
		mem_deref(t);
	}
	else if (!pl_strcmp(&name, "referProgress")) {
		(void)re_printf("transfer #%s: %r %r\n", t->id, &code,
				&reason);
	}
}


static void event(const struct odict *od)
{
	const char *type = text(od, "type"), *prm = text(od, "param");

	if (!strncmp(prm, "refer,", strlen("refer,")))
		refer_event(od, prm);
	else if (!strcmp(type, "CALL_ESTABLISHED"))
		(void)re_printf("call with %s\n", text(od, "peeruri"));
	else if (!strcmp(type, "CALL_CLOSED"))
		(void)re_printf("end of the call with %s: %s\n",
				text(od, "peeruri"), prm);
}


static void frame_handler(const char *json, size_t len)
{
	struct odict *od;

	if (json_decode_odict(&od, 32, json, len, 8))
		return;

	if (odict_lookup(od, "event"))
		event(od);
	else
		(void)re_printf("%s", text(od, "data"));

	mem_deref(od);
}


/* A netstring: "<length>:<text>," */
static bool take_frame(struct mbuf *mb)
{
	char num[NUM_MAX] = "", *colon;
	const size_t left = mbuf_get_left(mb);
	size_t head, len;

	memcpy(num, mbuf_buf(mb), min(left, sizeof(num) - 1));
	len = strtoul(num, &colon, 10);
	head = (size_t)(colon - num) + 1;

	if (*colon != ':' || left < head + len + 1)
		return false;

	frame_handler((char *)mbuf_buf(mb) + head, len);
	mb->pos += head + len + 1;

	return true;
}


static void recv_handler(struct mbuf *mb, void *arg)
{
	const size_t pos = report.mb->pos;
	(void)arg;

	report.mb->pos = report.mb->end;
	(void)mbuf_write_mem(report.mb, mbuf_buf(mb), mbuf_get_left(mb));
	report.mb->pos = pos;

	while (mbuf_get_left(report.mb) && take_frame(report.mb))
		;

	if (!mbuf_get_left(report.mb))
		mbuf_rewind(report.mb);
}


static int command(const char *cmd)
{
	struct mbuf *mb = mbuf_alloc(128);
	struct odict *od = NULL;
	char *json = NULL;
	int err = ENOMEM;

	if (mb && !odict_alloc(&od, 8) &&
	    !odict_entry_add(od, "command", ODICT_STRING, cmd) &&
	    re_sdprintf(&json, "%H", json_encode_odict, od) >= 0 &&
	    !mbuf_printf(mb, "%zu:%s,", str_len(json), json)) {
		mb->pos = 0;
		err = tcp_send(report.tc, mb);
	}

	mem_deref(json);
	mem_deref(od);
	mem_deref(mb);

	return err;
}


static void estab_handler(void *arg)
{
	(void)arg;

	(void)re_printf("connected to %J\n", &report.addr);
	(void)command("referpolicy");
}


static void connect_handler(void *arg);


/* Transfers go on without us: what ends meanwhile is not told */
static void close_handler(int err, void *arg)
{
	(void)arg;

	(void)re_printf("no connection to %J: %m\n", &report.addr,
			err ? err : ECONNRESET);

	report.tc = mem_deref(report.tc);
	mbuf_rewind(report.mb);
	list_flush(&report.transferl);
	tmr_start(&report.tmr, RETRY, connect_handler, NULL);
}


static void connect_handler(void *arg)
{
	int err;
	(void)arg;

	err = tcp_connect(&report.tc, &report.addr, estab_handler,
			  recv_handler, close_handler, NULL);
	if (err)
		close_handler(err, NULL);
}


static void signal_handler(int sig)
{
	(void)sig;

	re_cancel();
}


int main(int argc, char *argv[])
{
	const char *addr = argc > 1 ? argv[1] : "127.0.0.1";
	const uint16_t port = argc > 2 ? (uint16_t)atoi(argv[2]) : PORT;
	int err;

	(void)setvbuf(stdout, NULL, _IOLBF, 0);

	if (sa_set_str(&report.addr, addr, port)) {
		(void)re_fprintf(stderr, "usage: report [ADDRESS [PORT]]\n");
		return 2;
	}

	err = libre_init();
	if (err)
		return 1;

	report.mb = mbuf_alloc(2048);
	tmr_init(&report.tmr);
	connect_handler(NULL);

	if (!report.mb || re_main(signal_handler))
		err = 1;

	tmr_cancel(&report.tmr);
	list_flush(&report.transferl);
	mem_deref(report.tc);
	mem_deref(report.mb);
	libre_close();

	return err;
}
