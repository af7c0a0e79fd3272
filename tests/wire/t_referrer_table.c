/**
 * @file t_referrer_table.c  The ways in which a peer can answer a transfer
 *
 * bob transfers alice. Each row is a script of what she does, and what must
 * come of it: the responses to her NOTIFYs, the events, the outcome, and a
 * call that is either ended on purpose or back in conversation.
 */
#include <string.h>
#include "wire.h"
#include "scene.h"


enum op {
	OP_END,
	OP_RESP,              /* Response to the REFER         */
	OP_NOTIFY,
	OP_BYE,
	OP_SILENCE,           /* Nothing, for longer than 32 s */
};

struct step {
	enum op op;
	uint16_t code;        /* To send, or what a NOTIFY is answered with */
	const char *text;     /* More headers, or Subscription-State        */
	const char *frag;     /* Body of the NOTIFY                         */
	const char *event;    /* Event, default with the right id           */
	const char *type;     /* Content-Type, "" for none                  */
	unsigned more;        /* So often again                             */
	bool old;             /* With a CSeq below the last one             */
};

enum call {
	BACK,                 /* In conversation, as before  */
	ENDED,                /* BYE came                    */
	GONE,                 /* alice has hung up           */
};

struct way {
	const char *name;
	struct step stepv[8];
	const char *event;    /* The one that tells the outcome, or NULL */
	const char *outcome;
	uint16_t code;
	enum call call;
};

#define RESP(c, hdrs) {.op = OP_RESP, .code = c, .text = hdrs}
#define NOTE(c, state, body, ...) {.op = OP_NOTIFY, .code = c, \
	.text = state, .frag = body, ##__VA_ARGS__}
#define OTHER(c, ev, ty, body) \
	NOTE(c, ACTIVE, body, .event = ev, .type = ty)
#define ACTIVE "active;expires=60"
#define NORESOURCE "terminated;reason=noresource"
#define TRYING "SIP/2.0 100 Trying\r\n"
#define RINGING "SIP/2.0 180 Ringing\r\n"
#define OK "SIP/2.0 200 OK\r\n"
#define BUSY "SIP/2.0 486 Busy Here\r\n"
#define SUCCESS "referAccepted", "accepted", 200, ENDED
#define REFUSED(c) {.name = "REFER: " #c, {RESP(c, NULL)}, \
	"referRequestRejected", "refused", c, BACK}


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


static void run_all(const struct way *v, size_t n)
{
	size_t i;

	scene();
	for (i=0; i<n; i++)
		run(&v[i], (unsigned)i + 1);
}


TEST(ways_refused, "Transfer: the REFER is refused, in 20 ways")
{
	static const struct way v[] = {
		REFUSED(300), REFUSED(302), REFUSED(400), REFUSED(401),
		REFUSED(403), REFUSED(404), REFUSED(405), REFUSED(407),
		REFUSED(408), REFUSED(420), REFUSED(429), REFUSED(480),
		REFUSED(481), REFUSED(486), REFUSED(491), REFUSED(500),
		REFUSED(501), REFUSED(503), REFUSED(600), REFUSED(603),
	};

	run_all(v, ARRAY_SIZE(v));
	ROW("C1.ways R16");
}


