/**
 * @file t_carried.c  Headers that a REFER carries for the new call
 */
#include <string.h>
#include "wire.h"
#include "scene.h"

#define UUI "c8e9a3;encoding=hex"


/* alice refers bob to carol; the INVITE, which is refused */
static struct msg *carried(const char *uri_headers, const char *more)
{
	struct msg *inv;

	peer_flush(t.alice);
	(void)refer(F("<sip:carol@127.0.0.3%s>", uri_headers), more);
	expect_any(t.alice, "202 REFER", WAIT);
	inv = expect(t.carol, "INVITE", WAIT);
	EQ_STR("sip:carol@127.0.0.3", ruri(inv));
	peer_reply(t.carol, inv, 486, "Busy", NULL);
	expect(t.carol, "ACK", WAIT);
	expect_any(t.alice, "NOTIFY ~ SIP/2.0 486", WAIT);

	return inv;
}


static void begin(const char *config)
{
	scene(.config = config);
	peer_auto(t.alice, "NOTIFY");
}


TEST(uui_default, "User-to-User goes into the INVITE, other headers do not")
{
	struct msg *inv;

	begin("");
	inv = carried("?User-to-User=c8e9a3%3Bencoding%3Dhex&X-Case=42", "");
	EQ_STR(UUI, hdr(inv, "User-to-User"));
	HASNT(inv, "X-Case");

	inv = carried("", "User-to-User: " UUI "\r\nX-Case: 42\r\n");
	EQ_STR(UUI, hdr(inv, "User-to-User"));
	HASNT(inv, "X-Case");

	/* the one in the URI is for the target */
	inv = carried("?User-to-User=aa%3Bencoding%3Dhex",
		      "User-to-User: bb\r\n");
	EQ_INT(1, hdr_count(inv, "User-to-User"));
	EQ_STR("aa;encoding=hex", hdr(inv, "User-to-User"));

	/* twice in one place is a list: RFC 7433 section 4 */
	inv = carried("?User-to-User=aa&user-to-user=bb", "");
	EQ_INT(2, hdr_count(inv, "User-to-User"));
	HAS_TEXT(ctrl(t.bob, "referpolicy", NULL).data,
		 "refer: copied headers User-to-User, passed headers"
		 " User-to-User\n");
	ROW("setting.copy-headers setting.pass-headers");
}


TEST(uui_none, "refer_copy_headers none, refer_pass_headers none")
{
	struct msg *inv;

	begin("refer_copy_headers none\nrefer_pass_headers none\n");
	inv = carried("?User-to-User=aa&none=1",
		      "User-to-User: bb\r\nnone: 2\r\n");
	HASNT(inv, "\r\nUser-to-User");
	HASNT(inv, "\r\nnone");
	HAS_TEXT(ctrl(t.bob, "referpolicy", NULL).data,
		 "refer: copied headers none, passed headers none\n");
	ROW("setting.copy-headers setting.pass-headers");
}


TEST(pass_headers, "refer_pass_headers: patterns of headers of the REFER")
{
	struct msg *inv;

	begin("refer_pass_headers X-*\nrefer_pass_headers Session-ID\n"
	      "refer_pass_headers Call-ID\nrefer_pass_headers P-*\n"
	      "refer_pass_headers none\n");
	sut_log_has(t.bob, "refer_pass_headers Call-ID: this header is never"
		    " copied");
	sut_log_has(t.bob, "refer_pass_headers P-*: this header is never"
		    " copied");
	sut_log_has(t.bob, "refer_pass_headers none: another line says"
		    " otherwise");

	inv = carried("?X-Uri=1", "X-Case: 42\r\nx-name:  J\xc3\xbcrgen %s%n"
		      "%%r \r\nX-Fold: a\r\n b\r\nSession-ID: abc;remote=def"
		      "\r\nUser-to-User: aa\r\nSubject: no\r\n");
	EQ_STR("42", hdr(inv, "X-Case"));
	EQ_STR("J\xc3\xbcrgen %s%n%%r", hdr(inv, "X-Name"));
	EQ_STR("a   b", hdr(inv, "X-Fold"));
	EQ_STR("abc;remote=def", hdr(inv, "Session-ID"));
	HASNT(inv, "User-to-User");
	HASNT(inv, "Subject");
	HASNT(inv, "X-Uri");
	ROW("setting.pass-headers");
}


/* A name that is not one, a header of ours, one that routes, authenticates, or
   states who calls; each also escaped, and in its short form */
