/**
 * @file unit_guard.c  Tests of what keeps remote text out of format strings
 *
 * The oracle is libre's own re_vhprintf(), which is what baresip 1.x feeds.
 */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
#include "unit.h"
#include "host/module.h"
#include "host/host.h"
#include "host/libre.h"


static struct {
	unsigned n;
	enum ua_event ev;
	struct call *call;
	char prm[1024];
} last;


/* In the place of baresip's */
#if HOST_MINOR
void module_event(const char *module, const char *event, struct ua *ua,
		  struct call *call, const char *fmt, ...)
{
	va_list ap;
	(void)ua;

	++last.n;
	last.ev   = UA_EVENT_MAX + 1;
	last.call = call;

	va_start(ap, fmt);
	(void)re_snprintf(last.prm, sizeof(last.prm), "%s,%s,%v", module,
			  event, fmt, &ap);
	va_end(ap);
}
#else
void ua_event(struct ua *ua, enum ua_event ev, struct call *call,
	      const char *fmt, ...)
{
	va_list ap;
	(void)ua;

	++last.n;
	last.ev   = ev;
	last.call = call;

	va_start(ap, fmt);
	(void)re_vsnprintf(last.prm, sizeof(last.prm), fmt, ap);
	va_end(ap);
}
#endif


static char peer[64];           /* What the core has of a call's peer */
static char kept[64];           /* What was kept of it, empty if not */
static const char *medianat;


struct account *ua_account(const struct ua *ua)
{
	(void)ua;

	return NULL;
}


const char *account_medianat(const struct account *acc)
{
	(void)acc;

	return medianat;
}


const char *call_peeruri(const struct call *call)
{
	(void)call;

	return peer;
}


void host_call_keep_peer(struct call *call)
{
	(void)call;
	str_ncpy(kept, peer, sizeof(kept));
}


/* Whether the core reads no format in it: it is dialled even with medianat */
static bool is_safe(const char *uri)
{
	medianat = "ice";

	return host_ua_dials(NULL, uri);
}


struct out {
	char buf[512];
	size_t len;
};


static int out_handler(const char *p, size_t size, void *arg)
{
	struct out *out = arg;

	if (size > sizeof(out->buf) - out->len)
		return ENOMEM;

	memcpy(out->buf + out->len, p, size);
	out->len += size;

	return 0;
}


static void format(struct out *out, const char *fmt, ...)
{
	va_list ap;

	memset(out, 0, sizeof(*out));

	va_start(ap, fmt);
	(void)re_vhprintf(fmt, ap, out_handler, out);
	va_end(ap);
}


/* Tell whether two sets of arguments give two outputs */
static bool differs(const char *fmt, const void *p, double d)
{
	static const char *null;
	struct out a, b;

	format(&a, fmt, null, null, null, null, null, null, 0.0, 0.0);
	format(&b, fmt, p, p, p, p, p, p, d, d);

	return memcmp(&a, &b, sizeof(a));
}


/* Tell whether an argument is read; a bad pointer kills the child then */
static bool reads(const char *fmt)
{
	int status;
	pid_t pid;

	pid = fork();
	assert_true(pid >= 0);

	if (!pid) {
		/* cmocka would go on with the tests in the child */
		(void)signal(SIGSEGV, SIG_DFL);
		(void)signal(SIGBUS, SIG_DFL);
		(void)close(STDERR_FILENO);
		_exit(differs(fmt, (void *)1, 1.0));
	}

	assert_int_equal(pid, waitpid(pid, &status, 0));

	return status != 0;
}


static void test_conversions(void **state)
{
	static const char convv[] = "bcdifFHmprsXxuvWwjJ";
	static const char *flagv[] = {"", "-", ".", "0", "5", "20", "-20",
		"08.3", "l", "ll", "z", "-0.123456789lz"};
	char uri[64];
	size_t i, j;
	(void)state;

	for (i=0; convv[i]; ++i) {
		for (j=0; j<ARRAY_SIZE(flagv); ++j) {

			(void)re_snprintf(uri, sizeof(uri), "sip:a%%%s%cb@h",
					  flagv[j], convv[i]);
			assert_false(is_safe(uri));

			(void)re_snprintf(uri, sizeof(uri), "%%%s%c",
					  flagv[j], convv[i]);
			assert_false(is_safe(uri));

			(void)re_snprintf(uri, sizeof(uri), "%%23%%%s%c",
					  flagv[j], convv[i]);
			assert_false(is_safe(uri));
		}
	}
}


