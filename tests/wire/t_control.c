/**
 * @file t_control.c  The commands over the channels of baresip
 */
#include <string.h>
#include "wire.h"
#include "harness.h"
#include "scene.h"

#define ASKS "refer_policy ask\n" CONFIG_HTTP


/* What the page of a command shows, without the page around it */
static const char *shown(const char *cmd)
{
	const char *page = http(F("/?/%s", cmd)), *begin, *end;

	begin = strstr(page, "<pre>\n");
	end   = strstr(page, F("%s</pre>", host_http_tail()));
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
	HAS_TEXT(shown("referinfo%201%20json"),
		 "{\"ok\":true,\"id\":1,\"role\":");
	EQ_STR("refer: #1 rejected\n",
	       shown("referreject%201%20486%20%22Busy%20Here%22"));
	HAS(expect(t.alice, "486 REFER", WAIT), "486 Busy Here\r\n");

	(void)refer_carol("");
	event(t.bob, "? ~ refer,referRequested,id=2", WAIT);
	EQ_STR("refer: #2 accepted\n", shown("referaccept"));
	expect(t.alice, "202 REFER", WAIT);
	(void)answer(t.carol, expect(t.carol, "INVITE", WAIT));
	expect_any(t.alice, "NOTIFY ~ SIP/2.0 200", WAIT);
	ROW("command.http");
}


TEST(http_errors, "httpd answers a command that fails, too")
{
	scene(.config = ASKS);
	EQ_STR("error: no REFER waits\n", shown("referaccept"));
	EQ_STR("error: there is no REFER 7, see /referlist\n",
	       shown("referreject%207"));
	EQ_STR("error: no transfers\n", shown("referinfo"));
	EQ_STR("error: usage: /referlist [all|ended] [json]\n",
	       shown("referlist%20x"));
	EQ_STR("error: usage: /referpolicy [ACCOUNT] [accept|ask|reject]\n",
	       shown("referpolicy%20x"));
	HAS_TEXT(shown("refernotify"), "error: usage: /refernotify");
	HAS_TEXT(shown("refercancel%20x"), "error: usage: /refercancel");
	EQ_STR(F("error: usage: %s\n", "/transfer [call=ID|LINE]"
		 " TARGET [HEADER=VALUE ...]"), shown("transfer"));

	/* ctrl_tcp can carry the error */
	CHECK(!ctrl(t.bob, "referaccept", "").ok, "ok is false");
	check_alive(t.call);
	ROW("command.http command.errors");
}


static struct odict *list(const char *text)
{
	struct odict *od;

	CHECK(!json_decode_odict(&od, 512, text, strlen(text), 8),
	      "no JSON but: %s", text);

	return od;
}


/* All of a long list: a line for each, the code at the same place: 0, or 100
   when it was sent after 3.5 s */
static void check_table(const char *text, size_t n)
{
	const size_t code = strcspn(text, "\n") - strlen("code");
	const char *line = text;

	for (; *line; line += strcspn(line, "\n") + 1) {
		const size_t len = strcspn(line, "\n");

		CHECK(line == text || len == code + 1 || len == code + 3,
		      "%u bytes, the code is at %u", (unsigned)len,
		      (unsigned)code);
		EQ_INT(' ', line[code - 1]);
		--n;
	}

	EQ_INT(-1, (int)n);
}


static void check_json(const char *text, size_t n)
{
	struct odict *od = list(text);
	const struct odict_entry *e = odict_lookup(od, "transfers");

	CHECK(e && e->type == ODICT_ARRAY, "an array");
	EQ_INT((int)n, (int)odict_count(e->u.odict, false));
	mem_deref(od);
}


static const char *body_of(const char *reply)
{
	const char *body = strstr(reply, "\r\n\r\n") + 4;
	const size_t tail = strlen(host_http_tail());

	EQ_STR(host_http_tail(), body + strlen(body) - tail);

	return keep(body, strlen(body) - tail);
}


static const char *mqtt_data(const char *cmd, const char *prm)
{
	const char *reply = mqtt(t.bob, cmd, prm, random_id());
	struct odict *od = list(strchr(reply, '{'));
	const char *data = odict_lookup(od, "data")->u.str;

	data = keep(data, strlen(data));
	mem_deref(od);

	return data;
}


TEST(control_long, "Long answers are whole, over each channel", .secs = 15)
{
	enum {N = 200};
	unsigned i;

	(void)mqtt_start();
	scene(.console = true, .config = "refer_policy ask\nrefer_rate 0\n"
	      "refer_max_pending 0\nrefer_max_pending_peer 0\n"
	      "statmode_default off\n"
	      CONFIG_HTTP CONFIG_MQTT);

	for (i=1; i<=N; i++) {
		refer(F("<sip:carol%0*u@127.0.0.3>", (int)i % 40, i), "");
		event(t.bob, F("? ~ refer,referRequested,id=%u ", i), WAIT);
	}

	check_table(console(t.bob, "/referlist"), N);
	check_table(body_of(http("/raw/?/referlist")), N);
	check_table(ctrl(t.bob, "referlist", NULL).data, N);
	check_table(mqtt_data("referlist", NULL), N);

	check_json(console(t.bob, "/referlist json"), N);
	check_json(body_of(http("/raw/?/referlist%20json")), N);
	check_json(ctrl(t.bob, "referlist", "json").data, N);
	check_json(mqtt_data("referlist", "json"), N);
	ROW("command.long command.list");
}