TEST(ways_result, "Transfer: the result, by the book")
{
	static const struct way v[] = {
	{"100, 180, 200",
	 {RESP(202, NULL), NOTE(200, ACTIVE, TRYING),
	  NOTE(200, ACTIVE, RINGING), NOTE(200, NORESOURCE, OK)}, SUCCESS},
	{"200 to the REFER",
	 {RESP(200, NULL), NOTE(200, NORESOURCE, OK)}, SUCCESS},
	{"204 to the REFER",
	 {RESP(204, NULL), NOTE(200, NORESOURCE, OK)}, SUCCESS},
	{"299 to the REFER",
	 {RESP(299, NULL), NOTE(200, NORESOURCE, OK)}, SUCCESS},
	{"100 to the REFER",
	 {RESP(100, NULL), RESP(202, NULL), NOTE(200, NORESOURCE, OK)},
	 SUCCESS},
	{"202 of the target",
	 {RESP(202, NULL), NOTE(200, NORESOURCE, "SIP/2.0 202 X\r\n")},
	 "referAccepted", "accepted", 202, ENDED},
	{"busy",
	 {RESP(202, NULL), NOTE(200, ACTIVE, TRYING),
	  NOTE(200, NORESOURCE, BUSY)}, "referRejected", "rejected", 486,
	 BACK},
	{"redirected",
	 {RESP(202, NULL), NOTE(200, NORESOURCE, "SIP/2.0 302 Moved\r\n")},
	 "referRejected", "rejected", 302, BACK},
	{"declined by hand",
	 {RESP(202, NULL), NOTE(200, "pending;expires=60", TRYING),
	  NOTE(200, "terminated;reason=rejected", "SIP/2.0 603 No\r\n")},
	 "referRejected", "rejected", 603, BACK},
	{"pending, then accepted",
	 {RESP(202, NULL), NOTE(200, "pending;expires=60", TRYING),
	  NOTE(200, ACTIVE, TRYING), NOTE(200, NORESOURCE, OK)}, SUCCESS},
	{"NOTIFY before the 202",
	 {NOTE(200, ACTIVE, TRYING), RESP(202, NULL),
	  NOTE(200, NORESOURCE, OK)}, SUCCESS},
	{"the last NOTIFY before the 202",
	 {NOTE(200, NORESOURCE, OK), RESP(202, NULL)}, SUCCESS},
	{"refused after a NOTIFY",
	 {NOTE(200, ACTIVE, TRYING), RESP(480, NULL)},
	 "referRequestRejected", "refused", 480, BACK},
	{"NOTIFY after BYE",
	 {RESP(202, NULL), NOTE(200, ACTIVE, TRYING), {.op = OP_BYE},
	  NOTE(200, NORESOURCE, OK)}, "referAccepted", "accepted", 200, GONE},
	{"terminated with 100",
	 {RESP(202, NULL), NOTE(200, NORESOURCE, TRYING)},
	 "failed", "failed", 0, BACK},
	{"terminated without a body",
	 {RESP(202, NULL), NOTE(200, "terminated;reason=timeout", NULL,
				.type = "")}, "failed", "failed", 0, BACK},
	{"Refer-Sub: false",
	 {RESP(202, "Refer-Sub: false\r\n")}, "referRequestAccepted",
	 "unknown", 202, BACK},
	{"Refer-Sub: false, and a NOTIFY",
	 {RESP(200, "Refer-Sub: false\r\n"), NOTE(200, NORESOURCE, OK)},
	 "referRequestAccepted", "unknown", 200, BACK},
	{"expires, and does not answer SUBSCRIBE",
	 {RESP(202, NULL), NOTE(200, "active;expires=1", TRYING)},
	 "referTimeout", "timeout", 0, BACK},
	};

	run_all(v, ARRAY_SIZE(v));
	ROW("C1.ways R07 R10 R14 R24");
}


