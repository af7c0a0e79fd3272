/**
 * @file t_soak.c  Many REFERs, under valgrind: none fails, nothing is left
 *
 * A smaller form of the soak in tests/bench/soak.c.
 */
#include <string.h>
#include "wire.h"
#include "scene.h"


enum {
	IN_A_ROW = 200,
	AT_ONCE  = 50,
	WAITING  = 24,
};

#define NO_LIMITS "refer_rate 0\nrefer_max_calls 0\n"			\
	"refer_max_pending_peer 0\n"

static const char *answeredv[IN_A_ROW];  /* Call-IDs */
static unsigned answeredc;


/* bob, who is in no call, does what REFERs out of a dialog want */
static void begin(const char *config)
{
	t.bob   = sut_start("bob", .config = F("%s" NO_LIMITS, config));
	t.alice = peer_new("alice");
	t.carol = peer_new("carol");

	peer_auto(t.alice, "NOTIFY");
}


static struct dlg *refer_new(void)
{
	struct dlg *d = dlg_new(t.alice, t.bob->uri);

	(void)dlg_request(d, "REFER", F("Refer-To: <%s>\r\n", t.carol->uri));

	return d;
}


/* 4.x changes an INVITE that it sends again, so that it looks like another */
static bool is_answered(const struct msg *inv)
{
	unsigned i;

	for (i=0; i<answeredc; i++) {
		if (!strcmp(answeredv[i], hdr(inv, "Call-ID")))
			return true;
	}

	return false;
}


static struct dlg *answer_next(void)
{
	struct msg *inv;

	do {
		inv = expect_any(t.carol, "INVITE", WAIT);
	} while (is_answered(inv));

	if (answeredc < IN_A_ROW)
		answeredv[answeredc++] = hdr(inv, "Call-ID");

	return answer(t.carol, inv);
}


static void told(const struct dlg *d, const char *pattern)
{
	expect_any(t.alice, F("%s ~ Call-ID: %s", pattern, d->callid), WAIT);
}


static void nothing_left(unsigned n)
{
	EQ_STR("refer: no transfers\n", ctrl(t.bob, "referlist", NULL).data);
	HAS_TEXT(ctrl(t.bob, "listcalls", NULL).data, "(0)");
	EQ_INT(n, event_count(t.bob, "? ~ refer,referEnded"));
}


TEST(soak_row, "200 transfers in a row", .secs = 20)
{
	unsigned i;

	begin("refer_out_of_dialog accept\n");

	for (i=0; i<IN_A_ROW; i++) {
		struct dlg *d = refer_new(), *call = answer_next();

		told(d, "NOTIFY ~ SIP/2.0 200");
		hangup(call);
	}

	nothing_left(IN_A_ROW);
}


TEST(soak_at_once, "50 transfers at once, 16 on 3.x and 4.x", .secs = 10)
{
	struct dlg *dlgv[AT_ONCE], *callv[AT_ONCE];
	/* each call takes longer there: codecs, and the kernel's routes */
	const unsigned n = host_major() < 3 ? AT_ONCE : AT_ONCE / 3;
	unsigned i;

	begin("refer_out_of_dialog accept\n");

	for (i=0; i<n; i++)
		dlgv[i] = refer_new();

	for (i=0; i<n; i++)
		callv[i] = answer_next();

	for (i=0; i<n; i++) {
		told(dlgv[i], "NOTIFY ~ SIP/2.0 200");
		hangup(callv[i]);
	}

	nothing_left(n);
}


TEST(soak_waiting, "24 REFERs wait: all are shown, decided, and gone",
     .secs = 10)
{
	struct dlg *dlgv[WAITING];
	const char *list;
	unsigned i;

	begin("refer_out_of_dialog ask\n");

	for (i=0; i<WAITING; i++) {
		dlgv[i] = refer_new();
		event(t.bob, F("? ~ refer,referRequested,id=%u", i + 1),
		      WAIT);
	}

	list = ctrl(t.bob, "referlist", NULL).data;
	for (i=0; i<WAITING; i++)
		HAS_TEXT(list, F("%4u server WAITING", i + 1));

	expect_none(t.carol, "*", 0);

	/* every other one, the last ones first */
	for (i=WAITING; i>0; i--) {
		const struct dlg *d = dlgv[i - 1];

		if (i & 1) {
			(void)ctrl(t.bob, "referaccept", F("%u", i));
			told(d, "202 REFER");
			hangup(answer_next());
			told(d, "NOTIFY ~ SIP/2.0 200");
		}
		else {
			(void)ctrl(t.bob, "referreject", F("%u", i));
			told(d, "480 REFER");
		}
	}

	expect_none(t.carol, "INVITE", 0);
	nothing_left(WAITING);
}
