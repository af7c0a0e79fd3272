/**
 * @file t_messages.c  Torture messages in the manner of RFC 4475 and RFC 5118,
 * turned into REFER
 *
 * Data: what is odd about the message, and the answer; 0 is none, as libre
 * drops what it cannot read. It also reads some that it need not: too large a
 * number, a Request-URI in <>. Each is sent out of a dialog, which is
 * allowed. An OPTIONS behind it shows that bob lives, and has had time.
 */
#include <string.h>
#include "wire.h"
#include "scene.h"


/** A REFER; what is NULL is as it should be */
struct message {
	const char *name;     /**< As in the RFC, where it is from one      */
	uint16_t code;        /**< The answer                               */
	const char *start;    /**< Start line                               */
	const char *via;
	const char *from;     /**< "" for none, as all that follow          */
	const char *to;
	const char *cseq;
	const char *refer_to;
	const char *more;     /**< More lines                               */
	const char *length;
	const char *body;
};

#define CAROL "Refer-To: <sip:carol@127.0.0.3>\r\n"
#define BOB "sip:bob@127.0.0.2"
#define FILL "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define LONG FILL FILL FILL FILL FILL FILL FILL FILL

static const struct message messagev[] = {
	{"valid", 202, .more = ""},

	/* RFC 4475 section 3.1.1: valid */
	{"wsinv: folds", 202, .refer_to = "Refer-To:\r\n <sip:carol@"
	 "127.0.0.3>\r\n ;x\r\n\t=\r\n y\r\n"},
	{"wsinv: compact form", 202, .refer_to = "r: sip:carol@127.0.0.3\r\n"},
	{"wsinv: case", 202, .refer_to = "rEFER-tO : <SIP:carol@127.0.0.3>"
	 "\r\n"},
	{"wsinv: blanks before the colon", 202, .refer_to =
	 "Refer-To   :   <sip:carol@127.0.0.3>\r\n"},
	{"esc01: escapes in the target", 202, .refer_to =
	 "Refer-To: <sip:sips%3Auser%40example.com@127.0.0.3>\r\n"},
	{"escnull: NUL in the user part", 400, .refer_to =
	 "Refer-To: <sip:null-%00-null@127.0.0.3>\r\n"},
	{"esc02: a % that is no escape", 202, .more =
	 "Subject: 100%\r\nX-%: %Z%45\r\n"},
	{"lwsdisp: no blank behind the name", 202, .refer_to =
	 "Refer-To: carol<sip:carol@127.0.0.3>\r\n"},
	{"longreq: a long name", 202, .refer_to =
	 "Refer-To: \"" LONG "\" <sip:carol@127.0.0.3>\r\n"},
	{"longreq: a long header", 202, .more = "X-Long: " LONG "\r\n"},
	{"dblreq: more behind the body", 202, .length = "Content-Length: 0",
	 .body = "REFER " BOB " SIP/2.0\r\n\r\n"},
	{"semiuri: semicolons in the user part", 202, .refer_to =
	 "Refer-To: <sip:carol;par=u%40example.net@127.0.0.3>\r\n"},
	{"transports: more Vias", 202, .more =
	 "Via: SIP/2.0/SCTP s1.example.com;branch=z9hG4bKa\r\n"
	 "Via: SIP/2.0/UNKNOWN s2.example.com;branch=z9hG4bKb\r\n"},
	{"mpart01: a body of several parts", 202, .more =
	 "Content-Type: multipart/mixed;boundary=7a\r\n",
	 .length = "Content-Length: 12", .body = "--7a\r\n\r\n--7a"},

	/* 3.1.2: invalid */
	{"badinv01: separators in Refer-To", 400, .refer_to =
	 "Refer-To: <sip:carol@127.0.0.3>;;,;,,\r\n"},
	{"clerr: Content-Length too large", 202, .length =
	 "Content-Length: 9999"},
	{"ncl: Content-Length negative", 202, .length =
	 "Content-Length: -999"},
	{"scalar02: CSeq too large", 202, .cseq =
	 "CSeq: 36893488147419103232 REFER\r\n"},
	{"scalar02: Expires too large", 202, .more =
	 "Expires: 10000000000000000000000000000\r\n"},
	{"quotbal: To", 202, .to = "To: \"Mr. Bob <" BOB ">\r\n"},
	{"quotbal: Refer-To", 400, .refer_to =
	 "Refer-To: \"Carol <sip:carol@127.0.0.3>\r\n"},
	{"quotbal: Referred-By", 202, .more =
	 "Referred-By: \"Alice <sip:alice@127.0.0.1>\r\n"},
	{"ltgtruri: <> around the Request-URI", 202, .start =
	 "REFER <" BOB "> SIP/2.0\r\n"},
	{"lwsruri: a blank in the Request-URI", 0, .start =
	 "REFER " BOB "; lr SIP/2.0\r\n"},
	{"lwsstart: blanks in the start line", 0, .start =
	 "REFER  " BOB "  SIP/2.0\r\n"},
	{"trws: blanks behind the start line", 0, .start =
	 "REFER " BOB " SIP/2.0  \r\n"},
	{"escruri: headers in the Request-URI", 202, .start =
	 "REFER " BOB "?Route=%3Csip:example.com%3E SIP/2.0\r\n"},
	{"badaspec: blanks in a URI", 400, .refer_to =
	 "Refer-To: < sip:carol@127.0.0.3 >\r\n"},
	{"badaspec: a header without <>", 202, .refer_to =
	 "Refer-To: sip:carol@127.0.0.3?Route=a\r\n"},
	{"baddn: a name that is no token", 400, .refer_to =
	 "Refer-To: Carol, the one <sip:carol@127.0.0.3>\r\n"},
	{"badvers: SIP/7.0", 0, .start = "REFER " BOB " SIP/7.0\r\n"},
	{"mismatch01: CSeq has another method", 400, .cseq =
	 "CSeq: 8 INVITE\r\n"},

	/* 3.2 and 3.3 */
	{"badbranch: the cookie only", 202, .via =
	 "Via: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK\r\n"},
	{"insuf: no From", 400, .from = ""},
	{"insuf: no To", 400, .to = ""},
	{"insuf: no CSeq", 400, .cseq = ""},
	{"insuf: no Refer-To", 400, .refer_to = ""},
	{"insuf: an empty Refer-To", 400, .refer_to = "Refer-To: \r\n"},
	{"unkscm: Request-URI of another scheme", 404, .start =
	 "REFER nobodyKnowsThisScheme:totallyopaquecontent SIP/2.0\r\n"},
	{"unksm2: target of another scheme", 416, .refer_to =
	 "Refer-To: <isbn:2983792873>\r\n"},
	{"unksm2: From of another scheme", 0, .from =
	 "From: <http://www.example.com>;tag=1\r\n"},
	{"novelsc: target with http", 416, .refer_to =
	 "Refer-To: <http://127.0.0.3/>\r\n"},
	{"bext01: an extension is required", 420, .more =
	 "Require: nothingSupportsThis, nothingSupportsThisEither\r\n"},
	{"invut: an unknown Content-Type", 202, .more =
	 "Content-Type: application/unknownformat\r\n",
	 .length = "Content-Length: 5", .body = "<a/>\n"},
	{"multi01: two Refer-To", 400, .more = CAROL},
	{"multi01: two Refer-To in one", 400, .refer_to =
	 "Refer-To: <sip:carol@127.0.0.3>, <sip:dave@127.0.0.4>\r\n"},
	{"multi01: two Referred-By", 400, .more =
	 "Referred-By: <sip:a@b>\r\nReferred-By: <sip:c@d>\r\n"},
	{"multi01: two CSeq", 400, .more = "CSeq: 5 INVITE\r\n"},
	{"mcl01: two Content-Length", 202, .more = "Content-Length: 7\r\n"},
	{"zeromf: Max-Forwards 0", 202, .more = "Max-Forwards: 0\r\n"},
	{"cparam: unknown parameters", 202, .refer_to =
	 "Refer-To: <sip:carol@127.0.0.3;unknownparam>;x=\"y;z\"\r\n"},
	{"regescrt: a route in the target", 202, .refer_to =
	 "Refer-To: <sip:carol@127.0.0.3?Route=%3Csip:a@b%3E>\r\n"},
	{"regescrt: a line end in the target", 400, .refer_to =
	 "Refer-To: <sip:carol@127.0.0.3?Subject=a%0d%0aX-Evil:%20b>\r\n"},
	{"inv2543: no branch", 0, .via = "Via: SIP/2.0/UDP 127.0.0.1\r\n"},
	{"inv2543: no tag", 400, .from = "From: <sip:alice@127.0.0.1>\r\n"},

	/* RFC 5118: IPv6 */
	{"4.1: IPv6 in the target", 202, .refer_to =
	 "Refer-To: <sip:carol@[2001:db8::10]>\r\n"},
	{"4.2: without brackets", 400, .refer_to =
	 "Refer-To: <sip:carol@2001:db8::10>\r\n"},
	{"4.3: a port that could be of the address", 202, .refer_to =
	 "Refer-To: <sip:carol@[2001:db8::10:5070]>\r\n"},
	{"4.4: a port behind the brackets", 202, .refer_to =
	 "Refer-To: <sip:carol@[2001:db8::10]:5070>\r\n"},
	{"4.5: received without brackets", 202, .via =
	 "Via: SIP/2.0/UDP 127.0.0.1;received=2001:db8::9:255;"
	 "branch=z9hG4bKas3\r\n"},
	{"4.8: IPv4 in IPv6", 202, .refer_to =
	 "Refer-To: <sip:carol@[::ffff:192.0.2.10]>\r\n"},
	{"4.10: three colons", 400, .refer_to =
	 "Refer-To: <sip:carol@[2001:db8:::192.0.2.1]>\r\n"},
};