TEST(ways_broken, "Transfer: peers that break the rules")
{
	static const struct way v[] = {
	{"SIP.js: always terminated, without a reason and an id",
	 {RESP(202, NULL),
	  NOTE(200, "terminated", "SIP/2.0 100 Trying", .event = "refer"),
	  NOTE(200, "terminated", "SIP/2.0 180 Ringing", .event = "refer"),
	  NOTE(200, "terminated", "SIP/2.0 200 OK", .event = "refer")},
	 SUCCESS},
	{"SIP.js: the same, declined",
	 {RESP(202, NULL),
	  NOTE(200, "terminated", "SIP/2.0 100 Trying", .event = "refer"),
	  NOTE(200, "terminated", "SIP/2.0 603 Declined", .event = "refer")},
	 "referRejected", "rejected", 603, BACK},
	{"Linphone: the result is active",
	 {RESP(202, NULL), NOTE(200, ACTIVE, TRYING), NOTE(200, ACTIVE, OK)},
	 SUCCESS},
	{"Linphone: busy is active, terminated comes late",
	 {RESP(202, NULL), NOTE(200, ACTIVE, BUSY),
	  NOTE(200, NORESOURCE, BUSY)}, "referRejected", "rejected", 486,
	 BACK},
	{"Twinkle: older CSeq after its BYE",
	 {RESP(202, NULL), {.op = OP_BYE},
	  NOTE(200, NORESOURCE, OK, .old = true)},
	 "referAccepted", "accepted", 200, GONE},
	{"the id is dropped in the last NOTIFY",
	 {RESP(202, NULL), NOTE(200, ACTIVE, TRYING),
	  NOTE(200, NORESOURCE, OK, .event = "refer")}, SUCCESS},
	{"another id",
	 {RESP(202, NULL), NOTE(200, ACTIVE, TRYING, .event = "refer;id=1x"),
	  NOTE(200, NORESOURCE, OK, .event = "Refer ; x=y; id=999999")},
	 SUCCESS},
	{"LF only",
	 {RESP(202, NULL), NOTE(200, NORESOURCE, "SIP/2.0 200 OK\n\n")},
	 SUCCESS},
	{"no line end",
	 {RESP(202, NULL), NOTE(200, NORESOURCE, "SIP/2.0 200 OK")},
	 SUCCESS},
	{"no reason phrase",
	 {RESP(202, NULL), NOTE(200, NORESOURCE, "SIP/2.0 200")}, SUCCESS},
	{"more headers in the body",
	 {RESP(202, NULL), NOTE(200, NORESOURCE, OK
				"Contact: <sip:carol@127.0.0.3>\r\n"
				"Server: x\r\n\r\n")}, SUCCESS},
	{"no Content-Type",
	 {RESP(202, NULL), NOTE(200, NORESOURCE, OK, .type = "")}, SUCCESS},
	{"unknown reason",
	 {RESP(202, NULL), NOTE(200, "terminated;reason=lunch", TRYING)},
	 "failed", "failed", 0, BACK},
	{"unknown reason, with the result",
	 {RESP(202, NULL), NOTE(200, "terminated;reason=lunch", OK)},
	 SUCCESS},
	{"unknown state",
	 {RESP(202, NULL), NOTE(200, "asleep", TRYING),
	  NOTE(200, NORESOURCE, OK)}, SUCCESS},
	{"a storm",
	 {RESP(202, NULL), NOTE(200, ACTIVE, RINGING, .more = 60),
	  NOTE(200, NORESOURCE, OK)}, SUCCESS},
	{"no body",
	 {RESP(202, NULL), NOTE(400, ACTIVE, NULL, .type = ""),
	  NOTE(200, NORESOURCE, OK)}, SUCCESS},
	{"another type",
	 {RESP(202, NULL), OTHER(415, NULL, "text/plain", OK),
	  NOTE(200, NORESOURCE, BUSY)}, "referRejected", "rejected", 486,
	 BACK},
	{"garbage",
	 {RESP(202, NULL), OTHER(400, NULL, NULL, "SIP/3.0 200 OK\r\n"),
	  OTHER(400, NULL, NULL, "SIP/2.0 999999 OK\r\n"),
	  NOTE(400, ";;;", OK), NOTE(200, NORESOURCE, BUSY)},
	 "referRejected", "rejected", 486, BACK},
	{"another event",
	 {RESP(202, NULL), OTHER(481, "presence", NULL, OK),
	  OTHER(481, "refer-no", NULL, OK), NOTE(200, NORESOURCE, BUSY)},
	 "referRejected", "rejected", 486, BACK},
	};

	run_all(v, ARRAY_SIZE(v));
	ROW("C1.ways C1.tolerant C1.rule-breakers");
}


static void silent(const struct way *w)
{
	scene();
	run(w, 1);
	ROW("C1.ways");
}


TEST(ways_silent, "Transfer: 202 and then silence, 32 s",
     .secs = 36, .limit = 120)
{
	silent(&(const struct way){"202 and silence",
	       {RESP(202, NULL), {.op = OP_SILENCE}},
	       "referTimeout", "timeout", 0, BACK});
	ROW("R09");
}


TEST(ways_no_answer, "Transfer: the REFER is never answered, 32 s",
     .secs = 36, .limit = 120)
{
	silent(&(const struct way){"no answer", {{.op = OP_SILENCE}},
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
	ROW("C1.ways");
}


TEST(ways_bye_silent, "Transfer: BYE and then silence, 32 s",
     .secs = 36, .limit = 120)
{
	silent(&(const struct way){"BYE and silence",
	       {RESP(202, NULL), NOTE(200, ACTIVE, TRYING), {.op = OP_BYE},
		{.op = OP_SILENCE}}, "referTimeout", "timeout", 0, GONE});
}
