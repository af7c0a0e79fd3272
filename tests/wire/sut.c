/**
 * @file sut.c  The baresip under test
 *
 * Starts the installed baresip in a directory of its own with a config made
 * for the test, and at the end makes it quit and checks what came of it.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "wire.h"
#include "harness.h"


static const char *const modulev[] = {
	"account", "ctrl_tcp", "menu", "g711", "contact", "debug_cmd",
	"httpd", "ausine", "mwi", "presence", "stdio", "mqtt", "ice", "srtp",
	"dtls_srtp",
};

static struct list sutl;


static const char *env_or(const char *name, const char *def)
{
	const char *val = getenv(name);

	return val && *val ? val : def;
}


static void link_module(const struct sut *s, const char *so,
			const char *name)
{
	if (access(so, R_OK))
		SETUP("%s: no such module", so);

	if (symlink(so, F("%s/modules/%s", s->dir, name)))
		SETUP("%s: cannot link %s", s->dir, name);
}


static void link_app(const struct sut *s, const char *app)
{
	const char *asan = app && s->memcheck == MEMCHECK_ASAN ?
		memcheck_build(app) : NULL;

	if (app)
		link_module(s, asan ? asan : built(app), app);
}


static const char *load_app(const char *app)
{
	return app ? F("module_app %s\n", app) : "";
}


static bool links_module(const struct sut *s, const struct sut_opts *o)
{
	return s->module || o->link_module || o->preload;
}


/* baresip has one module_path: make a directory with links to all it needs */
static void modules_link(const struct sut *s, const struct sut_opts *o)
{
	const char *from = env_or("BARESIP_MODULES",
				  PREFIX "/lib/baresip/modules");
	const char *so = o->module ? o->module
		: built(s->memcheck == MEMCHECK_ASAN ? "asan/refer.so"
			: "refer.so");
	size_t i;

	if (mkdir(F("%s/modules", s->dir), 0755))
		SETUP("%s: cannot make directory", s->dir);

	for (i=0; i<ARRAY_SIZE(modulev); i++)
		link_module(s, F("%s/%s.so", from, modulev[i]),
			    F("%s.so", modulev[i]));

	if (links_module(s, o))
		link_module(s, so, "refer.so");

	link_app(s, o->app);
	link_app(s, host_answer_app(o->no_menu));
}


static const char *config_modules(const struct sut *s,
				  const struct sut_opts *o)
{
	const char *menu = o->no_menu ? "" : "module_app menu.so\n";
	const char *refer = s->module ? "module_app refer.so\n" : "";
	const char *ctrl = F("%s%s", load_app(host_answer_app(o->no_menu)),
			     o->no_ctrl ? "" : "module_app ctrl_tcp.so\n");

	if (o->example)
		return ctrl;

	return F("%s"
		 "module g711.so\n"
		 "module_app account.so\n"
		 "%s%s%s%s", o->console ? "module stdio.so\n"
		 "statmode_default off\n" : "",
		 o->menu_last ? refer : menu, o->menu_last ? menu : refer,
		 load_app(o->app), ctrl);
}


/* A file of an example, with the names of the namespace, unless it is edited
   in another way */
static const char *example_file(const struct sut_opts *o, const char *file)
{
	struct mbuf *mb = mbuf_alloc(4096);
	const char *text;

	if (!slurp(mb, F("%s/examples/%s/%s", top_dir(), o->example, file)))
		SETUP("examples/%s/%s cannot be read", o->example, file);

	text = keep((char *)mb->buf, mb->end);
	mem_deref(mb);

	return o->edit ? o->edit(text) : net_names(text);
}


