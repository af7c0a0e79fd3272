/**
 * @file core_text.c  What is in the messages of fuzz_core
 *
 * Values come from tables, which have odd ones too, or raw from the input.
 */
#include "core.h"
#include "../odd_headers.h"


enum {
	ROOM    = 1 << 18,     /* For all texts of a conversation */
	RAW_MAX = 64,
};

static struct {
	char buf[ROOM];
	size_t len;
} room;

static const struct header headerv[] = {
	HEADERS_REFER,
	{"Contact", {"<sip:alice@127.0.0.1>", "<sip:x@127.0.0.1:9>", "*",
		"<sip:x@127.0.0.1:1;transport=tcp>", "<sip:x@no.invalid>",
		"\"<\" <sip:a@127.0.0.1>;q=0.1, <sip:b@127.0.0.1>"}},
	HEADERS_EXPIRES,
	{"Event", {"refer", "refer;id=1", "presence", "x;id=\"", ""}},
	HEADERS_NOTIFY,
	{"Content-Type", {"message/sipfrag;version=2.0", "text/plain",
		"multipart/mixed;boundary=x", "application/sdp", ""}},
	HEADERS_ANY,
	HEADERS_DIALOG,
	{"Route", {"<sip:127.0.0.1;lr>", "<sip:x>"}},
	{"Record-Route", {"<sip:127.0.0.1:9;lr>", "x"}},
};


/**
 * Take a byte of the input
 *
 * @param p Conversation
 *
 * @return Byte; 0 at its end
 */
uint8_t take(struct play *p)
{
	if (!p->n)
		return 0;

	--p->n;

	return *p->p++;
}


/**
 * Take a number of the input
 *
 * @param p Conversation
 * @param n Its limit
 *
 * @return Number, less than that
 */
unsigned below(struct play *p, unsigned n)
{
	return take(p) % n;
}


/**
 * Take a decision of the input; 0, as at the end of it, is no
 *
 * @param p       Conversation
 * @param percent How many of the values of a byte are yes
 *
 * @return True for yes
 */
bool odds(struct play *p, unsigned percent)
{
	return take(p) * 100u >= 25600 - percent * 256;
}


/**
 * Format a text, which is kept until the end of the conversation
 *
 * @param fmt Format
 *
 * @return Text; empty if there is no more room
 */
const char *text(const char *fmt, ...)
{
	char *s = &room.buf[room.len];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = re_vsnprintf(s, ROOM - room.len, fmt, ap);
	va_end(ap);

	if (n < 0 || room.len + (size_t)n + 1 >= ROOM)
		return "";

	room.len += (size_t)n + 1;

	return s;
}


/** Forget all texts */
void text_clear(void)
{
	room.len = 0;
}


/* So long as the first byte says. Each ends its line, or it would end the
   header, which is another fuzzer's */
static const char *raw(struct play *p)
{
	size_t i, n = below(p, RAW_MAX);
	char buf[RAW_MAX];

	for (i=0; i<n; ++i) {
		buf[i] = (char)take(p);
		if (!buf[i] || buf[i] == '\r' || buf[i] == '\n')
			buf[i] = ' ';
	}

	return text("%b", buf, n);
}


static const char *or_raw(struct play *p, const char *val)
{
	return odds(p, 10) ? raw(p) : val;
}


static const char *line(struct play *p, const char *name, const char *val)
{
	const unsigned how = take(p);

	if (how >= 250)
		return "";

	val = how >= 230 ? raw(p) : val;

	return how >= 220 && how < 230 ?
		text("%s: %s\r\n%s: %s\r\n", name, val, name, val) :
		text("%s: %s\r\n", name, val);
}


static const char *more(struct play *p)
{
	const char *s = "";

	while (odds(p, 30)) {
		const struct header *h = &ONE_OF(p, headerv);
		unsigned n = 0;

		while (n < ARRAY_SIZE(h->valv) && h->valv[n])
			++n;

		s = text("%s%s", s, line(p, h->name, h->valv[below(p, n)]));
	}

	return s;
}


static const char *escape(const char *s)
{
	char buf[1024];
	size_t n = 0;

	for (; *s && n + 4 < sizeof(buf); ++s)
		n += (size_t)re_snprintf(&buf[n], sizeof(buf) - n,
					 strchr(";=@?&% \"<>:", *s) ?
					 "%%%02X" : "%c", (unsigned char)*s);

	return text("%b", buf, n);
}


