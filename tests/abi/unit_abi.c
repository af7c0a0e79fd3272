/**
 * @file unit_abi.c  Proves host/baresip1.h against the installed baresip
 *
 * Debian ships no baresip.h. That every symbol is there is read from the
 * binaries; values and layouts are shown by a module (abi_module.c) that the
 * installed baresip runs.
 */
#include <dirent.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
#include "unit.h"

enum {
	OUT_SIZE = 1<<20,
};

static char *dir;
static char *out;


static const char *env_or(const char *name, const char *def)
{
	const char *val = getenv(name);

	return str_isset(val) ? val : def;
}


static const char *baresip(void)
{
	return env_or("BARESIP_BIN", "/usr/bin/baresip");
}


/* What a command prints */
static char *output(const char *fmt, ...)
{
	char *buf = calloc(1, OUT_SIZE), *cmd;
	va_list ap;
	FILE *f;

	assert_non_null(buf);

	va_start(ap, fmt);
	assert_int_equal(0, re_vsdprintf(&cmd, fmt, ap));
	va_end(ap);

	f = popen(cmd, "r");
	assert_non_null(f);
	assert_true(fread(buf, 1, OUT_SIZE - 1, f) < OUT_SIZE - 1);
	(void)pclose(f);
	mem_deref(cmd);

	return buf;
}


static void spew(const char *name, const char *text)
{
	char *path;
	FILE *f;

	assert_int_equal(0, re_sdprintf(&path, "%s/%s", dir, name));
	f = fopen(path, "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(0, fclose(f));
	mem_deref(path);
}


static void link_module(const char *file)
{
	char *path;

	assert_int_equal(0, access(file, R_OK));
	assert_int_equal(0, re_sdprintf(&path, "%s/modules%s", dir,
					strrchr(file, '/')));
	assert_int_equal(0, symlink(file, path));
	mem_deref(path);
}


static void run_baresip(void)
{
	char *config, *g711;

	assert_int_equal(0, re_sdprintf(&config, "%s/modules", dir));
	assert_int_equal(0, mkdir(config, 0755));
	mem_deref(config);

	assert_int_equal(0, re_sdprintf(&g711, "%s/g711.so",
					env_or("BARESIP_MODULES",
					       "/usr/lib/baresip/modules")));
	link_module(g711);
	link_module(TOP "/" BUILD "/abi.so");
	mem_deref(g711);

	/* port 0: any that is free */
	assert_int_equal(0, re_sdprintf(&config,
			 "sip_listen 127.0.0.1:0\n"
			 "net_interface 127.0.0.1\n"
			 "dns_server 127.0.0.1:53\n"
			 "module_path %s/modules\n"
			 "module g711.so\n"
			 "module_app abi.so\n", dir));
	spew("config", config);
	spew("accounts", "");
	spew("contacts", "");
	mem_deref(config);

	out = output("timeout 20 %s -f %s 2>&1 </dev/null", baresip(), dir);
}


static int setup(void **state)
{
	static char tmpl[256];
	(void)state;

	if (libre_init())
		return 1;

	(void)re_snprintf(tmpl, sizeof(tmpl), "%s/unit_abi.XXXXXX",
			  env_or("TMPDIR", "/tmp"));
	dir = mkdtemp(tmpl);
	if (!dir)
		return 1;

	run_baresip();

	return 0;
}


static int teardown(void **state)
{
	char *s = output("rm -r '%s' 2>&1", dir);
	(void)state;

	free(s);
	free(out);
	libre_close();

	return 0;
}


static bool has_line(const char *text, const char *line)
{
	const size_t len = strlen(line);
	const char *p;

	for (p = text; p && *p; p = strchr(p, '\n')) {

		p += *p == '\n';
		if (!strncmp(p, line, len) && (!p[len] || p[len] == '\n'))
			return true;
	}

	return false;
}


static void assert_line(const char *line)
{
	if (has_line(out, line))
		return;

	(void)fprintf(stderr, "%s\n", out);
	fail_msg("no line \"%s\"", line);
}


static void test_symbols(void **state)
{
	char *undef, *def, *p, *save = NULL;
	unsigned n = 0;
	(void)state;

	/* those of the C run-time, and of later releases, can be missing */
	undef = output("nm -D --undefined-only %s/" BUILD "/refer.so |"
		       " awk '$2 !~ /^(_ITM|__gmon|__cxa|baresip_v|"
		       "sip_dialog_lseqi|sipsess_(ack_p|awai))/ {"
		       " sub(/@.*/, \"\", $2); print $2 }'", TOP);
	def = output("for f in %s $(ldd %s |"
		     " awk '$1 ~ /^lib(re|rem|c|crypto)\\.so/ { print $3 }');"
		     " do nm -D --defined-only $f; done |"
		     " awk '{ sub(/@.*/, \"\", $3); print $3 }'",
		     baresip(), baresip());

	for (p = strtok_r(undef, "\n", &save); p;
	     p = strtok_r(NULL, "\n", &save)) {

		++n;
		if (!has_line(def, p))
			fail_msg("%s is not exported", p);
	}

	assert_true(n > 50);
	assert_true(has_line(def, "ua_event"));
	assert_false(has_line(def, "no_such_symbol"));
	free(undef);
	free(def);
}


/* Nothing but the public interface can clash with others */
static void test_exports(void **state)
{
	char *def = output("nm -D --defined-only %s/" BUILD "/refer.so |"
			   " awk '{ print $3 }' |"
			   " grep -v -e ^refer_ -e ^referral_", TOP);
	(void)state;

	assert_string_equal("exports\n", def);
	free(def);
}


static void test_ran(void **state)
{
	(void)state;

	assert_line("abi end done");
	assert_false(strstr(out, "abi error"));
	assert_line("abi sock 1 conf 1");
}


static void test_events(void **state)
{
	static const char *const namev[] = {
		"REGISTERING REGISTERING",
		"REGISTER_OK REGISTER_OK",
		"REGISTER_FAIL REGISTER_FAIL",
		"UNREGISTERING UNREGISTERING",
		"MWI_NOTIFY MWI_NOTIFY",
		"SHUTDOWN SHUTDOWN",
		"EXIT EXIT",
		"CALL_INCOMING CALL_INCOMING",
		"CALL_RINGING CALL_RINGING",
		"CALL_PROGRESS CALL_PROGRESS",
		"CALL_ESTABLISHED CALL_ESTABLISHED",
		"CALL_CLOSED CALL_CLOSED",
		"CALL_TRANSFER TRANSFER",
		"CALL_TRANSFER_FAILED TRANSFER_FAILED",
		"CALL_DTMF_START CALL_DTMF_START",
		"CALL_DTMF_END CALL_DTMF_END",
		"CALL_RTPESTAB CALL_RTPESTAB",
		"CALL_RTCP CALL_RTCP",
		"CALL_MENC CALL_MENC",
		"VU_TX VU_TX_REPORT",
		"VU_RX VU_RX_REPORT",
		"AUDIO_ERROR AUDIO_ERROR",
		"CALL_LOCAL_SDP CALL_LOCAL_SDP",
		"CALL_REMOTE_SDP CALL_REMOTE_SDP",
		"MAX ?",
	};
	char line[128];
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(namev); ++i) {
		(void)re_snprintf(line, sizeof(line), "abi event UA_EVENT_%s",
				  namev[i]);
		assert_line(line);
	}
}


