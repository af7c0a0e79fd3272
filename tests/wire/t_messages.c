/**
 * @file t_messages.c  Torture messages in the manner of RFC 4475 and RFC 5118,
 * turned into REFER
 *
 * tests/torture/messages has each message and what is answered; its head says
 * how it is written. An OPTIONS behind each shows that bob lives, and has had
 * time. What bob is to call he calls, and the target is busy.
 */
#include <stdlib.h>
#include <string.h>
#include "wire.h"
#include "scene.h"


enum {
	MIN = 60,              /**< So many messages there are at least */
};

/** A message, as it is in the file */
struct message {
	char name[80];
	char answer[8];
	char answer4[8];
	char stock[8];
	char stock4[8];
	char calls[80];
	bool inside;
	struct mbuf *text;     /**< Lines, with LF                      */
};

/** What the variables of a message are */
struct vars {
	const char *callid;
	const char *ltag;
	const char *rtag;      /**< NULL out of a dialog                */
	uint32_t seq;
};

typedef void (message_h)(struct message *m);

static struct dlg *ping;
static const char *wrong = "";
static unsigned count;


static const char *file_text(void)
{
	struct mbuf *mb = mbuf_alloc(65536);

	if (!slurp(mb, "tests/torture/messages"))
		SETUP("tests/torture/messages cannot be read");

	return keep((char *)mb->buf, mb->end);
}


static void keyword(struct message *m, const char *line)
{
	const char *val = strchr(line, ' ');
	const size_t n = val ? (size_t)(val - line) : strlen(line);
	static const char *const keyv[] = {"answer", "answer4", "stock",
					   "stock4", "calls", "inside", "rfc"};
	char *const placev[] = {m->answer, m->answer4, m->stock, m->stock4,
				m->calls};
	const size_t sizev[] = {sizeof(m->answer), sizeof(m->answer4),
				sizeof(m->stock), sizeof(m->stock4),
				sizeof(m->calls)};
	size_t i;

	for (i=0; i<ARRAY_SIZE(keyv); i++) {
		if (strlen(keyv[i]) == n && !strncmp(keyv[i], line, n))
			break;
	}

	if (i == ARRAY_SIZE(keyv))
		SETUP("%s: what is \"%s\"?", m->name, line);
	else if (i < ARRAY_SIZE(placev))
		str_ncpy(placev[i], val ? val + 1 : "", sizev[i]);
	else if (!strcmp(keyv[i], "inside"))
		m->inside = true;
}


/* What is left out */
static void defaults(struct message *m)
{
	const char *stock = !strcmp(m->answer, "none") ? "none" :
		m->inside ? "202" : "501";

	if (!m->answer4[0])
		str_ncpy(m->answer4, m->answer, sizeof(m->answer4));
	if (!m->stock[0])
		str_ncpy(m->stock, stock, sizeof(m->stock));
	if (!m->stock4[0])
		str_ncpy(m->stock4, m->stock, sizeof(m->stock4));
	if (!m->calls[0])
		str_ncpy(m->calls, "sip:carol@127.0.0.3", sizeof(m->calls));

	while (m->text->end > 1 && m->text->buf[m->text->end - 1] == '\n' &&
	       m->text->buf[m->text->end - 2] == '\n')
		--m->text->end;
}


static void finish(struct message *m, message_h *h)
{
	if (!m->text)
		return;

	defaults(m);
	++count;
	h(m);
	mem_deref(m->text);
	memset(m, 0, sizeof(*m));
}


static void each_message(message_h *h)
{
	static struct message m;
	const char *p = file_text();
	bool head = false;

	for (; *p; p += strcspn(p, "\n") + 1) {

		const char *line = keep(p, strcspn(p, "\n"));

		if (*line == '#' || !strncmp(line, "== ", 3)) {
			finish(&m, h);
			head = *line == '=';
			if (head) {
				m.text = mbuf_alloc(4096);
				str_ncpy(m.name, line + 3, sizeof(m.name));
			}
		}
		else if (head && *line) {
			keyword(&m, line);
		}
		else if (head) {
			head = false;
		}
		else if (m.text) {
			(void)mbuf_printf(m.text, "%s\n", line);
		}
	}

	finish(&m, h);
}