/* A response to an INVITE that came to bob or went out, or NULL */
static const struct wire *any_dialog(struct play *p)
{
	const struct wire *w = NULL;
	unsigned n = 1 + below(p, 8);
	struct le *le;

	for (le = p->bob->wirel.tail; le && n; le = le->prev) {

		const struct wire *r = le->data;

		if (r->msg->req || pl_strcmp(&r->msg->cseq.met, "INVITE") ||
		    !pl_isset(&r->msg->to.tag))
			continue;

		w = r;
		--n;
	}

	return w;
}


static const char *dialog_of(struct play *p, const char *ours,
			     const char *theirs)
{
	const struct wire *w = any_dialog(p);
	bool swap = odds(p, 30);

	if (!w)
		return text("x;%s=1;%s=2", ours, theirs);

	/* of the response that bob has sent, To is he */
	swap ^= !w->tx;

	return text("%r;%s=%r;%s=%r%s", &w->msg->callid,
		    ours, swap ? &w->msg->from.tag : &w->msg->to.tag,
		    theirs, swap ? &w->msg->to.tag : &w->msg->from.tag,
		    odds(p, 10) ? ";early-only" : "");
}


/**
 * Get the value of a Replaces header: a call of bob's, mostly
 *
 * @param p Conversation
 *
 * @return Value
 */
const char *any_replaces(struct play *p)
{
	static const char *const oddv[] = {
		"x", "x;to-tag=1", "x;to-tag=0;from-tag=0", ";;;",
		"a;to-tag=b;from-tag=c;to-tag=d",
	};

	if (odds(p, 10))
		return or_raw(p, ONE_OF(p, oddv));

	return dialog_of(p, "to-tag", "from-tag");
}


/**
 * Get a URI to be called
 *
 * @param p Conversation
 *
 * @return URI
 */
const char *any_uri(struct play *p)
{
	static const char *const oddv[] = {
		"sip:nobody@127.0.0.1:9", "sip:x@no.invalid", "tel:+123",
		"sips:x@127.0.0.1", "http://x", "sip:", "sip:127.0.0.1",
		"sip:x@127.0.0.1;transport=tcp", "sip:x@[::1]",
		"sip:carol@127.0.0.1;method=BYE", "sip:a%20b@127.0.0.1",
		"sip:x:y@127.0.0.1", "carol", "", "sip:x@127.0.0.1:99999",
		"sip:x@127.0.0.1;maddr=127.0.0.1",
	};

	switch (below(p, 8)) {

	case 5:  return p->peerv[0]->aor;
	case 6:  return p->bob->aor;
	case 7:  return or_raw(p, ONE_OF(p, oddv));
	default: return p->peerv[1]->aor;
	}
}


static const char *refer_to(struct play *p)
{
	const char *uri = any_uri(p);

	if (odds(p, 25))
		uri = text("%s?Replaces=%s", uri, escape(any_replaces(p)));
	if (odds(p, 5))
		uri = text("%s%cRequire=replaces", uri,
			   strchr(uri, '?') ? '&' : '?');
	if (odds(p, 8))
		uri = text("%s%cSubject=%s", uri, strchr(uri, '?') ? '&' : '?',
			   escape(raw(p)));

	switch (below(p, 12)) {

	case 9:  return text("\"A B\" <%s>;x=y", uri);
	case 10: return uri;
	case 11: return text("< %s >", uri);
	default: return text("<%s>", uri);
	}
}


/**
 * Get the headers of a REFER, and its end
 *
 * @param p Conversation
 *
 * @return Header lines, and an empty one
 */
const char *any_refer(struct play *p)
{
	const char *s = refer_to(p);

	s = line(p, odds(p, 10) ? "r" : "Refer-To", s);
	if (odds(p, 30))
		s = text("%s%s", s, line(p, "Referred-By",
					 "<sip:alice@127.0.0.1>"));
	if (odds(p, 15))
		s = text("%s%s", s, line(p, "Target-Dialog",
			 dialog_of(p, "remote-tag", "local-tag")));
	if (odds(p, 5))
		s = text("%s%s", s, line(p, "Replaces", any_replaces(p)));

	return text("%s%sContent-Length: 0\r\n\r\n", s, more(p));
}