/* An event of ours, with text that is no format */
static void test_own_event(void **state)
{
	(void)state;

	assert_line(HOST_MINOR ? "abi own MODULE abi,own,%s is no format"
		    : "abi own ? %s is no format");
}


/*
 * The core finds the second one of the block by its name, shows its flag, key
 * and description, and calls its handler: so the layout of struct cmd and of
 * struct cmd_arg is right, and their sizes.
 */
static void test_commands(void **state)
{
	const char *help;
	(void)state;

	assert_line("abi cmd register 0");
	assert_line("abi cmd found 1");
	assert_line("abi cmd run two key=/ prm=hello there data=data");
	assert_line("abi cmd gone 1");

	help = strstr(out, "abi cmd help ");
	assert_non_null(help);
	assert_non_null(strstr(help, "/abi_two .. "));
	assert_non_null(strstr(help, "ENTER"));
	assert_non_null(strstr(help, "second of the block"));
}


static void test_states(void **state)
{
	(void)state;

	assert_line("abi state new IDLE IDLE");
	assert_line("abi state connecting OUTGOING OUTGOING");
	assert_line("abi state incoming INCOMING INCOMING");
	assert_line("abi state established ESTABLISHED ESTABLISHED");
	assert_line("abi state closed TERMINATED TERMINATED");
}


static void test_calls(void **state)
{
	(void)state;

	assert_line("abi call outgoing=1 video=0 scode=0 ua=1 callid=1"
		    " peer=sip:abi@");
	assert_line("abi account transfer=no user=abi aor=sip:abi@127.0.0.1"
		    " cuser=1 medianat=0");
	assert_line("abi lists ua=1 calls=2");
	assert_line("abi headers 0 1");
}


int main(void)
{
	const struct CMUnitTest testv[] = {
		cmocka_unit_test(test_symbols),
		cmocka_unit_test(test_exports),
		cmocka_unit_test(test_ran),
		cmocka_unit_test(test_events),
		cmocka_unit_test(test_own_event),
		cmocka_unit_test(test_commands),
		cmocka_unit_test(test_states),
		cmocka_unit_test(test_calls),
	};

	return UNIT_RUN(testv, setup, teardown);
}
