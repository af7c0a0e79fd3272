/**
 * @file t_injection.c  Generated values over the wire: never a second header
 *
 * Each message of bob's has the headers of one without such a value, and at
 * most those that are asked for. unit_injection has more values.
 */
#include <string.h>
#include "wire.h"
#include "scene.h"

enum {
	VALUES    = 200,
	VALUE_MAX = 3000,
};

static uint32_t seed;


static uint32_t number(uint32_t n)
{
	seed = seed * 1664525 + 1013904223;

	return (seed >> 8) % n;
}


/* No bare CR or LF, which would be headers of the referrer's own */
static const char *generate(uint32_t n)
{
	static const char *const partv[] = {
		"%0d%0a", "%0D", "%0A", "%00", "%250d%250a", "%", "%4", "%zz",
		"%0d%0aEvil:%201", "%0d%0a%0d%0aEvil", "Evil: 1", "\r\n ",
		"\r\n\tEvil: 1", "<", ">", "\"", "\\", ",", ";", "&", "=",
		"?", ":", "@", "sip:a@b", "\xc3\xa9", "\xe2\x80\xae",
		"\xc0\x8d", "\xff", "\xc2\x85", "${target}", "${", "}",
		"%s%n", "\t", " ", "X-A", "Via: x", "&Via=x", "&X-C=2",
		"&Content-Length=9",
	};
	char buf[VALUE_MAX + 512];
	uint32_t i, parts;
	size_t len = 0;

	seed = n;
	(void)number(2);
	parts = 1 + number(10);
	if (!number(20)) {
		len = number(VALUE_MAX);
		memset(buf, 'a', len);
	}

	for (i=0; i<parts; ++i) {
		const char *part = partv[number(ARRAY_SIZE(partv))];

		memcpy(buf + len, part, strlen(part));
		len += strlen(part);
	}

	return keep(buf, len);
}


/* As many headers as without a value, and those of the names */
static void check_headers(const struct msg *m, unsigned base,
			  const char *const *namev)
{
	unsigned n = 0;

	for (; *namev; ++namev) {
		CHECK(hdr_count(m, *namev) <= 1, "%u %s",
		      hdr_count(m, *namev), *namev);
		n += hdr_count(m, *namev);
	}

	EQ_INT(base + n, list_count(&m->sip->hdrl));
	EQ_INT(0, hdr_count(m, "Evil"));
	EQ_INT(1, hdr_count(m, "Via"));
}


static struct msg *called(const char *refer_to, const char *more)
{
	struct msg *m;

	/* 4.x sends an INVITE again with another version of its SDP */
	peer_flush(t.carol);
	refer(refer_to, more);
	m = expect_any(t.alice, "xxx REFER", WAIT);
	if (scode(m) != 202) {
		CHECK(scode(m) >= 400, "%u", scode(m));
		return NULL;
	}

	m = expect_any(t.carol, "INVITE", WAIT);
	peer_reply(t.carol, m, 486, "Busy Here", NULL);
	expect_any(t.alice, "NOTIFY ~ SIP/2.0 486", WAIT);

	return m;
}


TEST(injection_refer, "Generated values in the URI and the headers of REFER",
     .secs = 30, .limit = 180)
{
	static const char *const namev[] = {"X-A", "X-B", "X-C", "X-T",
					    "Referred-By", NULL};
	unsigned i, base, calls = 0;
	struct msg *m;

	scene(.config = "refer_copy_headers X-*\nrefer_pass_headers X-*\n"
	      "refer_rate 0\nrefer_max_calls 0\n"
	      "refer_invite_headers \"X-T: <${referred_by}>;a\"\n");
	peer_auto(t.alice, "NOTIFY");
	m = called("<sip:carol@127.0.0.3>", "");
	CHECK(m, "the first one is refused");
	base = list_count(&m->sip->hdrl);

	for (i=0; i<VALUES; ++i) {
		const char *val = generate(i);

		m = i % 2 ?
			called(F("<sip:carol@127.0.0.3?X-A=%s>", val), "") :
			called("<sip:carol@127.0.0.3>",
			       F("X-B: %s\r\nReferred-By: <sip:%s>\r\n", val,
				 generate(i + VALUES)));
		if (m)
			check_headers(m, base, namev);
		calls += !!m;
	}

	CHECK(calls >= VALUES / 4, "%u calls", calls);
	check_alive(t.call);
	ROW("refer.injection");
}


TEST(injection_commands, "Generated values in /transfer over ctrl_tcp",
     .secs = 30, .limit = 180)
{
	static const char *const namev[] = {"X-A", NULL};
	unsigned i, base = 0, sent = 0;

	scene();
	for (i=0; i<=VALUES; ++i) {
		struct resp r = ctrl(t.bob, "transfer",
			F("sip:carol@127.0.0.3 hold=no%s", i ?
			  F(" X-A=\"%s\"", generate(i)) : ""));
		struct msg *m;

		if (!r.ok) {
			HAS_TEXT(r.data, "error: ");
			continue;
		}

		m = expect(t.alice, "REFER", WAIT);
		if (i)
			check_headers(m, base, namev);
		else
			base = list_count(&m->sip->hdrl);

		peer_reply(t.alice, m, 603, "Decline", NULL);
		event(t.bob, "? ~ refer,referEnded", WAIT);
		++sent;
	}

	CHECK(sent >= VALUES / 10, "%u sent", sent);
	check_alive(t.call);
	ROW("refer.injection");
}
