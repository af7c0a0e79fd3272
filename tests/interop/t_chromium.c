/**
 * @file t_chromium.c  The pages of httpd as a browser shows them
 *
 * Chromium, without a screen, tells what it made of the page: its DOM, in
 * which the table must be whole, and a picture of it.
 */
#include <string.h>
#include <sys/stat.h>
#include "wire.h"

#define LONG "sip:a-person-with-a-rather-long-name@a-department.127.0.0.3"


/* Run it once; it is to be gone before the next one takes its profile */
static const char *chromium(const char *option, const char *page)
{
	struct proc *p;

	p = proc_run("chromium", "/bin/sh", "-c",
		     F("exec chromium --headless --no-sandbox --disable-gpu"
		       " --disable-dev-shm-usage --no-first-run"
		       " --disable-background-networking"
		       " --user-data-dir=%s/chromium %s"
		       " 'http://127.0.0.2:8000/?/%s' 2>%s/chromium.log",
		       test_dir(), option, page, test_dir()), NULL);
	CHECK(proc_wait(p, WAIT_START), "chromium ends");
	EQ_INT(0, p->status);

	return proc_log(p);
}


/* What stands between the tags, as it is shown */
static const char *shown(const char *dom)
{
	const char *begin = strstr(dom, "<pre>"), *end;

	end = begin ? strstr(begin, "</pre>") : NULL;
	CHECK(end, "a table, not: %s", dom);
	begin += strlen("<pre>");

	return keep(begin, (size_t)(end - begin));
}


static size_t column(const char *text, const char *what)
{
	const char *p = strstr(text, what), *line = p;

	CHECK(p, "no %s in: %s", what, text);
	while (line > text && line[-1] != '\n')
		--line;

	return (size_t)(p - line);
}


/* It stands below its title */
static void check_column(const char *text, const char *title,
			 const char *value)
{
	EQ_INT((int)column(text, title), (int)column(text, value));
}


static void check_picture(const char *path)
{
	static const char magic[] = "\x89PNG\r\n\x1a\n";
	struct mbuf *mb = mbuf_alloc(8192);

	CHECK(slurp(mb, path), "%s", path);
	CHECK(mb->end > 2000 && !memcmp(mb->buf, magic, strlen(magic)),
	      "a picture of %zu bytes", mb->end);
	mem_deref(mb);
}


TEST(chromium_list, "Chromium shows /referlist as a table, HTML as text",
     .secs = 10, .limit = 120)
{
	struct sut *bob = sut_start("bob", .config = "refer_policy ask\n"
				    CONFIG_HTTP);
	struct peer *alice = peer_new("alice");
	struct dlg *call = call_in(alice, bob);
	const char *text;

	(void)dlg_request(call, "REFER", "Refer-To: <sip:carol@127.0.0.3>\r\n"
			  "Referred-By: \"<b>Al</b>\" <sip:al@a.org>\r\n");
	event(bob, "? ~ refer,referRequested,id=1", WAIT);
	(void)dlg_request(call, "REFER", "Refer-To: <" LONG ">\r\n");
	event(bob, "? ~ refer,referRequested,id=2", WAIT);

	text = shown(chromium("--dump-dom", "referlist"));
	check_column(text, "peer", "sip:alice@127.0.0.1 ");
	check_column(text, "target", "sip:carol@127.0.0.3 ");
	check_column(text, "target", LONG " ");
	text = shown(chromium("--dump-dom", "referinfo%201"));
	HAS_TEXT(text, "\nreferred_by \"&lt;b&gt;Al&lt;/b&gt;\""
		 " &lt;sip:al@a.org&gt;\n");
	(void)chromium(F("--window-size=1100,200 --screenshot=%s/list.png",
			 test_dir()), "referlist");
	check_picture(F("%s/list.png", test_dir()));
}
