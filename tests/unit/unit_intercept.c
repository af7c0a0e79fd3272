/**
 * @file unit_intercept.c  Tests of the place in front of libre's listeners
 *
 * With libre as it is, and with layouts that it does not have: each of these
 * must be refused, with one warning and nothing left behind. Linked with
 * --wrap=sip_listen, so that our own listeners can have another layout.
 */
#include "unit.h"
#include "fake_host.h"
#include "core/intercept.h"

enum {
	WORDC = 6,      /* as many as intercept.c may read */
};

/** libre's struct sip_lsnr */
struct lsnr {
	struct le le;
	struct sip_lsnr **lsnrp;
	sip_msg_h *msgh;
	void *arg;
	bool req;
};

/** What libre's struct hash is */
struct fake_hash {
	struct list *bucket;
	uint32_t bsize;
};

/** A listener of another layout */
struct strange {
	void *before;
	struct lsnr lsnr;
	struct lsnr *l;        /**< Where it is really */
};

enum layout {
	REAL,
	SHIFTED,         /* a new field before all others     */
	SWAPPED,         /* handler and argument              */
	PREPENDED,       /* not the tail of its list          */
	UNLISTED,        /* in no list                        */
	NO_OWNER,        /* the pointer back is missing       */
	WRONG_DIRECTION,
	NO_DATA,
	LAYOUTC,
};

int __wrap_sip_listen(struct sip_lsnr **lsnrp, struct sip *sip, bool req,
		      sip_msg_h *msgh, void *arg);
int __real_sip_listen(struct sip_lsnr **lsnrp, struct sip *sip, bool req,
		      sip_msg_h *msgh, void *arg);

static struct {
	enum layout layout;
	bool response;      /**< Of the response listener only */
	struct list lsnrl;
} fake;

static struct ua *ua;
static struct intercept *ic;


static void strange_destructor(void *arg)
{
	struct strange *st = arg;

	list_unlink(&st->l->le);
}


int __wrap_sip_listen(struct sip_lsnr **lsnrp, struct sip *sip, bool req,
		      sip_msg_h *msgh, void *arg)
{
	struct strange *st;
	struct lsnr *l;

	if (fake.layout == REAL || (fake.response && req))
		return __real_sip_listen(lsnrp, sip, req, msgh, arg);

	st = mem_zalloc(sizeof(*st), strange_destructor);
	assert_non_null(st);

	st->l = l = fake.layout == SHIFTED ? &st->lsnr : (void *)st;
	l->lsnrp = lsnrp;
	l->msgh  = msgh;
	l->arg   = arg;
	l->req   = req;
	list_append(&fake.lsnrl, &l->le, l);

	switch (fake.layout) {

	case SWAPPED:
		l->msgh = (sip_msg_h *)arg;
		l->arg  = (void *)msgh;
		break;

	case PREPENDED:
		list_unlink(&l->le);
		list_prepend(&fake.lsnrl, &l->le, l);
		break;

	case UNLISTED:
		list_unlink(&l->le);
		break;

	case NO_OWNER:
		l->lsnrp = NULL;
		break;

	case WRONG_DIRECTION:
		l->req = !req;
		break;

	case NO_DATA:
		l->le.data = NULL;
		break;

	default:
		break;
	}

	*lsnrp = (void *)st;

	return 0;
}


static unsigned requests, responses;
static bool take;


static bool request_handler(const struct sip_msg *msg, void *arg)
{
	assert_ptr_equal(&requests, arg);
	assert_true(msg->req);
	++requests;

	if (take && !pl_strcmp(&msg->met, "REFER")) {
		(void)sip_treply(NULL, ua->sip, msg, 299, "Taken");
		return true;
	}

	return false;
}


static bool response_handler(const struct sip_msg *msg, void *arg)
{
	assert_ptr_equal(&requests, arg);
	assert_false(msg->req);
	++responses;

	return false;
}


static int setup(void **state)
{
	int err;

	err = fake_init(state);
	if (err)
		return err;

	ua = peer("bob");
	mem_deref(ua->lsnr);
	requests = responses = 0;
	take = false;
	memset(&fake, 0, sizeof(fake));

	return 0;
}


static int teardown(void **state)
{
	ic = mem_deref(ic);

	return fake_close(state);
}


static int alloc(struct sip *sip, void *sock)
{
	return intercept_alloc(&ic, sip, sock, request_handler,
			       response_handler, &requests);
}


