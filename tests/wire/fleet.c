/**
 * @file fleet.c  Runs the fleet of examples/fleet
 *
 * The files are those of the example, with the addresses of the namespace.
 */
#include <stdlib.h>
#include <string.h>
#include "wire.h"
#include "harness.h"
#include "channel.h"
#include "fleet.h"


static const char *example(const char *file)
{
	struct mbuf *mb = mbuf_alloc(4096);
	const char *text, *path = F("%s/examples/fleet/%s", top_dir(), file);

	if (!slurp(mb, path))
		SETUP("%s cannot be read", path);

	text = keep((char *)mb->buf, mb->end);
	mem_deref(mb);

	return text;
}


static const char *bot_uri(const struct fleet *fl, unsigned bot)
{
	return F("sip:%s:5060%s", net_addr(fl->namev[bot], false),
		 fl->transp);
}


static void broker_start(struct fleet *fl)
{
	const char *conf = F("%s/mosquitto.conf", test_dir());
	const char *ip = net_addr("proxy", false);
	struct proc *broker;

	/* it is to stay who it is: in a user namespace there is no other */
	spew(conf, F("%suser root\nlog_type information\nlog_type subscribe\n",
		     replaced(example("mosquitto.conf"), "192.0.2.9", ip)));

	broker = proc_run("mosquitto", "/usr/sbin/mosquitto", "-c", conf,
			  NULL);
	if (!proc_log_wait(broker, " running", WAIT_START))
		SETUP("mosquitto does not get ready");

	fl->bus = proc_run("bus", "mosquitto_sub", "-h", ip, "-v", "-t",
			   "/+/event", NULL);
	if (!proc_log_wait(broker, "/+/event", WAIT_START))
		SETUP("mosquitto_sub is not ready");
}


/**
 * Write the list of the bots
 *
 * @param fl      Fleet
 * @param weightv Their weights, NULL: all have the same
 */
void fleet_list(const struct fleet *fl, const unsigned *weightv)
{
	const char *list = "";
	unsigned i;

	for (i=0; i<fl->botc; i++)
		list = F("%s1 %s 0 0 rweight=%u\n", list, bot_uri(fl, i),
			 weightv ? weightv[i] : 50);

	spew(F("%s/dispatcher.list", test_dir()), list);
}


static void kamailio_start(struct fleet *fl, const char *const *defv)
{
	const char *argv[PROC_ARGS] = {
		"/usr/sbin/kamailio", "-DD", "-E", "-m", "512", "-M", "8",
		"-f", F("%s/examples/fleet/kamailio.cfg", top_dir()),
		"-l", F("udp:%s:5060", net_addr("proxy", false)),
		"-l", F("tcp:%s:5060", net_addr("proxy", false)),
		"-Y", test_dir(), "-P", F("%s/proxy.pid", test_dir()),
		"-A", F("BOTS=\"%s/dispatcher.list\"", test_dir()),
		"-A", F("CTL=\"%s\"", fl->ctl),
	};
	size_t n = 0;

	fleet_list(fl, NULL);
	while (argv[n])
		++n;
	for (; defv && *defv; ++defv) {
		argv[n++] = "-A";
		argv[n++] = *defv;
	}

	fl->proxy = proc_start("proxy", (char *const *)argv, NULL, -1);
	if (!proc_log_wait(fl->proxy, "fleet: ready", WAIT_START))
		SETUP("kamailio does not get ready");
}


/* The menu of 3.x and 4.x hangs up a call that rings when it answers another
   one, which is a transfer under way: it is left out there */
static const char *edit_tcp(const char *text)
{
	text = replaced(text, "example.org", net_addr("proxy", false));

	return host_major() < 3 ? text :
		replaced(text, "module_app              menu.so\n", "");
}


static const char *edit_udp(const char *text)
{
	return replaced(edit_tcp(text), ";transport=tcp", "");
}


static void bot_start(struct fleet *fl, unsigned i,
		      const struct fleet_opts *o)
{
	const bool one = host_major() < 3;

	fl->envv[i][0] = one ? F("ADDRESS4=%s", net_addr(fl->namev[i], false))
		: NULL;
	fl->optv[i] = (struct sut_opts){
		.name = fl->namev[i], .memcheck = o->memcheck,
		.transp = o->udp ? "udp" : "tcp",
		.example = "fleet/bot",
		.edit = o->udp ? edit_udp : edit_tcp, .no_ctrl = true,
		.no_menu = !one,
		/* its requests come from its address too; for others the
		   harness does so */
		.preloads = one ? built("address.so") : NULL,
		.env = (char *const *)fl->envv[i],
		.config = F("mqtt_broker_host %s\n"
			    "mqtt_basetopic %s\n"
			    "mqtt_broker_clientid %s\n%s",
			    net_addr("proxy", false), fl->namev[i],
			    fl->namev[i], o->config ? o->config : ""),
	};

	fl->botv[i] = sut_start_at(HERE, &fl->optv[i]);
}


