/**
 * @file t_install.c  What the Makefile installs, and what it leaves alone
 */
#include <string.h>
#include <sys/stat.h>
#include "wire.h"
#include "harness.h"
#include "scene.h"


/* Returns what tests/install prints */
static const char *install(const char *what)
{
	const char *dir = F("%s/install", test_dir());
	struct proc *p;

	CHECK(!mkdir(dir, 0755), "directory %s", dir);
	p = proc_run("install", F("%s/tests/install", top_dir()), what, dir,
		     PREFIX, NULL);
	CHECK(proc_wait(p, 20000), "it ends");
	CHECK(!p->status, "install %s: %s", what, proc_log(p));

	return proc_log(p);
}


TEST(install_api, "docs/api.md: a module from the installed files only",
     .secs = 4)
{
	EQ_STR("", install("api"));
	scene(.module = F("%s/install" PREFIX "/lib/baresip/modules/refer.so",
			  test_dir()),
	      .config = "module_app ../../install/mine.so\n"
			"module_app ../../install/guard.so\n");
	(void)refer_carol("");
	expect(t.alice, "480 REFER", WAIT);
	sut_log_wait(t.bob, "mine: #1 referRequestRejected\n", WAIT);
	HAS_TEXT(ctrl(t.bob, "guard", NULL).data, "guard: 0 allowed, 0 asked");
	ROW("example.install");
}


TEST(install_owned, "make uninstall leaves what a package owns", .secs = 2)
{
	EQ_STR("kept, as a package owns it: lib/baresip/modules/refer.so\n"
	       "./lib/baresip/modules/refer.so\n", install("owned"));
	ROW("example.install");
}


TEST(install_missing, "make names missing packages, and installs none")
{
	const char *out = install("missing");

	HAS_TEXT(out, "missing Debian packages: gcc ");
	HAS_TEXT(out, "`make deps` installs ");
	CHECK(!strstr(out, "\nbuilt\n") && !strstr(out, "\ninstalled\n"),
	      "make and make install fail");
	CHECK(!strstr(out, "/bin/apt-get") && !strstr(out, "/bin/sudo"),
	      "neither apt nor sudo is called");
	ROW("example.install");
}
