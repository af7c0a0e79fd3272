/**
 * @file unit_nonce.c  Tests of the nonces of our challenges
 */
#include <errno.h>
#include "unit.h"
#include "admission/auth.h"


enum {
	LIFE = 300,
	USES = 1024,
};

static uint64_t sec = 1000000;


/* In the place of libre's */
uint64_t tmr_jiffies(void);
uint64_t tmr_jiffies(void)
{
	return sec * 1000;
}


static struct sip_msg *request(const char *callid, const char *addr,
			       const char *refer_to)
{
	struct mbuf *mb = mbuf_alloc(512);
	struct sip_msg *msg;

	assert_non_null(mb);
	assert_int_equal(0, mbuf_printf(mb,
			 "\r\nREFER sip:b@h SIP/2.0\r\n"
			 "Via: SIP/2.0/UDP h;branch=z9hG4bK1\r\n"
			 "From: <sip:a@h>;tag=1\r\n"
			 "To: <sip:b@h>\r\n"
			 "Call-ID: %s\r\n"
			 "CSeq: 1 REFER\r\n"
			 "Refer-To: <%s>\r\n"
			 "Content-Length: 0\r\n"
			 "\r\n", callid, refer_to));
	mb->pos = 2;
	assert_int_equal(0, sip_msg_decode(&msg, mb));
	assert_int_equal(0, sa_set_str(&msg->src, addr, 5060));
	mem_deref(mb);

	return msg;
}


static struct nonces *nonces;
static struct sip_msg *msg, *other;
static char text[NONCE_SIZE + 1];


static int setup(void **state)
{
	(void)state;

	assert_int_equal(0, nonces_alloc(&nonces));
	msg   = request("c1", "127.0.0.1", "sip:x@h");
	other = request("c1", "127.0.0.1", "sip:y@h");

	return 0;
}


static int teardown(void **state)
{
	(void)state;

	nonces = mem_deref(nonces);
	msg    = mem_deref(msg);
	other  = mem_deref(other);

	return 0;
}


static bool valid(const struct sip_msg *m, const char *str)
{
	struct pl pl;

	pl_set_str(&pl, str);

	return nonce_valid(nonces, m, &pl);
}


static struct nonce_use *use_of(const struct sip_msg *m, const char *str,
				uint32_t nc)
{
	struct nonce_use *use = NULL;
	struct pl pl;
	int err;

	pl_set_str(&pl, str);
	err = nonce_use(&use, nonces, m, &pl, nc);
	assert_int_equal(use ? 0 : EAGAIN, err);

	return use;
}


static void test_valid(void **state)
{
	struct sip_msg *m;
	char bad[NONCE_SIZE + 2];
	size_t i;
	(void)state;

	nonce_make(text, nonces, msg);
	assert_int_equal(NONCE_SIZE, strlen(text));
	assert_true(valid(msg, text));
	assert_true(valid(other, text));

	for (i=0; i<NONCE_SIZE; ++i) {
		strcpy(bad, text);
		bad[i] = bad[i] == '0' ? '1' : '0';
		assert_false(valid(msg, bad));
		bad[i] = 'x';
		assert_false(valid(msg, bad));
		bad[i] = '\0';
		assert_false(valid(msg, bad));
	}
	strcpy(bad, text);
	strcat(bad, "0");
	assert_false(valid(msg, bad));

	m = request("c2", "127.0.0.1", "sip:x@h");
	assert_false(valid(m, text));
	mem_deref(m);
	m = request("c1", "127.0.0.2", "sip:x@h");
	assert_false(valid(m, text));
	mem_deref(m);

	sec += LIFE - 1;
	assert_true(valid(msg, text));
	sec += 1;
	assert_false(valid(msg, text));
}


