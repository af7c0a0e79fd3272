/**
 * @file sipp.c  Runs sipp in a wire test
 *
 * A scenario of tests/sipp plays one side; its exit code tells whether all
 * went as the scenario says.
 */
#include "wire.h"
#include "harness.h"


/**
 * Start sipp, see sipp_start()
 *
 * @param file     File of the test
 * @param line     Line of it
 * @param name     Name; it gets the address of that name, port 5060
 * @param scenario File in tests/sipp, or its path from /
 * @param ...      More arguments, NULL-terminated
 *
 * @return The process
 */
struct proc *sipp_start_at(const char *file, int line, const char *name,
			   const char *scenario, ...)
{
	const char *ip = net_addr(name, false);
	const char *path = *scenario == '/' ? scenario
		: F("%s/tests/sipp/%s", top_dir(), scenario);
	char *argv[PROC_ARGS] = {
		(char *)"sipp", (char *)"-nostdin",
		(char *)"-sf", (char *)path,
		(char *)"-i", (char *)ip, (char *)"-p", (char *)"5060",
		(char *)"-trace_err", (char *)"-error_file",
		(char *)F("%s/%s.err", test_dir(), name),
		(char *)"-timeout", (char *)"60s", (char *)"-timeout_error",
	};
	struct proc *p;
	struct sa addr;
	va_list ap;

	test_here(file, line);
	(void)sa_set_str(&addr, ip, SIP_PORT);
	ladder_name(&addr, name);

	va_start(ap, scenario);
	proc_args(argv, ap);
	va_end(ap);

	p = proc_start(name, argv, NULL, -1);
	p->may_end = true;

	return p;
}


/**
 * Wait for the end of sipp, see sipp_wait()
 *
 * @param file File of the test
 * @param line Line of it
 * @param p    Process of sipp
 * @param ms   Deadline in ms
 */
void sipp_wait_at(const char *file, int line, struct proc *p, uint32_t ms)
{
	struct mbuf *mb;

	test_here(file, line);

	if (!proc_wait(p, ms))
		test_fail(false, file, line, "sipp %s still runs after %u ms",
			  p->name, ms);

	if (p->status == 0)
		return;

	mb = mbuf_alloc(1024);
	(void)slurp(mb, F("%s/%s.err", test_dir(), p->name));
	test_fail(false, file, line, "sipp %s: %s\n%.*s", p->name,
		  proc_status(p), (int)mb->end, mb->buf);
}