/* The listeners of the stack, by a listener of our own */
static struct list *listeners(struct sip *sip)
{
	static struct lsnr *l;
	struct list *lsnrl;

	assert_int_equal(0, __real_sip_listen((struct sip_lsnr **)&l, sip,
					      true, request_handler, NULL));
	lsnrl = l->le.list;
	mem_deref(l);

	return lsnrl;
}


static struct lsnr *listener(const struct list *lsnrl, unsigned n)
{
	const struct le *le;

	for (le = lsnrl->head; le && n; le = le->next)
		--n;

	return le ? le->data : NULL;
}


static void assert_refused(struct sip *sip, void *sock)
{
	const unsigned before = list_count(listeners(sip));

	log_clear();
	ic = NULL;
	assert_int_equal(ENOSYS, alloc(sip, sock));
	assert_null(ic);

	assert_int_equal(1, log_warnings(NULL));
	assert_int_equal(1, log_warnings(sys_libre_version_get()));
	assert_int_equal(1, log_warnings("REFER is left to the core"));

	assert_int_equal(before, list_count(listeners(sip)));
	assert_int_equal(0, list_count(&fake.lsnrl));
}


static void test_place(void **state)
{
	struct list *lsnrl = listeners(ua->sip);
	const unsigned before = list_count(lsnrl);
	unsigned i, strans = 0;
	(void)state;

	assert_int_equal(0, alloc(ua->sip, ua->sock));
	assert_int_equal(0, log_warnings(NULL));
	assert_int_equal(before + 2, list_count(lsnrl));

	/* responses: before all; requests: directly behind the transactions */
	assert_true(listener(lsnrl, 0)->msgh == response_handler);

	for (i=0; i<before + 2; ++i) {
		const struct lsnr *l = listener(lsnrl, i);

		if (l->req && l->arg == ua->sip)
			strans = i;
	}

	assert_true(strans > 0);
	assert_true(listener(lsnrl, strans + 1)->msgh == request_handler);
	assert_ptr_equal(ua->sock, listener(lsnrl, strans + 3)->arg);

	ic = mem_deref(ic);
	assert_int_equal(before, list_count(lsnrl));
}


static void test_traffic(void **state)
{
	struct ua *alice = peer("alice");
	struct call *call;
	struct mbuf *mb;
	const struct wire *w;
	(void)state;

	assert_int_equal(0, alloc(ua->sip, ua->sock));
	call = call_setup(alice, ua);

	/* INVITE and ACK, seen and passed on */
	assert_int_equal(2, requests);
	assert_int_equal(0, responses);

	requests = 0;
	take = true;
	call_request(call, "REFER", "Refer-To: <sip:c@h>\r\n\r\n");
	(void)wire_await(alice, false, "299 REFER", 0);
	assert_int_equal(1, requests);

	/* a retransmission is answered by libre, and not seen again */
	w  = wire_find(alice, true, "REFER", 0);
	mb = mbuf_alloc(w->msg->mb->end);
	assert_int_equal(0, mbuf_write_mem(mb, w->msg->mb->buf,
					   w->msg->mb->end));
	mb->pos = 0;
	assert_int_equal(0, sip_send(alice->sip, NULL, SIP_TRANSP_UDP,
				     &ua->addr, mb));
	mem_deref(mb);
	settle();
	assert_int_equal(1, requests);

	/* left to the core */
	take = false;
	call_request(call, "REFER", "Refer-To: <sip:c@h>\r\n\r\n");
	(void)wire_await(alice, false, "501 REFER", 0);
	assert_int_equal(2, requests);

	/* responses, and each of them once */
	(void)call_setup(ua, alice);
	assert_int_equal(1, responses);

	/* gone */
	ic = mem_deref(ic);
	requests = 0;
	call_request(call, "REFER", "Refer-To: <sip:c@h>\r\n\r\n");
	(void)wire_await(alice, false, "501 REFER", 1);
	assert_int_equal(0, requests);
}


static void test_arguments(void **state)
{
	(void)state;

	assert_int_equal(EINVAL, intercept_alloc(NULL, ua->sip, ua->sock,
			 request_handler, response_handler, NULL));
	assert_int_equal(EINVAL, alloc(NULL, ua->sock));
	assert_int_equal(EINVAL, alloc(ua->sip, NULL));
	assert_int_equal(EINVAL, intercept_alloc(&ic, ua->sip, ua->sock, NULL,
			 response_handler, NULL));
	assert_int_equal(EINVAL, intercept_alloc(&ic, ua->sip, ua->sock,
			 request_handler, NULL, NULL));
	assert_int_equal(0, log_warnings(NULL));
}