/* CSeq of one of bob's last REFERs */
static uint32_t refer_id(struct play *p)
{
	const struct wire *w;
	unsigned n;

	n = wire_count(p->bob, true, "REFER");
	if (!n)
		return below(p, 4);

	w = wire_find(p->bob, true, "REFER", n - 1 - below(p, n));

	return w->msg->cseq.num;
}


/**
 * Get the headers and the body of a NOTIFY
 *
 * @param p Conversation
 *
 * @return Header lines, an empty one, and the body
 */
const char *any_notify(struct play *p)
{
	static const char *const fragv[] = {
		"SIP/2.0 100 Trying\r\n", "SIP/2.0 180 Ringing\r\n",
		"SIP/2.0 200 OK\r\n", "SIP/2.0 486 Busy Here\r\n",
		"SIP/2.0 503 x\r\nContact: <sip:x@y>\r\n\r\n", "SIP/2.0 200",
		"SIP/2.0 603 Decline\r\n", "SIP/2.0 481 x\n",
		"", "SIP/2.0", "SIP/2.0 99 x", "SIP/2.0 700 x",
		"SIP/3.0 200 OK", "INVITE sip:x SIP/2.0\r\n",
		"SIP/2.0 20000000000 OK\r\n", "\r\n\r\n",
	};
	static const char *const statev[] = {
		"active;expires=60", "terminated;reason=noresource",
		"active", "pending;expires=30", "terminated",
		"terminated;reason=timeout", "active;expires=1",
		"", "x", "active;expires=-1", "active;expires=99999999999",
		"terminated;reason=\"\";retry-after=1", ";", "terminated;",
	};
	static const char *const eventv[] = {
		"refer", "refer;id=0", "refer;id=4294967296", "presence", "",
		"refer;", "refer;id=\"1\"", "Refer ; Id=1",
		"refer;id=1;id=2",
	};
	const char *event = odds(p, 25) ? ONE_OF(p, eventv) :
		text("refer;id=%u", refer_id(p));
	const char *frag = or_raw(p, ONE_OF(p, fragv));
	const char *s;

	s = line(p, "Event", event);
	s = text("%s%s", s, line(p, "Subscription-State", ONE_OF(p, statev)));
	s = text("%s%s", s, line(p, "Content-Type",
				 "message/sipfrag;version=2.0"));

	return text("%s%sContent-Length: %zu\r\n\r\n%s", s, more(p),
		    strlen(frag), frag);
}


/**
 * Get the headers of a SUBSCRIBE, and its end
 *
 * @param p Conversation
 *
 * @return Header lines, and an empty one
 */
const char *any_subscribe(struct play *p)
{
	static const char *const expiresv[] = {"60", "0", "1", "5"};
	const struct wire *w = wire_find(p->bob, false, "REFER",
					 below(p, 4));
	const char *s;

	s = line(p, "Event", w && odds(p, 80) ?
		 text("refer;id=%u", w->msg->cseq.num) : "refer");
	s = text("%s%s", s, line(p, "Expires", ONE_OF(p, expiresv)));

	return text("%s%sContent-Length: 0\r\n\r\n", s, more(p));
}


/**
 * Get more headers of a response
 *
 * @param p    Conversation
 * @param code Its status code
 *
 * @return Header lines
 */
const char *any_answer(struct play *p, uint16_t code)
{
	const char *s = odds(p, 15) ? more(p) : "";

	if (code / 100 == 3) {
		s = text("%sContact: <%s>", s, any_uri(p));
		s = text("%s;q=0.%u\r\n", s, below(p, 10));
	}
	if (code == 401 || code == 407)
		s = text("%s%s", s, line(p, code == 401 ? "WWW-Authenticate"
					 : "Proxy-Authenticate",
					 "Digest realm=\"x\", nonce=\"y\""));
	if (code / 100 == 2 && odds(p, 15))
		s = text("%sRefer-Sub: false\r\n", s);
	if (code == 503 || code == 480)
		s = text("%s%s", s, line(p, "Retry-After", "1"));

	return s;
}


/**
 * Get a status code
 *
 * @param p Conversation
 *
 * @return Code; HOLD for none yet
 */
uint16_t any_code(struct play *p)
{
	static const uint16_t codev[] = {
		HOLD, 100, 180, 183, 200, 200, 202, 202, 204, 300, 301, 302,
		305, 400, 401, 403, 405, 407, 408, 420, 423, 429, 480, 481,
		482, 486, 487, 488, 489, 491, 500, 501, 503, 600, 603, 699,
	};

	return ONE_OF(p, codev);
}
