/**
 * @file kamailio.c  Runs kamailio as a Record-Routing proxy in a wire test
 *
 * It listens on UDP and TCP; a file of tests/kamailio says the rest.
 */
#include "wire.h"
#include "harness.h"


/**
 * Start the proxy, see proxy_start() and proxy_start_as()
 *
 * @param file File of the test
 * @param line Line of it
 * @param cfg  Its configuration, a file of tests/kamailio
 *
 * @return Its URI, with ;lr, for dlg_route() and .outbound
 */
const char *proxy_start_at(const char *file, int line, const char *cfg)
{
	enum sip_transp tp;
	struct proc *p;
	struct sa addr;
	const char *ip;
	bool ip6;

	net_transp(NULL, &tp, &ip6);
	ip = F(ip6 ? "[%s]" : "%s", net_addr("proxy", ip6));
	(void)sa_set_str(&addr, net_addr("proxy", ip6), SIP_PORT);
	ladder_name(&addr, "proxy");

	p = proc_run_at(file, line, "proxy", "/usr/sbin/kamailio", "-DD", "-E",
			"-m", "16", "-M", "4",
			"-f", F("%s/tests/kamailio/%s", top_dir(), cfg),
			"-l", F("udp:%s:5060", ip), "-l", F("tcp:%s:5060", ip),
			"-Y", test_dir(),
			"-P", F("%s/proxy.pid", test_dir()), NULL);

	if (!proc_log_wait(p, "proxy is ready", WAIT_START))
		test_fail(true, file, line, "kamailio does not get ready");

	return F("sip:%s:5060%s;lr", ip, sip_transp_param(tp));
}