static void test_environment(void **state)
{
	(void)state;

	assert_int_equal(0, setenv("REFER_INTERCEPT_REFUSE", "1", 1));
	assert_refused(ua->sip, ua->sock);
	assert_int_equal(1, log_warnings("REFER_INTERCEPT_REFUSE"));

	assert_int_equal(0, unsetenv("REFER_INTERCEPT_REFUSE"));
	assert_int_equal(0, alloc(ua->sip, ua->sock));
}


/* Our own listener has another layout */
static void test_own_layout(void **state)
{
	enum layout layout;
	(void)state;

	for (layout=SHIFTED; layout<LAYOUTC; ++layout) {

		print_message("layout %d\n", layout);
		fake.layout = layout;

		/* there is one in the list already */
		struct lsnr other = {.req = true};
		list_append(&fake.lsnrl, &other.le, &other);

		ic = NULL;
		log_clear();
		assert_int_equal(ENOSYS, alloc(ua->sip, ua->sock));
		assert_int_equal(1, log_warnings(NULL));
		assert_int_equal(1, log_warnings(sys_libre_version_get()));
		assert_int_equal(1, list_count(&fake.lsnrl));

		/* only the second one: the first one must go too */
		fake.response = true;
		list_unlink(&other.le);
		assert_refused(ua->sip, ua->sock);
		fake.response = false;
	}

	fake.layout = REAL;
	assert_int_equal(0, alloc(ua->sip, ua->sock));
}


/* Session sockets of another layout: six words, as intercept.c knows them */

static struct {
	void **wordv;
	struct fake_hash hash;
	struct list bucketv[4];
} sock;


static int sock_setup(void **state)
{
	int err = setup(state);

	if (err)
		return err;

	sock.wordv = calloc(WORDC, sizeof(*sock.wordv));
	if (!sock.wordv)
		return ENOMEM;

	sock.hash.bucket = sock.bucketv;
	sock.hash.bsize  = ARRAY_SIZE(sock.bucketv);
	sock.wordv[2] = &sock.hash;
	sock.wordv[4] = ua->sip;

	err  = __real_sip_listen((struct sip_lsnr **)&sock.wordv[0], ua->sip,
				 false, response_handler, sock.wordv);
	err |= __real_sip_listen((struct sip_lsnr **)&sock.wordv[1], ua->sip,
				 true, request_handler, sock.wordv);

	return err;
}


static int sock_teardown(void **state)
{
	mem_deref(sock.wordv[0]);
	mem_deref(sock.wordv[1]);
	free(sock.wordv);
	ic = mem_deref(ic);

	return fake_close(state);
}


/* The fake is as the real one: so it is the change that is refused below */
static void test_sock_fake(void **state)
{
	(void)state;

	assert_int_equal(0, alloc(ua->sip, sock.wordv));
	ic = mem_deref(ic);

	/* as in libre 2.10 */
	sock.wordv[4] = NULL;
	sock.wordv[5] = ua->sip;
	assert_int_equal(0, alloc(ua->sip, sock.wordv));
}


static void check_words(void *resp, void *req)
{
	void *save[2] = {sock.wordv[0], sock.wordv[1]};

	sock.wordv[0] = resp;
	sock.wordv[1] = req;
	assert_refused(ua->sip, sock.wordv);
	sock.wordv[0] = save[0];
	sock.wordv[1] = save[1];
}


static void test_sock_listeners(void **state)
{
	struct list *lsnrl = listeners(ua->sip);
	void *foreign = malloc(1);
	void *resp = sock.wordv[0], *req = sock.wordv[1];
	struct lsnr *l;
	(void)state;

	check_words(req, resp);
	check_words(resp, resp);
	check_words(req, req);
	check_words(NULL, NULL);
	check_words(NULL, req);
	check_words(resp, NULL);
	check_words(foreign, req);
	check_words(resp, foreign);
	check_words((void *)1, (void *)2);
	check_words(sock.wordv, ua->sip);

	/* listeners of others */
	check_words(listener(lsnrl, 0), req);
	check_words(resp, listener(lsnrl, 1));
	free(foreign);

	/* of another owner */
	l = resp;
	l->arg = ua;
	assert_refused(ua->sip, sock.wordv);
	l->arg = sock.wordv;

	l = req;
	l->lsnrp = NULL;
	assert_refused(ua->sip, sock.wordv);
	l->lsnrp = (struct sip_lsnr **)&sock.wordv[1];

	l->req = false;
	assert_refused(ua->sip, sock.wordv);
	l->req = true;

	assert_int_equal(0, alloc(ua->sip, sock.wordv));
}