/* The first value of a key counts, so that an example can follow */
static void config_write(const struct sut *s, const struct sut_opts *o)
{
	const bool ip6 = sa_af(&s->addr) == AF_INET6;
	const bool tls = s->tp == SIP_TRANSP_TLS;
	const char *ip = net_addr(s->name, ip6);

	spew(F("%s/config", s->dir),
	     F("sip_listen %s%s%s:%u\n"
	       "%s%s%s"
	       "net_interface %s\n"
	       "dns_server 127.0.0.1:53\n"
	       "module_path %s/modules\n"
	       "ctrl_tcp_listen %s:%u\n"
	       "%s%s%s%s",
	       ip6 ? "[" : "", ip, ip6 ? "]" : "", SIP_PORT,
	       tls ? "sip_certificate " : "", tls ? top_dir() : "",
	       tls ? "/" BUILD "/cert.pem\n" : "", ip, s->dir,
	       net_addr(s->name, false), CTRL_PORT,
	       host_config(o->config, o->no_menu), config_modules(s, o),
	       o->config ? o->config : "",
	       o->example ? example_file(o, "config") : ""));

	spew(F("%s/accounts", s->dir),
	     o->example ? example_file(o, "accounts") :
	     F("<%s>;regint=%u%s%s%s%s%s\n", s->uri,
	       o->registers ? 60 : 0, o->manual ? "" : ";answermode=auto",
	       o->outbound ? ";outbound=\"" : "",
	       o->outbound ? o->outbound : "", o->outbound ? "\"" : "",
	       o->account ? o->account : ""));

	spew(F("%s/contacts", s->dir), o->contacts ? o->contacts : "");
}


static void run(struct sut *s, const struct sut_opts *o)
{
	const char *argv[16];
	unsigned n;
	int term;

	n = memcheck_args(argv, s);
	argv[n++] = env_or("BARESIP_BIN", PREFIX "/bin/baresip");
	argv[n++] = "-f";
	argv[n++] = s->dir;
	if (o->preload) {
		/* a path from the current directory, which is test_dir() */
		argv[n++] = "-m";
		argv[n++] = F("%s/modules/refer.so", s->name);
	}
	argv[n++] = NULL;

	term = o->console ? console_open(s) : -1;
	s->proc = proc_start(s->name, (char *const *)argv,
			     host_env(s, o), term);
	if (term >= 0)
		(void)close(term);
}


static void ends(const char *file, int line, struct sut *s, int status)
{
	s->checked = true;

	if (!proc_wait(s->proc, WAIT_START))
		test_fail(false, file, line, "%s has not ended", s->name);

	if (strcmp(proc_status(s->proc), F("exit status %d", status)))
		test_fail(false, file, line, "%s: %s instead of %d", s->name,
			  proc_status(s->proc), status);
}


/**
 * Start a baresip, see sut_start()
 *
 * @param file File of the test
 * @param line Line of it
 * @param o    How
 *
 * @return The baresip, ready; if it does not get so far the test ends
 */
struct sut *sut_start_at(const char *file, int line,
			 const struct sut_opts *o)
{
	struct sut *s = calloc(1, sizeof(*s));
	bool ip6;

	if (!s)
		abort();

	test_here(file, line);

	s->name   = keep(o->name, strlen(o->name));
	s->dir    = (char *)F("%s/%s", test_dir(), s->name);
	s->module = !o->no_module && !test_stock();
	list_append(&sutl, &s->le, s);

	net_transp(o->transp, &s->tp, &ip6);
	(void)sa_set_str(&s->addr, net_addr(s->name, ip6),
			 sip_transp_port(s->tp, 0));
	s->uri = (char *)net_uri(s->name, &s->addr, s->tp);
	ladder_name(&s->addr, s->name);

	s->memcheck = memcheck_choose(o, links_module(s, o));
	s->memlog   = (char *)F("%s/memcheck.log", s->dir);

	if (mkdir(s->dir, 0755))
		SETUP("%s: cannot make directory", s->dir);

	modules_link(s, o);
	config_write(s, o);
	run(s, o);

	if (o->ends) {
		ends(file, line, s, o->ends);
		return s;
	}

	if (!proc_log_wait(s->proc, "baresip is ready.", WAIT_START))
		test_fail(true, file, line, "%s does not get ready", s->name);

	if (s->module && strstr(proc_log(s->proc), "module refer.so: "))
		test_fail(true, file, line, "%s cannot load refer.so",
			  s->name);

	if (!o->no_ctrl && ctrl_open(s))
		test_fail(true, file, line, "%s: no ctrl_tcp", s->name);

	return s;
}