static void test_escapes(void **state)
{
	static const char *safev[] = {
		"", "sip:a@h", "sip:a%23@h", "sip:a%40@h", "sip:%3A@h",
		"sip:%2B1@h", "sip:%3E@h", "sip:%7E@h", "sip:a%", "sip:a%2",
		"sip:%41@h", "%2a",
	};
	static const char *unsafev[] = {
		"sip:a%20s@h", "sip:%20b@h", "sip:a%48@h%s", "sip:%c3%a4@h",
		"sip:%5b@h", "sip:%5d@h", "sip:%5F@h", "sip:%2f@h",
		"sip:%25%20s@h", "sip:%2525x@h", "sip:%%20s@h", "sip:%%@h",
		"sip:%20%@h%x", "sip:a%40b@h", "sip:%41%42@h", "sip:%H@h",
		"sip:a@h;x=%20s",
	};
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(safev); ++i) {
		print_message("%s\n", safev[i]);
		assert_true(is_safe(safev[i]));
	}

	for (i=0; i<ARRAY_SIZE(unsafev); ++i) {
		print_message("%s\n", unsafev[i]);
		assert_false(is_safe(unsafev[i]));
	}
}


/* It is kept before it is masked, and only if it must be */
static void test_peer(void **state)
{
	static const struct {
		const char *uri;
		const char *masked;
	} rowv[] = {
		{"sip:alice%40bigco.com@h", "sip:alice_40bigco.com@h"},
		{"sip:john%20smith@h", "sip:john_20smith@h"},
		{"sip:%25s%%20s@h;x=%", "sip:_25s__20s@h;x=_"},
		{"sip:a%23%20s@h", "sip:a_23_20s@h"},
		{"sip:a%23@h", NULL},
		{"sip:a@h", NULL},
		{"", NULL},
	};
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(rowv); ++i) {
		const char *masked = rowv[i].masked;

		str_ncpy(peer, rowv[i].uri, sizeof(peer));
		*kept = '\0';
		host_peer_guard(NULL);

		assert_string_equal(masked ? masked : rowv[i].uri, peer);
		assert_string_equal(masked ? rowv[i].uri : "", kept);
		assert_true(is_safe(peer));
		assert_true(!masked || !strchr(peer, '%'));
	}
}


/* With medianat the INVITE leaves later, of the text that would be masked */
static void test_dials(void **state)
{
	(void)state;

	medianat = NULL;
	assert_true(host_ua_dials(NULL, "sip:a%20s@h"));
	assert_true(host_ua_dials(NULL, "sip:a@h"));
	assert_false(is_safe("sip:a%20s@h"));
	assert_true(is_safe("sip:a%23@h"));
}


/* Each byte behind a '%': what libre reads an argument for is refused */
static void test_each_byte(void **state)
{
	unsigned c, n = 0;
	char fmt[8];
	(void)state;

	for (c=1; c<256; ++c) {

		(void)re_snprintf(fmt, sizeof(fmt), "%%%c", c);

		if (!reads(fmt))
			continue;

		++n;
		assert_false(is_safe(fmt));
	}

	/* the oracle is no blind one: s d i u x X c p f F r b m w W j J */
	assert_true(n >= 13);
}