static void test_sock_sip(void **state)
{
	struct ua *alice = peer("alice");
	(void)state;

	sock.wordv[4] = NULL;
	assert_refused(ua->sip, sock.wordv);
	sock.wordv[4] = alice->sip;
	assert_refused(ua->sip, sock.wordv);
	sock.wordv[5] = alice->sip;
	assert_refused(ua->sip, sock.wordv);

	/* two stacks: the socket of the one, the other */
	assert_refused(alice->sip, ua->sock);
	assert_refused(ua->sip, alice->sock);
}


static void test_sock_hash(void **state)
{
	static const uint32_t sizev[] = {0, 3, 5, 6, 7, 100, 1<<21, 1u<<31,
		~0u};
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(sizev); ++i) {
		sock.hash.bsize = sizev[i];
		assert_refused(ua->sip, sock.wordv);
	}

	sock.hash.bsize = 4;
	sock.wordv[2] = NULL;
	assert_refused(ua->sip, sock.wordv);
}


static void test_no_transactions(void **state)
{
	struct list *lsnrl = listeners(ua->sip);
	struct lsnr *strans = NULL;
	unsigned i;
	(void)state;

	for (i=0; i<list_count(lsnrl); ++i) {
		struct lsnr *l = listener(lsnrl, i);

		if (l->req && l->arg == ua->sip)
			strans = l;
	}

	assert_non_null(strans);
	strans->arg = NULL;
	assert_refused(ua->sip, ua->sock);
	strans->arg = ua->sip;
}


/* Look-ups */

static struct sip_msg *request(const struct sip_dialog *dlg,
			       const char *callid, const char *from_tag,
			       const char *to_tag)
{
	struct mbuf *mb = mbuf_alloc(512);
	struct sip_msg *msg;

	assert_non_null(mb);
	assert_int_equal(0, mbuf_printf(mb,
			 "REFER sip:b@h SIP/2.0\r\n"
			 "Via: SIP/2.0/UDP h;branch=z9hG4bK1\r\n"
			 "From: <sip:a@h>%s%s\r\n"
			 "To: <sip:b@h>%s%s\r\n"
			 "Call-ID: %s\r\n"
			 "CSeq: 1 REFER\r\n"
			 "\r\n",
			 from_tag ? ";tag=" : "", from_tag,
			 to_tag ? ";tag=" : "", to_tag,
			 callid ? callid : sip_dialog_callid(dlg)));
	mb->pos = 0;
	assert_int_equal(0, sip_msg_decode(&msg, mb));
	mem_deref(mb);

	return msg;
}


static struct sip_dialog *find(const struct sip_dialog *dlg,
			       const char *callid, const char *from_tag,
			       const char *to_tag, unsigned *np)
{
	struct sip_msg *msg = request(dlg, callid, from_tag, to_tag);
	struct sip_dialog *found;

	*np = 4711;
	found = intercept_dialog(ic, msg, np);
	mem_deref(msg);

	return found;
}


static struct sip_dialog *find_half(const struct sip_dialog *dlg,
				    const char *from_tag, const char *to_tag,
				    unsigned *np)
{
	struct sip_msg *msg = request(dlg, NULL, from_tag, to_tag);
	struct sip_dialog *found;

	*np = 4711;
	found = intercept_half(ic, msg, np);
	mem_deref(msg);

	return found;
}


/* The tags of a call that the user agent made */
static void tags(char *ltag, char *rtag, size_t size, const char *final)
{
	const struct sip_msg *msg = wire_await(ua, false, final, 0);

	assert_int_equal(0, pl_strcpy(&msg->from.tag, ltag, size));
	assert_int_equal(0, pl_strcpy(&msg->to.tag, rtag, size));
}


