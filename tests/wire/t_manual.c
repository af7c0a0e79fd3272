/**
 * @file t_manual.c  The man page tells what there is
 */
#include "wire.h"
#include "harness.h"


TEST(manual_complete, "refer(5) has each setting, default and command")
{
	struct proc *p = proc_run("manual", F("%s/tests/manual", top_dir()),
				  built("refer.5"), NULL);

	CHECK(proc_wait(p, WAIT), "it ends");
	EQ_STR("manual: complete\n", proc_log(p));
}
