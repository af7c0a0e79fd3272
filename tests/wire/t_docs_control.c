/**
 * @file t_docs_control.c  control.md: its lines, typed as they stand there
 */
#include <string.h>
#include "wire.h"
#include "harness.h"
#include "channel.h"
#include "docs.h"
#include "scene.h"


#define PAGE "docs/control.md"
#define ASKS "refer_policy ask\nrefer_rate 0\n"


static const char *output(struct proc *p)
{
	CHECK(proc_wait(p, WAIT), "it ends");
	EQ_STR("exit status 0", proc_status(p));

	return proc_log(p);
}


/* alice asks; the number is that of her REFER */
static void asked(unsigned id)
{
	peer_auto(t.alice, "NOTIFY");
	(void)refer(F("<%s>", t.carol->uri),
		    F("Referred-By: <%s>\r\n", t.alice->uri));
	event(t.bob, F("? ~ refer,referRequested,id=%u ", id), WAIT);
}


/* Those before this number are decided on, as the page begins with it */
static void asked_until(unsigned id)
{
	unsigned i;

	for (i=1; i<=id; ++i) {
		asked(i);
		if (i < id)
			CHECK(ctrl(t.bob, "referreject", NULL).ok, "%u", i);
	}
}


TEST(docs_console, "control.md: what is typed at the console")
{
	const char *block = page_block(PAGE, "/referlist"), *cmd, *out;
	unsigned n;

	scene(.console = true, .config = ASKS);
	asked(1);
	block = replaced(block, "26279b34869a347b", t.call->callid);
	for (n=0; page_sample(&block, "/", &cmd, &out); ++n)
		LIKE(out, console(t.bob, F("/%s", cmd)));
	EQ_INT(3, n);
	ROW("docs.lines");
}


TEST(docs_json, "control.md: commands with the word json")
{
	const char *block = page_block(PAGE, "/referreject 7 486 json");
	const char *cmd, *out;
	unsigned n;

	scene(.config = ASKS);
	asked_until(7);
	block = replaced(block, "4d0cf586d4b8fc22", t.call->callid);
	for (n=0; page_sample(&block, "/", &cmd, &out); ++n) {
		const char *prm = strchr(cmd, ' ') + 1;
		const char *name = keep(cmd, (size_t)(prm - 1 - cmd));

		LIKE(out, ctrl(t.bob, name, prm).data);
	}
	EQ_INT(4, n);
	(void)answer_hold(t.call);
	ROW("docs.lines");
}


/* The page shows 1.0.0; 4.x has one line more */
static const char *of_host(const char *out)
{
	const char *page = replaced(out, "Baresip v1.0.0",
				    F("Baresip v%s", HOST));

	return strstr(page, "</pre>") ?
		replaced(page, "</pre>", F("%s</pre>", host_http_tail())) :
		F("%s%s", page, host_http_tail());
}


TEST(docs_httpd, "control.md: commands by curl, and what the URL must escape")
{
	const char *config = page_block(PAGE, "module_app      httpd.so");
	const char *block = page_block(PAGE, "$ curl "), *cmd, *out;
	const char *url, *reply;
	unsigned n;

	scene(.config = F("%srefer_hold no\nrefer_policy ask\n", config));
	for (n=0; page_sample(&block, "$ ", &cmd, &out); ++n) {
		/* the last one is #7 in the page */
		if (n == 2)
			out = replaced(out, "#7", "#1");
		EQ_STR(of_host(out), output(page_shell(cmd)));
	}
	EQ_INT(3, n);
	EQ_STR("<sip:carol@127.0.0.3;a=b>",
	       hdr(expect(t.alice, "REFER", WAIT), "Refer-To"));

	/* a character of the table that is not escaped */
	for (url = "@;=&,\"<>"; *url; ++url) {
		reply = output(page_shell(
			F("curl -gs 'http://127.0.0.1:8000/raw/?/"
			  "refersend%%20a%cb%%20c' || true", *url)));
		HAS_TEXT(reply, "404 Not Found");
	}
	ROW("docs.lines");
}


TEST(docs_ctrl_tcp, "control.md: commands and answers over ctrl_tcp")
{
	const char *block = page_block(PAGE, "-> "), *cmd, *out;
	unsigned n;

	HAS_TEXT(page_block(PAGE, "module_app      ctrl_tcp.so"),
		 "ctrl_tcp_listen 127.0.0.1:4444\n");
	scene(.config = ASKS);
	asked_until(2);
	block = replaced(block, "26279b34869a347b", t.call->callid);
	for (n=0; page_sample(&block, "-> ", &cmd, &out); ++n) {
		struct odict *od = NULL;
		struct resp r;

		CHECK(!json_decode_odict(&od, 8, cmd, strlen(cmd), 2), "JSON");
		r = ctrl(t.bob, odict_string(od, "command"),
			 odict_string(od, "params"));
		LIKE(out, F("<- %s\n", replaced(r.raw, r.token,
						odict_string(od, "token"))));
		mem_deref(od);
	}
	EQ_INT(2, n);
	ROW("docs.lines");
}


TEST(docs_mqtt, "control.md: a command by mosquitto_pub")
{
	const char *config = page_block(PAGE, "module_app       mqtt.so");
	const char *block = page_block(PAGE, "$ mosquitto_sub "), *sub, *pub;
	const char *conf = F("%s/mosquitto.conf", test_dir()), *out;
	struct proc *broker, *p;

	spew(conf, "listener 1883 127.0.0.1\nallow_anonymous true\n"
	     "persistence false\nuser root\nlog_type all\n");
	broker = proc_run("mosquitto", "/usr/sbin/mosquitto", "-c", conf,
			  NULL);
	CHECK(proc_log_wait(broker, " running", WAIT_START), "no broker");
	CHECK(page_sample(&block, "$ ", &sub, &out), "mosquitto_sub");
	p = page_shell(F("%s wait", sub));
	CHECK(proc_log_wait(broker, "Sending SUBACK", WAIT_START), "no sub");

	t.bob = sut_start("bob", .config = config);
	sut_log_wait(t.bob, "mqtt: subscribed to pattern", WAIT);
	CHECK(page_sample(&block, "$ ", &pub, &out), "mosquitto_pub");
	(void)output(page_shell(pub));
	CHECK(proc_log_wait(p, strrchr(keep(out, strlen(out) - 1), '\n') + 1,
			    WAIT), "no answer: %s", proc_log(p));
	HAS_TEXT(proc_log(p), out);
	ROW("docs.lines");
}