/**
 * Start a fleet, see fleet_start()
 *
 * @param file File of the test
 * @param line Line of it
 * @param o    How
 *
 * @return The fleet, all of whose bots take calls
 */
struct fleet *fleet_start_at(const char *file, int line,
			     const struct fleet_opts *o)
{
	struct fleet *fl = calloc(1, sizeof(*fl));
	const char *proxy = net_addr("proxy", false);
	struct sa addr;
	unsigned i;

	if (!fl || o->bots > FLEET_MAX)
		abort();

	test_here(file, line);
	fl->botc   = o->bots;
	fl->transp = o->udp ? "" : ";transport=tcp";
	fl->uri    = F("sip:bot@%s", proxy);
	fl->proxy_uri = F("sip:%s:5060", proxy);
	fl->ctl    = F("unix:%s/ctl", test_dir());
	for (i=0; i<fl->botc; i++)
		fl->namev[i] = F("bot%u", i + 1);

	(void)sa_set_str(&addr, proxy, SIP_PORT);
	ladder_name(&addr, "proxy");

	broker_start(fl);
	for (i=0; i<fl->botc; i++)
		bot_start(fl, i, o);
	kamailio_start(fl, o->defv);

	return fl;
}


/**
 * Tell which bot an address in a text is of
 *
 * @param fl   Fleet
 * @param text Text, a Contact
 *
 * @return Number of the bot, -1 if it is of none
 */
int fleet_bot_of(const struct fleet *fl, const char *text)
{
	unsigned i;

	for (i=0; i<fl->botc; i++) {
		if (strstr(text, F("@%s:", net_addr(fl->namev[i], false))))
			return (int)i;
	}

	return -1;
}


/**
 * Command kamailio, see fleet_cmd()
 *
 * @param file File of the test
 * @param line Line of it
 * @param fl   Fleet
 * @param ...  Command and parameters, NULL-terminated
 *
 * @return What kamcmd has printed
 */
const char *fleet_cmd_at(const char *file, int line, struct fleet *fl, ...)
{
	const char *argv[PROC_ARGS] = {"kamcmd", "-s", fl->ctl};
	struct proc *p;
	va_list ap;

	test_here(file, line);
	va_start(ap, fl);
	proc_args((char **)argv, ap);
	va_end(ap);

	p = proc_start("kamcmd", (char *const *)argv, NULL, -1);
	if (!proc_wait(p, WAIT) || p->status)
		test_fail(true, file, line, "kamcmd: %s", proc_log(p));

	return proc_log(p);
}


/**
 * Have a bot get no new calls, or get them again
 *
 * @param fl    Fleet
 * @param bot   Number of the bot
 * @param drain True for none
 */
void fleet_drain(struct fleet *fl, unsigned bot, bool drain)
{
	(void)fleet_cmd(fl, "dispatcher.set_state", drain ? "d" : "ap", "1",
			bot_uri(fl, bot));
}


/**
 * Ask kamailio whether it gives calls to a bot
 *
 * @param fl  Fleet
 * @param bot Number of the bot
 *
 * @return True if so
 */
bool fleet_takes_calls(struct fleet *fl, unsigned bot)
{
	const char *list = fleet_cmd(fl, "dispatcher.list");
	const char *p = strstr(list, bot_uri(fl, bot));
	const char *flags = p ? strstr(p, "FLAGS: ") : NULL;

	if (!flags)
		SETUP("%s is not in the list: %s", fl->namev[bot], list);

	return flags[7] == 'A';
}


/**
 * Wait until kamailio finds that a bot is gone, or has come back
 *
 * @param fl  Fleet
 * @param bot Number of the bot
 * @param up  True for back
 * @param ms  Deadline in ms
 *
 * @return True if it has
 */
bool fleet_wait(struct fleet *fl, unsigned bot, bool up, uint32_t ms)
{
	return proc_log_wait(fl->proxy, F("fleet: %s is %s",
					  bot_uri(fl, bot),
					  up ? "up" : "down"), ms);
}


/**
 * Kill a bot: kill -9
 *
 * @param fl  Fleet
 * @param bot Number of the bot
 */
void fleet_kill(struct fleet *fl, unsigned bot)
{
	proc_kill(fl->botv[bot]->proc);
	fl->botv[bot]->checked = true;
}


/**
 * Start a bot that was killed again
 *
 * @param fl  Fleet
 * @param bot Number of the bot
 */
void fleet_back(struct fleet *fl, unsigned bot)
{
	sut_again(fl->botv[bot], &fl->optv[bot]);
}