static struct peer *alice;
static struct dlg *ping;


static const char *or(const char *s, const char *usual)
{
	return s ? s : usual;
}


static const char *print(const struct message *m, const char *id)
{
	const char *via = or(m->via, F("Via: SIP/2.0/UDP 127.0.0.1;"
				       "branch=z9hG4bK%s;rport\r\n", id));

	return F("%s%s%s%sCall-ID: %s\r\n%s%s"
		 "Contact: <sip:alice@127.0.0.1>\r\n%s%s\r\n\r\n%s",
		 or(m->start, "REFER " BOB " SIP/2.0\r\n"), via,
		 or(m->from, F("From: <sip:alice@127.0.0.1>;tag=%s\r\n", id)),
		 or(m->to, "To: <" BOB ">\r\n"), id,
		 or(m->cseq, "CSeq: 8 REFER\r\n"), or(m->refer_to, CAROL),
		 or(m->more, ""), or(m->length, "Content-Length: 0"),
		 or(m->body, ""));
}


static uint16_t answer_of(const char *id)
{
	struct le *le;

	for (le = alice->all.head; le; le = le->next) {

		const struct msg *m = le->data;

		if (!m->sip->req && !pl_strcmp(&m->sip->callid, id) &&
		    scode(m) >= 200)
			return scode(m);
	}

	return 0;
}