/* The lines that a variable stands for, with variables in them */
static const char *variable(const struct vars *v, const char *name, size_t n)
{
	const struct {
		const char *name;
		const char *text;
	} varv[] = {
		{"via", "Via: SIP/2.0/UDP 127.0.0.1;"
		 "branch=z9hG4bK$callid$seq;rport"},
		{"from", "From: <sip:alice@127.0.0.1>;tag=$ltag"},
		{"to", v->rtag ? "To: <sip:bob@127.0.0.2>;tag=$rtag" :
		 "To: <sip:bob@127.0.0.2>"},
		{"id", "Call-ID: $callid"},
		{"cseq", "CSeq: $seq REFER"},
		{"contact", "Contact: <sip:alice@127.0.0.1>"},
		{"usual", "$via\n$from\n$to\n$id\n$cseq\n$contact\n"
		 "Max-Forwards: 70"},
		{"target", "Refer-To: <sip:carol@127.0.0.3>"},
		{"end", "Content-Length: 0\n"},
		{"callid", v->callid}, {"ltag", v->ltag}, {"rtag", v->rtag},
		{"seq", F("%u", v->seq)},
	};
	size_t i;

	for (i=0; i<ARRAY_SIZE(varv); i++) {
		if (strlen(varv[i].name) == n &&
		    !strncmp(varv[i].name, name, n))
			return varv[i].text;
	}

	return NULL;
}


static const char *expand(struct mbuf *mb, const struct vars *v,
			  const char *p, const char *end);


/* {N*TEXT}; returns what is behind it */
static const char *repeat(struct mbuf *mb, const struct vars *v,
			  const char *p, const char *end)
{
	char *text;
	unsigned long n = strtoul(p + 1, &text, 10);
	const char *close = memchr(text, '}', (size_t)(end - text));

	if (!n || *text != '*' || !close)
		SETUP("a { without N*TEXT}: %.20s", p);

	while (n--)
		(void)expand(mb, v, text + 1, close);

	return close + 1;
}


static const char *escape(struct mbuf *mb, const char *p)
{
	if (p[1] == 'x') {
		(void)mbuf_write_u8(mb, (uint8_t)strtoul(
				    keep(p + 2, 2), NULL, 16));
		return p + 4;
	}

	(void)mbuf_write_u8(mb, '\\');

	return p + 2;
}


static const char *expand(struct mbuf *mb, const struct vars *v,
			  const char *p, const char *end)
{
	while (p < end) {

		const size_t n = *p != '$' ? 0 :
			strspn(p + 1, "abcdefghijklmnopqrstuvwxyz");
		const char *text = n ? variable(v, p + 1, n) : NULL;

		if (text) {
			(void)expand(mb, v, text, text + strlen(text));
			p += 1 + n;
		}
		else if (*p == '\\') {
			p = escape(mb, p);
		}
		else if (*p == '{') {
			p = repeat(mb, v, p, end);
		}
		else {
			if (*p == '\n')
				(void)mbuf_write_u8(mb, '\r');
			(void)mbuf_write_u8(mb, (uint8_t)*p++);
		}
	}

	return p;
}


static struct mbuf *message_print(const struct message *m,
				  const struct vars *v)
{
	const char *p = (char *)m->text->buf;
	struct mbuf *mb = mbuf_alloc(4096);
	static const char gap[] = "\r\n\r\n";

	(void)expand(mb, v, p, p + m->text->end);
	if (!memmem(mb->buf, mb->end, gap, 4))
		(void)mbuf_write_str(mb, "\r\n");
	/* the last line of a body has no end */
	else if (mb->end > 4 && memcmp(mb->buf + mb->end - 4, gap, 4))
		mb->end -= 2;

	return mb;
}