/**
 * Start a baresip again that was killed, as it was
 *
 * @param s The baresip
 * @param o How it was started; it had no ctrl_tcp
 */
void sut_again(struct sut *s, const struct sut_opts *o)
{
	s->checked = false;
	run(s, o);

	if (!proc_log_wait(s->proc, "baresip is ready.", WAIT_START))
		SETUP("%s does not get ready again", s->name);
}


/**
 * Wait for a text in the log, see sut_log_wait()
 *
 * @param file File of the test
 * @param line Line of it
 * @param s    The baresip
 * @param text Text
 * @param ms   Deadline in ms
 */
void sut_log_at(const char *file, int line, struct sut *s,
		const char *text, uint32_t ms)
{
	test_here(file, line);

	if (!proc_log_wait(s->proc, text, ms))
		test_fail(false, file, line, "%s has not logged '%s'",
			  s->name, text);
}


/**
 * Wait for the end of a baresip and check it, see sut_ended()
 *
 * @param file File of the test
 * @param line Line of it
 * @param s    The baresip
 * @param ms   Deadline in ms
 */
void sut_ended_at(const char *file, int line, struct sut *s, uint32_t ms)
{
	test_here(file, line);

	s->checked = true;

	if (!proc_wait(s->proc, ms))
		test_fail(false, file, line, "%s has not quit within %u ms",
			  s->name, ms);

	if (s->ctrl)
		ctrl_close(s);

	if (s->proc->status)
		test_fail(false, file, line, "%s %s", s->name,
			  proc_status(s->proc));

	memcheck_end(file, line, s);
}


static void quit(struct sut *s)
{
	s->proc->may_end = true;

	if (s->ctrl)
		ctrl_post(s, "quit", NULL);
	else
		(void)kill(s->proc->pid, SIGTERM);
}


/* Before the peers answer what is open: a call that rings would end first */
static void quitting(struct sut *s)
{
	(void)proc_log_wait(s->proc, "ua: stop all", WAIT_QUIT);
}


/**
 * Make a baresip quit and check it, see sut_quit()
 *
 * @param file File of the test
 * @param line Line of it
 * @param s    The baresip
 */
void sut_quit_at(const char *file, int line, struct sut *s)
{
	test_here(file, line);
	procs_check();

	quit(s);
	quitting(s);
	peers_polite();
	sut_ended_at(file, line, s, WAIT_QUIT);
}


/** Make all those quit that still run, and check them */
void suts_quit(void)
{
	struct le *le;

	procs_check();

	for (le = sutl.head; le; le = le->next) {

		struct sut *s = le->data;

		if (!s->checked)
			quit(s);
	}

	for (le = sutl.head; le; le = le->next) {

		struct sut *s = le->data;

		if (!s->checked)
			quitting(s);
	}

	peers_polite();

	for (le = sutl.head; le; le = le->next) {

		struct sut *s = le->data;

		if (!s->checked)
			sut_ended(s, WAIT_QUIT);
	}
}


/**
 * Print what was found in memory so far, for a test that has failed
 *
 * @param f File to print to
 */
void suts_report(FILE *f)
{
	struct le *le;

	for (le = sutl.head; le; le = le->next) {

		const struct sut *s = le->data;
		const char *log = s->checked || !s->proc ? ""
			: memcheck_log(s);

		if (strstr(log, "   at 0x") || strstr(log, "==ERROR: "))
			(void)fprintf(f, "--- %s: memory\n%s", s->name, log);
	}
}
