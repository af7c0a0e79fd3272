/**
 * @file t_referrer_table.c  The ways in which a peer can answer a transfer
 *
 * bob transfers alice. She plays the scripts of ways.c; checked are the
 * responses to her NOTIFYs, the events, the outcome, and that the call is
 * either ended on purpose or back in conversation.
 */
#include <string.h>
#include "wire.h"
#include "scene.h"
#include "ways.h"


static void send_notify(const struct step *s, const struct msg *req)
{
	const char *type = s->type ? s->type : "message/sipfrag;version=2.0";
	const char *event = s->event ? s->event
		: F("refer;id=%u", req->sip->cseq.num);
	const char *extra = F("Event: %s\r\n%s%s%s%s%s%s\r\n%s", event,
			      "Subscription-State: ", s->text, "\r\n",
			      *type ? "Content-Type: " : "", type,
			      *type ? "\r\n" : "", s->frag ? s->frag : "");
	struct msg *m;

	if (s->old)
		m = dlg_request_cseq(t.call, "NOTIFY", t.call->lseq - 1,
				     extra);
	else
		m = dlg_request(t.call, "NOTIFY", extra);

	(void)expect_any(t.alice, F("%u NOTIFY ~ CSeq: %u NOTIFY", s->code,
				    m->sip->cseq.num), WAIT);
}


static void play(const struct step *s, struct msg *req)
{
	unsigned i;

	switch (s->op) {

	case OP_RESP:
		peer_reply(t.alice, req, s->code, "As Told", s->text);
		break;

	case OP_NOTIFY:
		for (i=0; i<=s->more; i++)
			send_notify(s, req);
		break;

	case OP_BYE:
		++t.call->lseq;
		hangup(t.call);
		break;

	default:
		break;
	}
}


static void check_call(enum call call)
{
	switch (call) {

	case ENDED:
		peer_reply(t.alice, expect_any(t.alice, "BYE", WAIT), 200,
			   "OK", NULL);
		event(t.bob, "CALL_CLOSED", WAIT);
		t.call = call_in(t.alice, t.bob);
		break;

	case GONE:
		t.call = call_in(t.alice, t.bob);
		break;

	case BACK:
		answer_resume(t.call);
		check_alive(t.call);
		expect_none(t.alice, "BYE", 0);
		break;
	}

	/* and nobody is on hold */
	expect_none(t.alice, "INVITE ~ a=sendonly", 0);
}


static bool is_silent(const struct way *w)
{
	size_t i;

	for (i=0; i<ARRAY_SIZE(w->stepv); i++) {
		if (w->stepv[i].op == OP_SILENCE)
			return true;
	}

	return false;
}


static void run(const struct way *w, unsigned id)
{
	const uint32_t ms = is_silent(w) ? 50000 : WAIT;
	struct msg *req;
	const char *code;
	size_t i;

	ladder_note("bob", w->name);
	req = transfer(t.carol->uri);

	for (i=0; i<ARRAY_SIZE(w->stepv); i++)
		play(&w->stepv[i], req);

	code = w->code ? F(" code=%u", w->code) : "";
	if (w->event)
		event(t.bob, F("? ~ refer,%s,id=%u role=client%s ", w->event,
			       id, code), ms);
	event(t.bob, F("? ~ refer,referEnded,id=%u role=client%s outcome=%s ",
		       id, code, w->outcome), ms);

	check_call(w->call);
	EQ_INT(1, event_count(t.bob, F("? ~ refer,referEnded,id=%u ", id)));
	EQ_STR("refer: no transfers\n", ctrl(t.bob, "referlist", NULL).data);
	peer_flush(t.alice);
}


static void run_all(const struct way *v)
{
	unsigned i;

	scene();
	for (i=0; v[i].name; i++)
		run(&v[i], i + 1);
}


TEST(ways_refused, "Transfer: the REFER is refused, in 20 ways")
{
	run_all(ways_refused);
	ROW("transfer.ways R16");
}


TEST(ways_result, "Transfer: the result, by the book")
{
	run_all(ways_result);
	ROW("transfer.ways R07 R10 R14 R24");
}


TEST(ways_broken, "Transfer: peers that break the rules")
{
	run_all(ways_broken);
	ROW("transfer.ways transfer.tolerant transfer.rule-breakers");
}


static void run_one(const struct way *w)
{
	scene();
	run(w, 1);
	ROW("transfer.ways");
}


TEST(ways_not_refreshed, "Transfer: 1 s to live, and no answer to SUBSCRIBE")
{
	run_one(&(const struct way){"expires",
		{RESP(202, NULL), NOTE(200, "active;expires=1", TRYING)},
		"referTimeout", "timeout", 0, BACK});
}


TEST(ways_silent, "Transfer: 202 and then silence, 32 s",
     .secs = 36, .limit = 120)
{
	run_one(&(const struct way){"202 and silence",
	       {RESP(202, NULL), {.op = OP_SILENCE}},
	       "referTimeout", "timeout", 0, BACK});
	ROW("R09");
}


TEST(ways_no_answer, "Transfer: the REFER is never answered, 32 s",
     .secs = 36, .limit = 120)
{
	run_one(&(const struct way){"no answer", {{.op = OP_SILENCE}},
	       "failed", "failed", 408, BACK});
}


TEST(ways_answer_lost, "Transfer: no answer, but a NOTIFY has come, 32 s",
     .secs = 40, .limit = 120)
{
	struct msg *req;

	scene();
	req = transfer(t.carol->uri);
	send_notify(&(struct step)NOTE(200, ACTIVE, TRYING), req);
	event(t.bob, "? ~ refer,referRequestAccepted,id=1", 50000);
	send_notify(&(struct step)NOTE(200, NORESOURCE, OK), req);
	event(t.bob, "? ~ refer,referEnded,id=1 role=client code=200"
	      " outcome=accepted", WAIT);
	check_call(ENDED);
	ROW("transfer.ways");
}


TEST(ways_bye_silent, "Transfer: BYE and then silence, 32 s",
     .secs = 36, .limit = 120)
{
	run_one(&(const struct way){"BYE and silence",
	       {RESP(202, NULL), NOTE(200, ACTIVE, TRYING), {.op = OP_BYE},
		{.op = OP_SILENCE}}, "referTimeout", "timeout", 0, GONE});
}