/* Of a /transfer to carol that has so many bytes */
static const char *long_target(size_t len)
{
	const int n = (int)(len - strlen("transfer sip:carol@127.0.0.3;x="));

	return F("sip:carol@127.0.0.3;x=%0*u", n, 1);
}


static void refused_whole(const char *target)
{
	struct msg *req;

	req = expect_any(t.alice, "REFER", WAIT);
	EQ_STR(F("<%s>", target), hdr(req, "Refer-To"));
	peer_reply(t.alice, req, 603, "Decline", NULL);
	event(t.bob, "? ~ refer,referEnded", WAIT);
}


TEST(control_room, "What a channel has no room for does not arrive in part")
{
	static const char usage[] = "error: usage: /transfer [call=ID|LINE]"
		" TARGET [HEADER=VALUE ...]\n";

	(void)mqtt_start();
	scene(.config = "refer_hold no\n" CONFIG_MQTT);

	HAS_TEXT(mqtt_data("transfer", long_target(255)), "refer: #1 ");
	refused_whole(long_target(255));
	if (host_mqtt_cuts()) {
		EQ_STR(usage, mqtt_data("transfer", long_target(256)));
		EQ_STR(usage, mqtt_data("transfer", long_target(700)));
	}
	else {
		HAS_TEXT(mqtt_data("transfer", long_target(3000)), "refer: #");
		refused_whole(long_target(3000));
	}

	HAS_TEXT(ctrl(t.bob, "transfer", long_target(1023)).data, "refer: #");
	refused_whole(long_target(1023));
	EQ_STR(usage, ctrl(t.bob, "transfer", long_target(1024)).data);
	EQ_STR(usage, ctrl(t.bob, "transfer", long_target(3000)).data);
	expect_none(t.alice, "REFER", 0);
	check_alive(t.call);
	ROW("command.room");
}


TEST(http_html, "What others send is not HTML in the page of httpd")
{
	const char *page;

	scene(.config = ASKS);
	refer("<sip:carol@127.0.0.3>", "Referred-By: \"<script>alert(1)"
	      "</script>&amp;\" <sip:alice@a.org>\r\n");
	event(t.bob, "? ~ refer,referRequested,id=1", WAIT);

	page = shown("referinfo");
	HAS_TEXT(page, "\nreferred_by \"&lt;script&gt;alert(1)&lt;/script&gt;"
		 "&amp;amp;\" &lt;sip:alice@a.org&gt;\n");
	CHECK(!strchr(page, '<'), "%s", page);
	HAS_TEXT(http("/raw/?/referinfo"), "\nreferred_by \"<script>alert(1)"
		 "</script>&amp;\" <sip:alice@a.org>\n");
	ROW("command.html");
}


/* baresip's own /help puts them into the page as they are */
TEST(http_help, "httpd: a browser shows the help texts whole")
{
	static const char *const ourv[] = {
		"/refer", "/atransfer", "/transfer", "/callanswer",
		"/callend", "/callhold", "/callresume",
	};
	const char *line;
	unsigned n = 0;
	size_t i;

	scene(.config = CONFIG_HTTP);

	for (line = shown("help"); *line; line += strcspn(line, "\n")) {

		line += strspn(line, " \n");
		for (i=0; i<ARRAY_SIZE(ourv); i++) {

			if (strncmp(line, ourv[i], strlen(ourv[i])))
				continue;

			++n;
			CHECK(strcspn(line, "<>&") >= strcspn(line, "\n"),
			      "%s", first_line(line));
		}
	}

	CHECK(n > 15, "%u commands", n);
	HAS_TEXT(shown("help"), "Attended transfer CALL CALL\n");
	ROW("command.help-html");
}


/* How httpd answers a request line that curl writes as it is */
static const char *status_of(const char *path)
{
	struct proc *p = proc_run("curl", "curl", "-s", "-i", "-m", "2",
				  "--path-as-is",
				  F("http://127.0.0.2:8000%s", path), NULL);

	CHECK(proc_wait(p, WAIT), "it ends");

	return p->status ? "none" : proc_log(p);
}


/* A command that there is none: 1.x has no reply then */
static void unknown(const char *path)
{
	const char *text = status_of(path);

	CHECK(!strcmp(text, "none") || strstr(text, "command not found"),
	      "%s: %s", path, text);
}


TEST(http_url, "What must be escaped in a URL of httpd", .secs = 10)
{
	static const char bad[] = "@;=&,\"<>";
	size_t i;

	scene(.config = CONFIG_HTTP);
	for (i=0; i<sizeof(bad) - 1; i++) {
		const char *text = status_of(F("/raw/?/referinfo%%20%c",
					       bad[i]));

		CHECK(strncmp(text, "HTTP/1.1 200", 12), "%c: %s", bad[i],
		      text);
	}

	HAS_TEXT(status_of("/raw/?/refersend%20sip:carol"),
		 "\r\n\r\nerror: usage: /refersend");
	HAS_TEXT(status_of("/raw/?/referinfo%207?"), "error: no transfers");
	unknown("/raw/?/referinfo+7");
	unknown("/raw/?/nosuch");
	HAS_TEXT(status_of("/raw/?/referlist"),
		 "\r\nAccess-Control-Allow-Origin: *\r\n");

	/* a forgotten slash: keys, of which l lists the calls */
	HAS_TEXT(status_of("/raw/?l"), t.alice->uri);
	(void)status_of("/raw/?b");
	(void)expect(t.alice, "BYE", WAIT);
	ROW("command.http");
}
