/**
 * @file t_operations.c  What the pages for users have: it works as written
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "wire.h"
#include "harness.h"
#include "docs.h"
#include "scene.h"


/** A configuration, and what refer-check says of it; NULL: nothing */
struct check {
	const char *config;
	const char *says;
};


static const char *output(struct proc *p, int status)
{
	CHECK(proc_wait(p, WAIT_START), "it ends");
	EQ_STR(F("exit status %d", status), proc_status(p));

	return proc_log(p);
}


/* refer-check with this configuration, but where its modules are */
static struct proc *refer_check(const char *config)
{
	const char *baresip = getenv("BARESIP_BIN");

	spew(F("%s/config", test_dir()), config);

	return proc_run("refer-check",
			F("%s/packaging/refer-check", top_dir()), "-b",
			baresip ? baresip : PREFIX "/bin/baresip", test_dir(),
			NULL);
}


TEST(refer_check, "refer-check: tells whether the guard would be in force",
     .secs = 12)
{
	static const struct check checkv[] = {
		{"module_app refer.so\nrefer_policy ask\n", NULL},
		{"sip_listen nonsense\n\n\nrefer_polcy ask\n"
		 "module_app refer.so\n", "refer-check: SHUT: config line 5:"
		 " refer_polcy ask: this key is unknown"},
		{"module_app refer.so\nrefer_policy ack\n", "refer-check:"
		 " STRICT: config line 3: refer_policy ack: "},
		{"module_app refer.so\nrefer_handler guard\n", "refer-check:"
		 " SHUT: the handler guard is missing"},
		{"module_app refer.so\nrefer_users /nonexistent\n"
		 "refer_auth yes\n", "refer-check: SHUT: config: refer_users"
		 " /nonexistent: No such file"},
		{"module_app rfeer.so\nrefer_policy ask\n",
		 "refer-check: command not found (referpolicy)"},
		{" refer_policy\task\n",
		 "refer-check: command not found (referpolicy)"},
		/* nothing is restricted */
		{"module_app rfeer.so\n", NULL},
		/* what listens, or would connect, is not started */
		{"module_app refer.so\nmodule_app ctrl_tcp.so\n"
		 "ctrl_tcp_listen 127.0.0.1:5060\nmodule_app mqtt.so\n"
		 "refer_policy ask\nsip_listen 127.0.0.1:5060\n", NULL},
	};
	size_t i;

	/* a baresip that runs has the port */
	(void)peer_new("alice");

	for (i=0; i<ARRAY_SIZE(checkv); ++i) {

		const struct check *c = &checkv[i];
		const char *out = output(
			refer_check(F("module_path %s/" BUILD "\n%s",
				      top_dir(), c->config)),
			c->says ? 78 : 0);

		if (c->says) {
			HAS_TEXT(out, c->says);
			HAS_TEXT(out, "refer-check: the guard would not be in"
				 " force");
		}
		else {
			EQ_STR("", out);
		}
	}
}


TEST(refer_check_usage, "refer-check: wrong arguments are errors")
{
	const char *check = F("%s/packaging/refer-check", top_dir());

	HAS_TEXT(output(proc_run("usage", check, "-x", NULL), 2),
		 "usage: refer-check [-b BARESIP] [DIR]");
	HAS_TEXT(output(proc_run("two", check, "a", "b", NULL), 2),
		 "usage: refer-check [-b BARESIP] [DIR]");
	HAS_TEXT(output(proc_run("none", check, "/nonexistent", NULL), 78),
		 "refer-check: /nonexistent/config cannot be read");

	spew(F("%s/config", test_dir()), "refer_policy ask\n");
	HAS_TEXT(output(proc_run("baresip", check, "-b", "/nonexistent/b",
				 test_dir(), NULL), 78),
		 "/nonexistent/b: not found");
}


TEST(service_file, "baresip.service: systemd takes it, and it is locked up")
{
	const char *unit = F("%s/baresip.service", test_dir());
	const char *text = page_text("packaging/baresip.service"), *line;

	line = strstr(text, "\nExecStartPre=/usr/bin/refer-check ");
	CHECK(line, "refer-check runs first");
	spew(unit, F("%.*s\nExecStartPre=%s/packaging/refer-check %s",
		     (int)(line - text), text, top_dir(),
		     line + strlen("\nExecStartPre=/usr/bin/refer-check ")));

	EQ_STR("", output(proc_run("verify", "systemd-analyze", "verify",
				   "--man=no", unit, NULL), 0));
	HAS_TEXT(output(proc_run("security", "systemd-analyze", "security",
				 "--offline=true", "--threshold=20", unit,
				 NULL), 0), "OK");
}


