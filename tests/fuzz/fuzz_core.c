/**
 * @file fuzz_core.c  Any conversation with the protocol core
 *
 * Alice and carol, peers, and bob with the core, on the softphone of the unit
 * tests. The first bytes of the input are the settings; then each byte is
 * something that happens, and those behind it say how. Time is moved and not
 * waited for. At the end all are polite, time passes, and nothing is left.
 */
#include "core.h"
#include "config/settings.h"
#include "core/call_watch.h"
#include "core/invite.h"
#include "referee/referee.h"
#include "referrer/client.h"
#include "referrer/consult.h"
#include "referrer/subscription.h"


enum {
	OPS_MAX  = 48,
	IDS_MAX  = 512,
	SLICE    = 11000,      /* Between two looks at the end [ms]       */
	SLICES   = 60,         /* All timers of a transfer in a row       */
};

static struct {
	bool begun;
	bool ended;
} idv[IDS_MAX];


/* An id has one end, and nothing after it but what is late */
static void event_handler(const char *prm)
{
	const char *id = strstr(prm, ",id=");
	const bool late = !strncmp(prm, "refer,referLate", 15);
	const unsigned n = id ? (unsigned)atoi(id + 4) : 0;
	const char *c;

	for (c=prm; *c; ++c)
		PROPERTY((unsigned char)*c >= ' ' && *c != 0x7f);

	PROPERTY(!strncmp(prm, "refer,", 6));
	if (!n || n >= IDS_MAX)
		return;

	PROPERTY(late || !idv[n].ended);
	idv[n].begun = true;
	if (!strncmp(prm, "refer,referEnded", 16))
		idv[n].ended = true;
}


static unsigned id_open(void)
{
	unsigned i;

	for (i=0; i<IDS_MAX; ++i) {
		if (idv[i].begun && !idv[i].ended)
			return i;
	}

	return 0;
}


/* Two bytes of it; the timers are as short as they are of use */
static void settings_choose(struct settings *set, struct play *p)
{
	const unsigned a = take(p), b = take(p);

	settings_init(set);
	set->policy          = (a & 3) % 3;
	set->out_of_dialog   = (a >> 2 & 3) % 3;
	set->replaces        = a & 16 ? POLICY_ASK : POLICY_ACCEPT;
	set->follow_redirect = a >> 5 & 1;
	set->keep            = a >> 6 & 1;
	set->hold            = !(a >> 7 & 1);
	set->attended_target = b & 3;
	set->tel             = b & 4 ? TEL_YES : TEL_AUTO;
	set->require_replaces = b >> 3 & 1;
	set->accept_code     = b & 16 ? 200 : 202;
	set->rate            = b & 32 ? 2 : 0;
	set->max_pending     = b & 64 ? 2 : 0;
	set->auth            = b >> 7 & 1;
	set->ring_timeout     = 10;
	set->expires          = 20;
	set->ask_timeout      = 15;
	set->decide_time      = 5;
	set->old_call_timeout = 5;
	set->notify_timeout   = 10;
	str_ncpy(set->copy_headers, "Subject", sizeof(set->copy_headers));
}


static bool any(struct le *le, void *arg)
{
	(void)le;
	(void)arg;

	return true;
}


static int count_handler(const struct refer_transfer *t, void *arg)
{
	unsigned *np = arg;
	(void)t;

	++*np;

	return 0;
}


/* Returns what is under way, or NULL */
static const char *under_way(const struct refer *r)
{
	unsigned n = 0;

	if (refer_apply(r, REFER_UNDER_WAY, count_handler, &n) || n)
		return "transfers";
	if (id_open())
		return "an id that has not ended";
	if (hash_apply(r->notifiers->ht, any, NULL))
		return "a notifier";
	if (hash_apply(r->subscribers->ht, any, NULL))
		return "a subscriber";
	if (hash_apply(r->invites->ht, any, NULL))
		return "an INVITE";
	if (list_count(&r->invites->idle))
		return "an idle INVITE";
	if (list_count(&r->clients->latel))
		return "a late listener";

	return NULL;
}