/* Also in the same second, so that one that was used is not given again */
static void test_new(void **state)
{
	char next[NONCE_SIZE + 1];
	(void)state;

	nonce_make(text, nonces, msg);
	assert_non_null(use_of(msg, text, 1));
	nonce_make(next, nonces, msg);
	assert_string_not_equal(text, next);
	assert_non_null(use_of(other, next, 1));
}


static void test_count(void **state)
{
	struct nonce_use *use;
	(void)state;

	nonce_make(text, nonces, msg);
	use = use_of(msg, text, 5);
	assert_non_null(use);

	/* a copy, and other requests */
	assert_ptr_equal(use, use_of(msg, text, 5));
	assert_null(use_of(other, text, 5));
	assert_null(use_of(other, text, 4));
	assert_null(use_of(other, text, 0));

	nonce_spend(use);
	assert_null(use_of(msg, text, 5));
	assert_non_null(use_of(other, text, 6));
	assert_null(use_of(msg, text, 6));
	assert_non_null(use_of(msg, text, 0xffffffff));
	assert_null(use_of(other, text, 0xffffffff));
}


static void test_no_count(void **state)
{
	(void)state;

	nonce_make(text, nonces, msg);
	assert_non_null(use_of(msg, text, 0));
	assert_non_null(use_of(msg, text, 0));
	assert_null(use_of(other, text, 0));
	assert_null(use_of(other, text, 0xffffffff));
}


/* Challenges keep nothing, and uses are not forgotten while they matter */
static void test_full(void **state)
{
	char first[NONCE_SIZE + 1], unused[NONCE_SIZE + 1];
	unsigned i;
	(void)state;

	nonce_make(first, nonces, msg);
	assert_non_null(use_of(msg, first, 1));

	for (i=0; i<10 * USES; ++i)
		nonce_make(text, nonces, msg);
	assert_null(use_of(other, first, 1));
	nonce_make(unused, nonces, other);

	/* each second valid credentials; never one of them twice */
	for (i=0; i<LIFE - 2; ++i) {
		++sec;
		nonce_make(text, nonces, msg);
		assert_non_null(use_of(msg, text, 1));
		assert_null(use_of(other, text, 1));
		assert_true(valid(msg, first));
		assert_null(use_of(other, first, 1));
	}
}


static void test_overflow(void **state)
{
	char first[NONCE_SIZE + 1];
	struct sip_msg *m;
	char callid[16];
	unsigned i;
	(void)state;

	nonce_make(first, nonces, msg);
	assert_non_null(use_of(msg, first, 1));

	/* more than there are places, all of a later second */
	++sec;
	for (i=0; i<USES; ++i) {
		(void)re_snprintf(callid, sizeof(callid), "x%u", i);
		m = request(callid, "127.0.0.9", "sip:x@h");
		nonce_make(text, nonces, m);
		assert_non_null(use_of(m, text, 1));
		mem_deref(m);
	}

	/* forgotten, and over */
	assert_true(valid(other, first));
	assert_null(use_of(other, first, 1));
	assert_null(use_of(other, first, 2));

	/* what is issued later works */
	++sec;
	nonce_make(text, nonces, msg);
	assert_non_null(use_of(msg, text, 1));
}


/* Set back, the clock makes no nonce young again */
static void test_clock(void **state)
{
	(void)state;

	nonce_make(text, nonces, msg);
	assert_non_null(use_of(msg, text, 1));
	sec += 10 * LIFE;
	assert_false(valid(msg, text));
	sec -= 10 * LIFE;
	assert_false(valid(msg, text));
	nonce_make(text, nonces, msg);
	assert_true(valid(msg, text));
	assert_non_null(use_of(msg, text, 1));
}


int main(void)
{
#define T(t) cmocka_unit_test_setup_teardown(t, setup, teardown)
	const struct CMUnitTest testv[] = {
		T(test_valid), T(test_new), T(test_count), T(test_no_count),
		T(test_full), T(test_overflow), T(test_clock),
	};

	return UNIT_RUN(testv, NULL, NULL);
}
