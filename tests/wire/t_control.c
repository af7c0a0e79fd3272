/**
 * @file t_control.c  The commands over the channels of baresip
 */
#include <string.h>
#include "wire.h"
#include "scene.h"

#define ASKS "refer_policy ask\n" CONFIG_HTTP


/* What the page of a command shows, without the page around it */
static const char *shown(const char *cmd)
{
	const char *page = http(F("/?/%s", cmd)), *begin, *end;

	begin = strstr(page, "<pre>\n");
	end   = strstr(page, "</pre>");
	CHECK(begin && end, "a page, not '%s'", page);
	begin += strlen("<pre>\n");

	return keep(begin, (size_t)(end - begin));
}


TEST(http_decide, "httpd: a REFER is shown, refused and accepted")
{
	scene(.config = ASKS);
	refer("<sip:carol@127.0.0.3>", "");
	event(t.bob, "? ~ refer,referRequested,id=1", WAIT);
	HAS_TEXT(shown("referlist"), "\n   1 server WAITING");
	HAS_TEXT(shown("referinfo%201%20json"), "{\"id\":1,\"role\":");
	EQ_STR("refer: #1 rejected\n",
	       shown("referreject%201%20486%20%22Busy%20Here%22"));
	HAS(expect(t.alice, "486 REFER", WAIT), "486 Busy Here\r\n");

	(void)refer_carol("");
	event(t.bob, "? ~ refer,referRequested,id=2", WAIT);
	EQ_STR("refer: #2 accepted\n", shown("referaccept"));
	expect(t.alice, "202 REFER", WAIT);
	(void)answer(t.carol, expect(t.carol, "INVITE", WAIT));
	expect_any(t.alice, "NOTIFY ~ SIP/2.0 200", WAIT);
	ROW("C5.http");
}


TEST(http_errors, "httpd answers a command that fails, too")
{
	scene(.config = ASKS);
	EQ_STR("error: no REFER waits\n", shown("referaccept"));
	EQ_STR("error: there is no REFER 7\n", shown("referreject%207"));
	EQ_STR("error: no transfers\n", shown("referinfo"));
	EQ_STR("error: usage: /referlist [json]\n", shown("referlist%20x"));
	EQ_STR("error: usage: /referpolicy [account] [accept|ask|reject]\n",
	       shown("referpolicy%20x"));
	HAS_TEXT(shown("refernotify"), "error: usage: /refernotify");
	HAS_TEXT(shown("refercancel%20x"), "error: usage: /refercancel");
	EQ_STR(F("error: usage: %s\n", "/transfer [call=&lt;id|line&gt;]"
		 " &lt;target&gt; [header=value ...]"), shown("transfer"));

	/* ctrl_tcp can carry the error */
	CHECK(!ctrl(t.bob, "referaccept", "").ok, "ok is false");
	check_alive(t.call);
	ROW("C5.http C5.errors");
}