TEST(messages, "Torture messages as of RFC 4475 and RFC 5118 as REFER",
     .secs = 10)
{
	const char *wrong = "";
	size_t i;

	t.bob = sut_start("bob", .config = "refer_out_of_dialog accept\n"
			  "refer_rate 0\nrefer_max_calls 0\n"
			  "refer_max_pending 0\nrefer_max_pending_peer 0\n"
			  "refer_ring_timeout 1\n");
	alice = peer_new("alice");
	(void)peer_new("carol");
	ping = dlg_new(alice, t.bob->uri);
	peers_polite();

	for (i=0; i<ARRAY_SIZE(messagev); i++) {

		const struct message *m = &messagev[i];
		const char *id = random_id();
		uint16_t code;

		ladder_note("alice", F("== %s", m->name));
		(void)peer_send(alice, &t.bob->addr, print(m, id));
		(void)dlg_request(ping, "OPTIONS", NULL);
		(void)expect_any(alice, F("200 OPTIONS ~ CSeq: %u ",
					  ping->lseq), WAIT);
		code = answer_of(id);
		if (code != m->code)
			wrong = F("%s%s: %u instead of %u\n", wrong, m->name,
				  code, m->code);
	}

	EQ_STR("", wrong);
	ROW("refer.torture");
}
