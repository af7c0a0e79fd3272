/**
 * @file headers.c  The headers that the module reads, mostly as they should be
 */
#include <string.h>
#include "torture.h"
#include "../odd_headers.h"


#define OFTEN(good, oddv) often(good, oddv, ARRAY_SIZE(oddv))

static const struct header headerv[] = {
	HEADERS_REFER,
	{"Contact", {"<sip:alice@127.0.0.1>", "<sip:x@127.0.0.3:5060>", "*",
		"<sip:x@127.0.0.9:1;transport=tcp>", "<sip:x@no.invalid>",
		"\"<\" <sip:a@127.0.0.1>;q=0.1, <sip:b@127.0.0.3>"}},
	HEADERS_EXPIRES,
	{"Event", {"refer", "refer;id=1", "presence", "dialog", "x;id=\"",
		""}},
	HEADERS_NOTIFY,
	{"Content-Type", {"message/sipfrag;version=2.0", "text/plain",
		"message/sipfrag", "application/sdp", "multipart/mixed", ""}},
	HEADERS_ANY,
	{"Identity", {"x"}},
	HEADERS_DIALOG,
	{"Route", {"<sip:127.0.0.9;lr>", "<sip:127.0.0.2;lr>"}},
	{"Content-Length", {"0", "9999", "-1"}},
	{"CSeq", {"1 REFER", "4294967296 REFER", "7 INVITE"}},
};

static const char *const sipfragv[] = {
	"SIP/2.0 100 Trying\r\n", "SIP/2.0 180 Ringing\r\n",
	"SIP/2.0 200 OK\r\n", "SIP/2.0 486 Busy Here\r\n",
	"SIP/2.0 603 Decline\r\n", "SIP/2.0 302 Moved\r\n",
	"SIP/2.0 503 x\r\nContact: <sip:x@y>\r\n\r\n", "SIP/2.0 200",
	"SIP/2.0 404 Not Found", "SIP/2.0 481 x\n",
};

static const char *const odd_fragv[] = {
	"", "SIP/2.0", "SIP/2.0 99 x", "SIP/2.0 700 x", "SIP/3.0 200 OK",
	"INVITE sip:x SIP/2.0\r\n", "SIP/2.0 20000000000 OK\r\n", "\r\n\r\n",
	"SIP/2.0 200 \xff\x1b[2J\r\n",
};


static const char *line(const char *name, const char *val)
{
	const char *s = F("%s: %s\r\n", name, val);

	if (odds(4))
		return "";

	return odds(4) ? F("%s%s", s, s) : s;
}


static const char *more(void)
{
	const char *s = "";

	while (odds(30)) {
		const struct header *h = &ONE_OF(headerv);
		unsigned n = 0;

		while (n < ARRAY_SIZE(h->valv) && h->valv[n])
			++n;

		s = F("%s%s", s, line(h->name, odds(80) ? h->valv[below(n)] :
				      mutate(h->valv[below(n)], 1024)));
	}

	return s;
}


static const char *escape(const char *s)
{
	const char *res = "";

	for (; *s; s++)
		res = F(strchr(";=@?&% \"<>", *s) ? "%s%%%02X" : "%s%c", res,
			(unsigned char)*s);

	return res;
}


static const char *dialog_of(const struct leg *leg, bool theirs,
			     const char *a, const char *b)
{
	const struct dlg *d = leg->d;
	const char *rtag = d->rtag ? d->rtag : "0";

	return F("%s;%s=%s;%s=%s%s", d->callid, a, theirs ? d->ltag : rtag,
		 b, theirs ? rtag : d->ltag,
		 odds(10) ? ";early-only" : "");
}


/**
 * Get the value of a Replaces header: a call of bob's, as he must be told
 *
 * @return Value
 */
const char *any_replaces(void)
{
	static const char *const oddv[] = {
		"x", "x;to-tag=1", "x;to-tag=0;from-tag=0", ";;;",
		"a;to-tag=b;from-tag=c;to-tag=d",
	};
	const struct leg *leg = leg_any();

	return OFTEN(leg ? dialog_of(leg, odds(10), "to-tag", "from-tag")
		     : oddv[0], oddv);
}