static void check_over(const struct play *p)
{
	const struct refer *r = p->bob->refer;
	const char *left = under_way(r);
	struct le *le;

	if (left)
		(void)fprintf(stderr, "left: %s\n", left);

	PROPERTY(!left);
	PROPERTY(!list_count(&r->clients->l));
	PROPERTY(!consult_id(r->consults));
	old_calls_flush(r->old_calls);
	PROPERTY(!watch_count(r));

	LIST_FOREACH(&p->bob->calll, le) {
		const struct call *call = le->data;

		PROPERTY(!call->held);
	}
}


/* All that is under way comes to its end */
static void finish(struct play *p)
{
	unsigned i;

	for (i=0; i<CLIENTS; ++i)
		p->clientv[i] = mem_deref(p->clientv[i]);

	for (i=0; i<SLICES; ++i) {
		be_polite(p);

		/* a consultation has no end of its own */
		if (p->bob->refer)
			(void)consult_abort(p->bob->refer->consults,
					    "given up");

		run_idle();
		if (!p->bob->refer || (i >= 3 && !under_way(p->bob->refer)))
			break;
		clock_forward(SLICE);
	}

	if (p->bob->refer)
		check_over(p);
}


/* What nobody wants; libre would print a line about each */
static bool rest_handler(const struct sip_msg *msg, void *arg)
{
	if (msg->req && pl_strcmp(&msg->met, "ACK"))
		(void)sip_reply(arg, msg, 501, "Not Implemented");

	return true;
}


static void listen_last(struct sip_lsnr **lsnrv, const struct ua *ua)
{
	unsigned i;

	for (i=0; i<2; ++i)
		PROPERTY(!sip_listen(&lsnrv[i], ua->sip, i, rest_handler,
				     ua->sip));
}


/* All that libre keeps goes as well */
static void leave(struct play *p)
{
	unsigned i;

	refer_stop(p->bob);
	PROPERTY(!id_open());

	list_flush(&p->bob->calll);
	for (i=0; i<PEERS; ++i)
		list_flush(&p->peerv[i]->calll);

	for (i=0; i<3; ++i) {
		run_idle();
		clock_forward(33000);
	}
	run_idle();

	for (i=0; i<ARRAY_SIZE(p->lsnrv); ++i)
		mem_deref(p->lsnrv[i]);

	event_act = NULL;
	PROPERTY(!fake_close(NULL));
	text_clear();
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct play p = {.p = data, .n = size};
	struct settings set;
	unsigned i, calls;

	PROPERTY(!fake_init(NULL));
	clock_stop(true);
	memset(idv, 0, sizeof(idv));
	event_act = event_handler;

	settings_choose(&set, &p);
	p.bob      = softphone_set("bob", &set);
	p.peerv[0] = peer("alice");
	p.peerv[1] = peer("carol");

	listen_last(&p.lsnrv[0], p.bob);
	listen_last(&p.lsnrv[2], p.peerv[0]);
	listen_last(&p.lsnrv[4], p.peerv[1]);

	calls = take(&p);
	p.bob->late_callid = (calls & 56) == 56;
	if (!(calls & 1))
		(void)call_place(p.peerv[0], p.bob);
	if (calls & 2)
		(void)call_place(p.bob, p.peerv[1]);
	if (calls & 4)
		(void)call_place(p.peerv[1], p.bob);
	run_idle();

	for (i=0; i<OPS_MAX && p.n; ++i) {
		op_do(&p);
		run_idle();
		if (!p.bob->refer)
			PROPERTY(!id_open());
	}

	finish(&p);
	leave(&p);

	return 0;
}


int LLVMFuzzerInitialize(int *argc, char ***argv);

/* A failed assertion of the softphone is found as one of ours is */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;

	return setenv("CMOCKA_TEST_ABORT", "1", 1);
}