TEST(carried_guard, "No header that routes, authenticates or is ours passes")
{
	static const char *const namev[] = {
		"Route", "rOUTE", "%52oute", "Route%20", "%20Route",
		"X%3A%20y%09Route", "Route%3A%20%3Csip%3A127.0.0.9%3E%20",
		"Via", "v", "Record-Route", "Contact", "m", "From", "f", "To",
		"t", "Call-ID", "i", "CSeq", "Max-Forwards", "Content-Length",
		"l", "Content-Type", "c", "Authorization",
		"Proxy-Authorization", "P-Asserted-Identity",
		"P-Preferred-Identity", "Remote-Party-ID", "Identity", "y",
		"Diversion", "History-Info", "Require%09", "Supported", "k",
		"Proxy-Require", "Referred-By", "b", "Refer-To", "Allow",
		"Accept", "Session-Expires", "x", "Answer-Mode",
		"Priv-Answer-Mode", "Request-Disposition", "d",
		"Resource-Priority", "Path", "Service-Route", "body",
		"X-%C3%A9", "X%22", "X%00", "X%0D%0AX-Evil", "X%250AX-Evil",

		/* libre takes these for From and Route, by a hash */
		"Aerk", "Ahso",
	};
	const char *const clean = "?X-Good=1";
	struct msg *inv, *m;
	size_t i;

	begin("refer_copy_headers *\nrefer_pass_headers *\nrefer_rate 0\n"
	      "refer_max_calls 0\n");
	inv = carried(clean, "");
	EQ_STR("1", hdr(inv, "X-Good"));

	for (i=0; i<ARRAY_SIZE(namev); ++i) {
		(void)refer(F("<sip:carol@127.0.0.3?%s=evil%%40evil&X-Good=1>",
			      namev[i]), "");
		m = expect_any(t.alice, "xxx REFER", WAIT);
		if (scode(m) == 400)
			continue;

		EQ_INT(202, scode(m));
		inv = expect(t.carol, "INVITE", WAIT);
		CHECK(!strstr(inv->raw, "evil@evil"), "%s passed", namev[i]);
		EQ_STR("1", hdr(inv, "X-Good"));
		peer_reply(t.carol, inv, 486, "Busy", NULL);
		expect(t.carol, "ACK", WAIT);
	}

	peer_flush(t.alice);
	inv = carried("", "Diversion: <sip:evil@evil>\r\nX-Good: 1\r\n"
		      "P-Asserted-Identity: <sip:evil@evil>\r\n"
		      "X'Y: evil@evil\r\nAnswer-Mode: evil@evil\r\n"
		      "u: evil@evil\r\nSubject: %0d%0aX-Evil: 1\r\n");
	HASNT(inv, "evil@evil");
	EQ_STR("1", hdr(inv, "X-Good"));
	EQ_STR("%0d%0aX-Evil: 1", hdr(inv, "Subject"));
	EQ_INT(0, hdr_count(inv, "X-Evil"));
	ROW("setting.copy-headers setting.pass-headers R56");
}


static const char *repeated(char c, size_t n)
{
	char *str = (char *)F("%*s", (int)n, "");

	memset(str, c, n);

	return str;
}


TEST(carried_size, "What is too long is left out whole, and told")
{
	const char *info;
	struct msg *inv;

	begin("refer_pass_headers X-*\nrefer_policy ask\n");
	(void)refer("<sip:carol@127.0.0.3?User-to-User=aa>",
		    F("X-Long: %s\r\nX-Case: 1\r\nX-Case: \t2\r\nX-More: %s"
		      "\r\n", repeated('a', 4100), repeated('b', 3000)));
	event(t.bob, "? ~ refer,referRequested,id=1", WAIT);

	info = ctrl(t.bob, "referinfo", "1").data;
	HAS_TEXT(info, "\nheaders_cut 1\n");
	HAS_TEXT(info, "\nheader      User-to-User: aa\n"
		 "header      X-Case: 1\nheader      X-Case: 2\n"
		 "header      X-More: bbb");
	info = ctrl(t.bob, "referinfo", "1 json").data;
	HAS_TEXT(info, "\"headers\":{\"User-to-User\":\"aa\","
		 "\"X-Case\":\"1, 2\",\"X-More\":\"bbb");

	(void)ctrl(t.bob, "referaccept", "1");
	inv = expect_any(t.carol, "INVITE", WAIT);
	EQ_INT(2, hdr_count(inv, "X-Case"));
	EQ_STR(repeated('b', 3000), hdr(inv, "X-More"));
	HASNT(inv, "X-Long");
	ROW("setting.pass-headers command.headers");
}
