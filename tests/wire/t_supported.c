/**
 * @file t_supported.c  Who looks for `replaces` in Supported finds it
 *
 * Phones do before they begin an attended transfer (RFC 3891 section 6.2).
 */
#include <string.h>
#include "wire.h"
#include "scene.h"


#define NAME "\r\nSupported:"


static unsigned line_count(const struct msg *m)
{
	const char *p = m->raw;
	unsigned n = 0;

	while ((p = strstr(p, NAME))) {
		p += strlen(NAME);
		++n;
	}

	return n;
}


static bool is_tag(const struct pl *list, const char *tag)
{
	struct pl rest = *list, pl;

	while (!re_regex(rest.p, rest.l, "[^, ]+", &pl)) {
		if (!pl_strcasecmp(&pl, tag))
			return true;
		pl_advance(&rest, pl.p + pl.l - rest.p);
	}

	return false;
}


/* How often a message names an extension, in all lines of Supported */
static unsigned supports(const struct msg *m, const char *tag)
{
	const char *p = m->raw;
	unsigned n = 0;

	while ((p = strstr(p, NAME))) {
		struct pl list;

		p += strlen(NAME);
		list.p = p;
		list.l = strcspn(p, "\r");
		n += is_tag(&list, tag);
	}

	return n;
}


static struct msg *called(struct dlg **dp)
{
	t.bob   = sut_start("bob", .manual = true);
	t.alice = peer_new("alice");
	*dp = dlg_new(t.alice, t.bob->uri);

	(void)dlg_request(*dp, "INVITE", sdp(t.alice));

	return expect(t.alice, "180 INVITE", WAIT);
}


TEST_FIXES(supported_200, "The 180 and 200 to an INVITE name replaces",
	   .fault = "\"replaces\"): expected 1, got 0", .of = 1)
{
	struct dlg *d;
	struct msg *m;

	m = called(&d);
	if (host_major() < 3)
		EQ_INT(1, supports(m, "replaces"));

	(void)ctrl(t.bob, "accept", NULL);
	m = dlg_taken(d);
	EQ_INT(1, supports(m, "replaces"));
	ROW("R66");

	/* it is in no route set */
	(void)ctrl(t.bob, "hangup", NULL);
	m = expect(t.alice, "BYE", WAIT);
	EQ_INT(0, hdr_count(m, "Route"));
	peer_reply(t.alice, m, 200, "OK", NULL);
}


TEST(supported_refused, "A refused INVITE has no Supported")
{
	struct dlg *d;

	(void)called(&d);
	(void)ctrl(t.bob, "hangup", NULL);
	EQ_INT(0, line_count(expect_any(t.alice, "xxx INVITE", WAIT)));
}


TEST(supported_nobody, "A refused OPTIONS has no Supported",
     .na11 = "an account without registration takes what is for nobody")
{
	scene();
	(void)dlg_request(dlg_new(t.alice, "sip:nobody@127.0.0.2"), "OPTIONS",
			  "");
	EQ_INT(0, line_count(expect(t.alice, "404 OPTIONS", WAIT)));
}


TEST_FIXES(supported_options, "The 200 to OPTIONS names replaces",
	   .fault = "\"replaces\"): expected 1, got 0", .of = 1)
{
	struct msg *m;

	scene();
	(void)dlg_request(dlg_new(t.alice, t.bob->uri), "OPTIONS", "");
	m = expect(t.alice, "200 OPTIONS", WAIT);
	EQ_INT(1, supports(m, "replaces"));
	EQ_INT(0, hdr_count(m, "Record-Route"));
	check_alive(t.call);
	ROW("R66");
}


TEST(supported_reinvite, "So does the 200 to a re-INVITE",
     .na4 = "it writes no Supported there")
{
	scene();
	(void)dlg_request(t.call, "INVITE", sdp(t.alice));
	EQ_INT(1, supports(dlg_taken(t.call), "replaces"));
	check_alive(t.call);
	ROW("R66");
}


TEST(supported_sent, "What we send names each extension once")
{
	struct msg *m;

	scene();
	peer_auto(t.alice, "NOTIFY");
	(void)refer_carol("");
	m = expect_any(t.alice, "202 REFER", WAIT);
	EQ_INT(1, line_count(m));
	EQ_INT(1, supports(m, "replaces"));

	m = expect(t.carol, "INVITE", WAIT);
	EQ_INT(1, supports(m, "replaces"));
	peer_reply(t.carol, m, 486, "Busy Here", NULL);
	event(t.bob, "? ~ refer,referEnded", WAIT);

	m = transfer(t.carol->uri);
	EQ_INT(1, line_count(m));
	EQ_INT(1, supports(m, "norefersub"));
	EQ_INT(1, supports(m, "replaces"));
	EQ_INT(1, supports(m, "tdialog"));
	peer_reply(t.alice, m, 603, "Decline", NULL);
	answer_resume(t.call);
	ROW("R06 R66");
}
