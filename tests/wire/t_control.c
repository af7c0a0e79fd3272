/**
 * @file t_control.c  The commands over the channels of baresip
 */
#include <string.h>
#include "wire.h"
#include "scene.h"

#define ASKS "refer_policy ask\nmodule_app httpd.so\n" \
	"http_listen 127.0.0.2:8000\n"


/* What curl shows of a command, without the page around it */
static const char *http(const char *cmd)
{
	const char *url = F("http://127.0.0.2:8000/?/%s", cmd);
	struct proc *p = proc_run("curl", "curl", "-s", "-m", "5", url);
	const char *page, *begin, *end;

	CHECK(proc_wait(p, WAIT), "curl ends");
	page  = proc_log(p);
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
	HAS_TEXT(http("referlist"), "\n   1 server WAITING");
	HAS_TEXT(http("referinfo%201%20json"), "{\"id\":1,\"role\":");
	EQ_STR("refer: #1 rejected\n",
	       http("referreject%201%20486%20%22Busy%20Here%22"));
	HAS(expect(t.alice, "486 REFER", WAIT), "486 Busy Here\r\n");

	(void)refer_carol("");
	event(t.bob, "? ~ refer,referRequested,id=2", WAIT);
	EQ_STR("refer: #2 accepted\n", http("referaccept"));
	expect(t.alice, "202 REFER", WAIT);
	(void)answer(t.carol, expect(t.carol, "INVITE", WAIT));
	expect_any(t.alice, "NOTIFY ~ SIP/2.0 200", WAIT);
	ROW("C5.http");
}


TEST(http_errors, "httpd answers a command that fails, too")
{
	scene(.config = ASKS);
	EQ_STR("error: no REFER waits\n", http("referaccept"));
	EQ_STR("error: there is no REFER 7\n", http("referreject%207"));
	EQ_STR("error: no transfers\n", http("referinfo"));
	EQ_STR("error: usage: /referlist [json]\n", http("referlist%20x"));
	EQ_STR("error: usage: /referpolicy [account] [accept|ask|reject]\n",
	       http("referpolicy%20x"));
	HAS_TEXT(http("refernotify"), "error: usage: /refernotify");
	HAS_TEXT(http("refercancel%20x"), "error: usage: /refercancel");
	EQ_STR(F("error: usage: %s\n", "/transfer [call=&lt;id|line&gt;]"
		 " &lt;target&gt; [header=value ...]"), http("transfer"));

	/* ctrl_tcp can carry the error */
	CHECK(!ctrl(t.bob, "referaccept", "").ok, "ok is false");
	check_alive(t.call);
	ROW("C5.http C5.errors");
}