static void test_lookup(void **state)
{
	struct ua *alice = peer("alice");
	struct sip_dialog *dlg;
	char ltag[64], rtag[64];
	unsigned n;
	(void)state;

	assert_int_equal(0, alloc(ua->sip, ua->sock));
	dlg = call_dlg(call_setup(ua, alice));
	tags(ltag, rtag, sizeof(ltag), "200 INVITE");

	assert_ptr_equal(dlg, find(dlg, NULL, rtag, ltag, &n));
	assert_int_equal(0, n);
	assert_null(find(dlg, NULL, ltag, rtag, &n));
	assert_null(find(dlg, NULL, "x", ltag, &n));
	assert_null(find(dlg, NULL, rtag, "x", &n));
	assert_null(find(dlg, NULL, "x", "y", &n));
	assert_null(find(dlg, NULL, NULL, ltag, &n));
	assert_null(find(dlg, NULL, rtag, NULL, &n));
	assert_null(find(dlg, "other", rtag, ltag, &n));

	assert_ptr_equal(dlg, intercept_dialog_nth(ic,
			 sip_dialog_callid(dlg), 0));
	assert_null(intercept_dialog_nth(ic, sip_dialog_callid(dlg), 1));
	assert_null(intercept_dialog_nth(ic, "other", 0));

	assert_ptr_equal(dlg, find_half(dlg, "a fork", ltag, &n));
	assert_int_equal(0, n);
	assert_null(find_half(dlg, ltag, rtag, &n));
}


/* A call to oneself: two sessions, one Call-ID */
static void test_lookup_self(void **state)
{
	struct sip_dialog *caller, *called;
	char ltag[64], rtag[64];
	unsigned n;
	(void)state;

	assert_int_equal(0, alloc(ua->sip, ua->sock));
	caller = call_dlg(call_place(ua, ua));
	call_await_established(ua, 2);
	called = call_dlg(call_last(ua));
	assert_ptr_not_equal(caller, called);
	assert_string_equal(sip_dialog_callid(caller),
			    sip_dialog_callid(called));
	tags(ltag, rtag, sizeof(ltag), "200 INVITE");

	assert_ptr_equal(caller, find(caller, NULL, rtag, ltag, &n));
	assert_int_equal(0, n);
	assert_ptr_equal(called, find(caller, NULL, ltag, rtag, &n));
	assert_int_equal(1, n);
	assert_null(find(caller, NULL, "x", "y", &n));
	assert_ptr_equal(called, find_half(caller, "x", rtag, &n));
	assert_int_equal(1, n);

	assert_ptr_equal(caller, intercept_dialog_nth(ic,
			 sip_dialog_callid(caller), 0));
	assert_ptr_equal(called, intercept_dialog_nth(ic,
			 sip_dialog_callid(caller), 1));
	assert_null(intercept_dialog_nth(ic, sip_dialog_callid(caller), 2));
}


static void test_lookup_early(void **state)
{
	struct ua *alice = peer("alice");
	struct sip_dialog *dlg;
	char ltag[64], rtag[64];
	unsigned n;
	(void)state;

	assert_int_equal(0, alloc(ua->sip, ua->sock));
	alice->answer = 180;
	dlg = call_dlg(call_place(ua, alice));
	tags(ltag, rtag, sizeof(ltag), "180 INVITE");

	assert_ptr_equal(dlg, find_half(dlg, rtag, ltag, &n));
	assert_ptr_equal(dlg, find_half(dlg, "a fork", ltag, &n));
	assert_null(find_half(dlg, ltag, rtag, &n));
	assert_null(find_half(dlg, rtag, NULL, &n));
	assert_null(find(dlg, NULL, rtag, ltag, &n));
}


#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
#define TEST_SOCK(f) \
	cmocka_unit_test_setup_teardown(f, sock_setup, sock_teardown)

int main(void)
{
	const struct CMUnitTest testv[] = {
		TEST(test_place),
		TEST(test_traffic),
		TEST(test_arguments),
		TEST(test_environment),
		TEST(test_own_layout),
		TEST_SOCK(test_sock_fake),
		TEST_SOCK(test_sock_listeners),
		TEST_SOCK(test_sock_sip),
		TEST_SOCK(test_sock_hash),
		TEST(test_no_transactions),
		TEST(test_lookup),
		TEST(test_lookup_self),
		TEST(test_lookup_early),
	};

	return UNIT_RUN(testv, NULL, NULL);
}