TEST(docs_service, "operations.md: the guard of the service is in force")
{
	const char *block = page_block("docs/operations.md", "module_path ");

	HAS_TEXT(block, "\nrefer_allow ");
	EQ_STR("", output(refer_check(
			F("module_path %s/" BUILD "\n%s", top_dir(),
			  strstr(block, "module_app          refer.so"))),
			0));
}


/* A fault in line 12, as the page has it */
TEST(docs_refer_check, "operations.md: refer-check finds a fault", .secs = 2)
{
	const char *block = page_block("docs/operations.md", "$ refer-check");
	const char *home = F("%s/.baresip", test_dir()), *cmd, *out;
	const char *check, *status;
	struct proc *p;

	CHECK(!mkdir(home, 0755), "directory");
	spew(F("%s/config", home),
	     F("module_path %s/" BUILD "\nmodule_app refer.so\n\n\n\n\n\n\n"
	       "\n\n\nrefer_polcy ask\n", top_dir()));

	CHECK(page_sample(&block, "$ ", &check, &out), "refer-check");
	CHECK(page_sample(&block, "$ ", &cmd, &status), "echo");
	p = page_shell(F("export HOME=%s PATH=%s/packaging:%s:$PATH\n"
			 "%s 2>&1\n%s", test_dir(), top_dir(),
			 PREFIX "/bin", check, cmd));
	EQ_STR(F("%s%s", out, status), output(p, 0));
	ROW("docs.lines");
}


TEST(docs_health, "operations.md: the check for a monitor, and a reload")
{
	const char *page = "docs/operations.md";
	const char *config = page_block(page, "http_listen ");
	const char *health = page_block(page, "curl -s -m 5 'http");
	const char *reload = strstr(page_block(page, "refer-check /var"),
				    "curl ");

	scene(.config = F("module_app httpd.so\n%s", config));
	(void)output(page_shell(health), 0);
	HAS_TEXT(output(page_shell(reload), 0), "refer: guard: in force\n");
	mend("refer_allow ", "refer_alow ");
	HAS_TEXT(output(page_shell(reload), 0), "error: not reloaded");

	(void)output(page_shell(page_block(page, "curl -s -m 5 http://"
					   "127.0.0.1:8000/raw/?/rmmod")), 0);
	(void)output(page_shell(health), 1);
	ROW("docs.lines");
}


/* One of Debian's, or built here */
static void check_module(const char *line)
{
	const char *name = strrchr(line, ' ') + 1;
	const char *path = F("/usr/lib/baresip/modules/%s", name);

	CHECK(!access(path, R_OK) || !access(built(name), R_OK),
	      "there is no %s", name);
}


/* Only what restricts, or opens, is tried: others are for refer_http.so, see
   t_docs_http.c, and for modules */
static unsigned config_lines(struct sut *bob, const char *config,
			     const char *name)
{
	const char *p = page_text(name);
	unsigned n = 0;

	for (; p; p = strchr(p + 1, '\n')) {

		if (!strncmp(p, "\n    module", 11) &&
		    strstr(first_line(p + 1), ".so"))
			check_module(first_line(p + 1));
		if (strncmp(p, "\n    refer_", 11))
			continue;

		spew(F("%s/config", bob->dir),
		     F("%s%s\n", config, first_line(p + 1)));
		HAS_TEXT(ctrl(bob, "referreload", NULL).data,
			 "refer: guard: in force\n");
		++n;
	}

	return n;
}


TEST(docs_config, "Each line of configuration in the pages is taken")
{
	static const char *const pagev[] = {
		"README.md", "docs/manual.md", "docs/operations.md",
		"docs/http.md", "docs/control.md", "docs/bots.md",
	};
	struct sut *bob = sut_start("bob");
	struct mbuf *mb = mbuf_alloc(4096);
	const char *file = F("%s/config", bob->dir), *config;
	unsigned i, n = 0;

	CHECK(slurp(mb, file), "no config");
	config = keep((char *)mb->buf, mb->end);
	mem_deref(mb);

	for (i=0; i<ARRAY_SIZE(pagev); ++i)
		n += config_lines(bob, config, pagev[i]);

	CHECK(n > 10, "%u lines", n);
	ROW("docs.lines");
}