/* Whatever is safe reads no argument, not even when formatted again */
static void test_property(void **state)
{
	static const char alphabet[] =
		"%%%%%%-.0123456789lzbcdifFHmprsXxuvWwjJ#@+:;aAnNkyqQ?*";
	uint32_t seed = 1, i, j, len, safe = 0;
	char fmt[24];
	struct out out;
	(void)state;

	for (i=0; i<300000; ++i) {

		seed = seed * 1103515245 + 12345;
		len  = 1 + (seed >> 16) % 12;

		for (j=0; j<len; ++j) {
			seed = seed * 1103515245 + 12345;
			fmt[j] = alphabet[(seed >> 16) %
					  (sizeof(alphabet) - 1)];
		}
		fmt[len] = '\0';

		if (!strchr(fmt, '%') || !is_safe(fmt))
			continue;

		++safe;
		if (differs(fmt, "no", 1.5))
			fail_msg("\"%s\" reads an argument", fmt);

		/* with no argument at all: valgrind and ASan look on */
		format(&out, fmt);
		if (out.len >= sizeof(out.buf))
			continue;

		if (!is_safe(out.buf))
			fail_msg("\"%s\" gives \"%s\"", fmt, out.buf);
	}

	assert_true(safe > 1000);
}


static struct sip_msg *response(const char *reason)
{
	struct mbuf *mb = mbuf_alloc(512);
	struct sip_msg *msg;

	assert_non_null(mb);
	assert_int_equal(0, mbuf_printf(mb,
			 "SIP/2.0 486 %s\r\n"
			 "Via: SIP/2.0/UDP h;branch=z9hG4bK1\r\n"
			 "From: <sip:a@h>;tag=1\r\n"
			 "To: <sip:%%48@h>;tag=2\r\n"
			 "Call-ID: 100%%s\r\n"
			 "CSeq: 1 INVITE\r\n"
			 "Content-Length: 0\r\n"
			 "\r\n", reason));
	mb->pos = 0;
	assert_int_equal(0, sip_msg_decode(&msg, mb));
	mem_deref(mb);

	return msg;
}


static void test_response(void **state)
{
	static const struct {
		const char *reason;
		const char *guarded;
	} rowv[] = {
		{"Busy Here", "Busy Here"},
		{"%s%n", "_s_n"},
		{"100%", "100_"},
		{"%", "_"},
		{"%%", "__"},
		{"a %20s b %H", "a _20s b _H"},
		{"", ""},
	};
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(rowv); ++i) {
		struct sip_msg *msg = response(rowv[i].reason);

		host_response_guard(msg);
		assert_int_equal(0, pl_strcmp(&msg->reason, rowv[i].guarded));

		/* and nothing else */
		assert_int_equal(0, pl_strcmp(&msg->callid, "100%s"));
		assert_int_equal(0, pl_strcmp(&msg->to.auri, "sip:%48@h"));
		mem_deref(msg);
	}
}


static void test_no_reason(void **state)
{
	struct sip_msg msg;
	(void)state;

	memset(&msg, 0, sizeof(msg));
	host_response_guard(&msg);
	assert_null(msg.reason.p);
}


static void test_event(void **state)
{
	struct call *call = (struct call *)&last;
	(void)state;

	last.n = 0;
	host_event(NULL, call, "refer,x,%s%n%H target=sip:%20s@h");
	assert_int_equal(1, last.n);
	assert_string_equal("refer,x,%s%n%H target=sip:%20s@h", last.prm);
	assert_ptr_equal(call, last.call);

	/* a value that is nobody's */
	assert_true(last.ev > UA_EVENT_MAX);
}


static void test_oracle(void **state)
{
	(void)state;

	assert_true(reads("%s"));
	assert_true(reads("%d"));
	assert_true(reads("%20s"));
	assert_false(reads("%23"));
	assert_false(reads("abc"));
	assert_false(reads("%"));
}


int main(void)
{
	const struct CMUnitTest testv[] = {
		cmocka_unit_test(test_oracle),
		cmocka_unit_test(test_conversions),
		cmocka_unit_test(test_escapes),
		cmocka_unit_test(test_peer),
		cmocka_unit_test(test_dials),
		cmocka_unit_test(test_each_byte),
		cmocka_unit_test(test_property),
		cmocka_unit_test(test_response),
		cmocka_unit_test(test_no_reason),
		cmocka_unit_test(test_event),
	};

	return UNIT_RUN(testv, NULL, NULL);
}