/**
 * Get a URI to be called
 *
 * @return URI
 */
const char *any_uri(void)
{
	static const char *const oddv[] = {
		"sip:nobody@127.0.0.30", "sip:x@no.invalid", "tel:+123",
		"sips:x@127.0.0.3", "http://x", "sip:", "sip:127.0.0.3",
		"sip:x@127.0.0.3;transport=tcp", "sip:x@[::1]",
		"sip:carol@127.0.0.3;method=BYE", "sip:a%20b@127.0.0.3",
		"sip:x:y@127.0.0.3", "sip:bob@127.0.0.2", "carol", "",
		"sip:x@127.0.0.3;maddr=127.0.0.4", "sip:x@127.0.0.3:99999",
	};

	return OFTEN(tt.peerv[below(PEERS)]->uri, oddv);
}


static const char *refer_to(void)
{
	static const char *const formv[] = {
		"<%s>", "<%s>", "<%s>", "\"A B\" <%s>;x=y", "%s", "< %s >",
	};
	const char *uri = any_uri();

	if (odds(25))
		uri = F("%s?Replaces=%s%s", uri, escape(any_replaces()),
			odds(20) ? "&Require=replaces" : "");
	if (odds(8))
		uri = F("%s%cSubject=%s", uri, strchr(uri, '?') ? '&' : '?',
			escape(mutate("hello", 64)));

	switch (below(ARRAY_SIZE(formv))) {

	case 3:  return F("\"A B\" <%s>;x=y", uri);
	case 4:  return uri;
	case 5:  return F("< %s >", uri);
	default: return F("<%s>", uri);
	}
}


/**
 * Get the headers of a REFER
 *
 * @param leg Dialog that it is sent in, or NULL
 *
 * @return Header lines
 */
const char *any_refer(const struct leg *leg)
{
	const char *to = odds(92) ? refer_to() : mutate(refer_to(), 2048);
	const char *s = line(odds(90) ? "Refer-To" : "r", to);

	if (odds(30))
		s = F("%s%s", s, line("Referred-By", "<sip:alice@127.0.0.1>"));
	if (leg && !leg->up && odds(30))
		leg = leg_any();
	if (leg && odds(10))
		s = F("%s%s", s, line("Target-Dialog",
				      dialog_of(leg, odds(50), "local-tag",
						"remote-tag")));
	if (odds(5))
		s = F("%s%s", s, line("Replaces", any_replaces()));

	return F("%s%s", s, more());
}


/**
 * Get the headers and the body of a NOTIFY
 *
 * @param leg Dialog that it is sent in
 * @param id  CSeq of bob's REFER
 *
 * @return Header lines, an empty one, and the body
 */
const char *any_notify(const struct leg *leg, uint32_t id)
{
	static const char *const statev[] = {
		"active;expires=60", "active", "pending;expires=30",
		"terminated;reason=noresource", "terminated",
		"terminated;reason=timeout", "active;expires=1",
	};
	static const char *const odd_statev[] = {
		"", "x", "active;expires=-1", "active;expires=99999999999",
		"terminated;reason=\"\";retry-after=1", ";", "terminated;",
	};
	static const char *const odd_eventv[] = {
		"refer;id=0", "refer;id=4294967296", "presence", "", "refer;",
		"refer;id=\"1\"", "Refer ; Id=1", "refer;id=1;id=2",
	};
	static const char *const odd_typev[] = {
		"message/sipfrag", "text/plain", "", "message/sipfrag;x",
		"Message/SipFrag ; Version=\"2.0\"", "multipart/mixed",
	};
	const char *s, *event = odds(80) ? F("refer;id=%u", id) : "refer";

	(void)leg;

	s = line("Event", OFTEN(event, odd_eventv));
	s = F("%s%s", s, line("Subscription-State",
			      OFTEN(ONE_OF(statev), odd_statev)));
	s = F("%s%s", s, line("Content-Type",
			      OFTEN("message/sipfrag;version=2.0",
				    odd_typev)));

	return F("%s%s\r\n%s", s, more(), OFTEN(ONE_OF(sipfragv), odd_fragv));
}