/* The final answer to anything but the OPTIONS, NULL for none */
static const struct msg *answer_since(const struct le *mark)
{
	const struct le *le = mark ? mark->next : t.alice->all.head;

	for (; le; le = le->next) {

		const struct msg *m = le->data;

		if (!m->sip->req && scode(m) >= 200 &&
		    pl_strcmp(&m->sip->callid, ping->callid))
			return m;
	}

	return NULL;
}


/* Send it, and compare the answer; true if it is 2xx */
static bool send_and_compare(const struct message *m, const char *answer)
{
	struct dlg *d = t.call = m->inside ? call_in(t.alice, t.bob) : NULL;
	const struct vars v = {
		.callid = d ? d->callid : random_id(),
		.ltag   = d ? d->ltag   : random_id(),
		.rtag   = d ? d->rtag   : NULL,
		.seq    = d ? d->lseq + 1 : 8,
	};
	struct le *mark = list_tail(&t.alice->all);
	struct mbuf *mb = message_print(m, &v);
	const struct msg *got;
	const char *code;

	ladder_note("alice", F("== %s", m->name));
	(void)peer_send_bytes(t.alice, &t.bob->addr, (char *)mb->buf, mb->end);
	(void)dlg_request(ping, "OPTIONS", NULL);
	(void)expect_any(t.alice, F("200 OPTIONS ~ CSeq: %u ", ping->lseq),
			 WAIT);
	mem_deref(mb);

	got  = answer_since(mark);
	code = got ? F("%u", scode(got)) : "none";
	if (strcmp(code, answer))
		wrong = F("%s%s: %s instead of %s\n", wrong, m->name, code,
			  answer);

	return got && scode(got) < 300;
}


static void compare_target(const struct message *m)
{
	static const struct vars none;
	struct mbuf *mb = mbuf_alloc(256);
	struct msg *inv;

	(void)expand(mb, &none, m->calls, m->calls + strlen(m->calls));
	(void)mbuf_write_u8(mb, '\0');

	if (strcmp(m->calls, "nobody")) {
		inv = expect(t.carol, "INVITE", WAIT);
		if (strcmp(ruri(inv), (char *)mb->buf))
			wrong = F("%s%s: calls %s\n", wrong, m->name,
				  ruri(inv));
		(void)peer_reply(t.carol, inv, 486, "Busy Here", NULL);
	}

	mem_deref(mb);
}


/* stock baresip may have hung up before */
static void end_call(void)
{
	if (!t.call)
		return;

	(void)dlg_request(t.call, "BYE", NULL);
	expect_any(t.alice, F("* BYE ~ %s", t.call->callid), WAIT);
}


static void play(struct message *m)
{
	if (send_and_compare(m, host_major() >= 3 ? m->answer4 : m->answer))
		compare_target(m);
	end_call();
}


static void play_stock(struct message *m)
{
	(void)send_and_compare(m, host_major() >= 3 ? m->stock4 : m->stock);
	end_call();
}


static void begin(bool module)
{
	t.bob = sut_start("bob", .no_module = !module, .config = module ?
			  "refer_out_of_dialog accept\n"
			  "refer_rate 0\nrefer_max_calls 0\n"
			  "refer_max_pending 0\nrefer_max_pending_peer 0\n" :
			  NULL);
	t.alice = peer_new("alice");
	t.carol = peer_new("carol");
	peer_auto(t.alice, "NOTIFY");
	ping = dlg_new(t.alice, t.bob->uri);
}


TEST(torture_messages, "Torture messages as of RFC 4475 and RFC 5118 as REFER",
     .secs = 10)
{
	begin(true);
	each_message(play);
	EQ_STR("", wrong);
	CHECK(count >= MIN, "messages were played");
	ROW("refer.torture");
}


TEST(torture_messages_stock, "The same without the module: what is libre's",
     .secs = 10)
{
	begin(false);
	peers_polite();
	each_message(play_stock);
	EQ_STR("", wrong);
	CHECK(count >= MIN, "messages were played");
}