static struct proc *player(const char *name, const char *cmd)
{
	return proc_run(name, "baresip", "-f",
			F("%s/play/%s", test_dir(), name), "-t", "20", "-e",
			cmd, NULL);
}


TEST(play, "make play: the three baresips call each other",
     .na4 = "3.x and 4.x have no address of loopback")
{
	const char *dir = F("%s/play", test_dir());
	const char *bobs = F("%s/bob", dir);
	struct proc *alice, *bob;

	/* who has changed an account keeps it */
	CHECK(!mkdir(dir, 0755), "directory");
	CHECK(!mkdir(bobs, 0755), "directory");
	spew(F("%s/accounts", bobs),
	     "<sip:bob@127.0.0.2>;regint=0;answermode=auto\n");

	HAS_TEXT(output(proc_run("play", F("%s/tools/play", top_dir()), dir,
				 built("refer.so"), "baresip",
				 PREFIX "/lib/baresip/modules", NULL), 0),
		 F("    baresip -f %s/carol\n", dir));

	bob = player("bob", "/referlist");
	CHECK(proc_log_wait(bob, "refer: no transfers", WAIT_START));
	alice = player("alice", "/dial sip:bob@127.0.0.2");
	CHECK(proc_log_wait(alice, "Call established: sip:bob@127.0.0.2",
			    WAIT_START));
}


/* What it prints, typed by three people */
static const struct {
	const char *who;
	const char *line;
	const char *whose;    /* Who sees that it worked */
	const char *text;
} playedv[] = {
	{"alice", "/dial sip:bob@127.0.0.2", "bob", "Incoming call from"},
	{"bob", "/accept", "alice", "Call established: sip:bob@"},
	{"alice", "/transfer sip:carol@127.0.0.3", "carol",
	 "Incoming call from"},
	{"carol", "/accept", "alice", "refer: #1 done: carol answered"},
	{"bob", "/hangup", "carol", "session closed"},

	{"alice", "/dial sip:bob@127.0.0.2", "bob", "Incoming call from"},
	{"bob", "/accept", "alice", "Call established: sip:bob@"},
	{"alice", "/atransferstart sip:carol@127.0.0.3", "carol",
	 "Incoming call from"},
	{"carol", "/accept", "alice", "/atransferexec joins"},
	{"alice", "/atransferexec", "bob", "refer: #2 done: carol answered;"},
};


static struct proc *play(const char *name, const char *dir)
{
	const char *home = F("%s/%s", dir, name);
	const char *fifo = F("%s/stdin", home);
	struct proc *p;

	CHECK(!mkfifo(fifo, 0600), "no FIFO");
	p = proc_run(name, "/bin/sh", "-c", F("exec baresip -f %s -t 60 <>%s",
					      home, fifo), NULL);
	CHECK(proc_log_wait(p, "baresip is ready.", WAIT_START), "%s", name);

	return p;
}


TEST(play_lines, "make play: its lines, typed as they stand there",
     .na4 = "3.x and 4.x have no address of loopback", .secs = 15)
{
	static const char *const namev[] = {"alice", "bob", "carol"};
	const char *dir = F("%s/play", test_dir()), *out;
	struct proc *procv[3];
	size_t i, k;

	out = output(proc_run("play", F("%s/tools/play", top_dir()), dir,
			      built("refer.so"), "baresip",
			      PREFIX "/lib/baresip/modules", NULL), 0);
	for (i=0; i<ARRAY_SIZE(namev); ++i)
		procv[i] = play(namev[i], dir);

	for (i=0; i<ARRAY_SIZE(playedv); ++i) {
		const char *line = playedv[i].line;

		out = strstr(out, F("\n    %-7s %s\n", playedv[i].who, line));
		CHECK(out, "%s is not printed", line);
		++out;

		spew(F("%s/%s/stdin", dir, playedv[i].who), F("%s\n", line));
		for (k=0; strcmp(namev[k], playedv[i].whose); ++k)
			;
		CHECK(proc_log_wait(procv[k], playedv[i].text, WAIT),
		      "%s: %s: not '%s'", line, playedv[i].whose,
		      playedv[i].text);
	}
}


TEST(run_container, "make run: without network namespaces it says what helps",
     .na11 = "it runs in a chroot, which has no user namespaces")
{
	struct proc *p = proc_run("demo", "unshare", "--user",
				  "--map-root-user", "sh", "-c",
				  F("echo 0 >/proc/sys/user/max_net_namespaces"
				    " && %s", built("demo")), NULL);

	HAS_TEXT(output(p, 1), "--cap-add SYS_ADMIN");
}