/**
 * Get the headers of a SUBSCRIBE
 *
 * @param leg Dialog that it is sent in
 *
 * @return Header lines
 */
const char *any_subscribe(const struct leg *leg)
{
	static const char *const expiresv[] = {"60", "0", "1", "5"};
	const uint32_t id = leg->d->lseq - below(3);
	const char *event = odds(60) ? F("refer;id=%u", id) : "refer";

	return F("%s%s%s", line("Event", odds(85) ? event :
				mutate(event, 256)),
		 line("Expires", odds(90) ? ONE_OF(expiresv) :
		      mutate("60", 64)), more());
}


/**
 * Get the headers of a response
 *
 * @param code Its status code
 *
 * @return Header lines
 */
const char *any_answer(uint16_t code)
{
	const char *s = odds(85) ? "" : more();

	if (code / 100 == 3)
		s = F("%s%s", s, line("Contact", F("<%s>;q=0.%u", any_uri(),
						   below(10))));
	if (code == 401 || code == 407)
		s = F("%s%s", s, line(code == 401 ? "WWW-Authenticate"
				      : "Proxy-Authenticate",
				      odds(70) ? "Digest realm=\"x\","
				      " nonce=\"y\"" :
				      mutate("Digest realm=\"x\", nonce=\"y\","
					     " qop=\"auth\"", 512)));
	if (code / 100 == 2 && odds(15))
		s = F("%s%s", s, line("Refer-Sub", odds(50) ? "false"
				      : "true"));
	if (code == 503 || code == 480)
		s = F("%s%s", s, line("Retry-After", "1"));

	return s;
}


/**
 * Get a status code
 *
 * @return Code, from 300 up
 */
uint16_t any_code(void)
{
	static const uint16_t codev[] = {
		300, 301, 302, 305, 400, 401, 403, 404, 405, 406, 407, 408,
		415, 420, 423, 429, 480, 481, 482, 483, 486, 487, 488, 489,
		491, 500, 501, 503, 504, 513, 580, 600, 603, 604, 606, 699,
	};

	return ONE_OF(codev);
}


/**
 * Get a configuration
 *
 * @return Lines; the timers are the shortest that are of use
 */
const char *any_config(void)
{
	static const char *const dialogv[] = {
		"", "refer_policy accept\n", "refer_policy ask\n",
		"refer_policy reject\n",
	};
	static const char *const outsidev[] = {
		"refer_out_of_dialog accept\n", "refer_out_of_dialog ask\n",
		"refer_out_of_dialog accept\nrefer_rate 0\n", "",
	};
	static const char *const morev[] = {
		"refer_replaces ask\n", "refer_follow_redirect yes\n",
		"refer_after_success keep\n", "refer_hold no\n",
		"refer_tel yes\n", "refer_attended_target aor\n",
		"refer_attended_target blind\n", "refer_deny *@127.0.0.9\n",
		"refer_max_calls 0\nrefer_max_depth 0\n",
		"refer_copy_headers Subject\n", "refer_require_replaces yes\n",
		"refer_accept_code 200\n",
		"refer_max_pending 4\n",
	};
	const char *s = F("refer_ring_timeout 10\nrefer_expires 20\n"
			  "refer_ask_timeout 15\nrefer_decide_time 5\n"
			  "refer_old_call_timeout 5\n"
			  "refer_notify_timeout 10\nrefer_history 0\n%s%s",
			  ONE_OF(dialogv), ONE_OF(outsidev));
	size_t i;

	for (i=0; i<ARRAY_SIZE(morev); i++) {
		if (odds(12))
			s = F("%s%s", s, morev[i]);
	}

	return s;
}
