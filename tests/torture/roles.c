/**
 * @file roles.c  The kinds of transfers over the bad network
 *
 * bob is the referee, the referrer or the target. How each begins, when it is
 * a success, and what bob's word has to agree with: a message counts when it
 * has got through.
 */
#include <string.h>
#include "badnet.h"


enum {
	SLOP = 60,            /**< Real ms that bob may take to handle one  */
	PATIENCE = 40000,     /**< With a target that rings, bob's ms       */
};

struct badnet bn;


/**
 * Count the events of this transfer
 *
 * @param event Name
 *
 * @return Their number
 */
unsigned bob_tells(const char *event)
{
	return event_count(tt.bob, F("? ~ refer,%s,id=%u ", event, bn.id));
}


static const struct msg *to_bob(const struct party *x, const char *pattern)
{
	return lossy_arrived(x->p, true, pattern, 0);
}


static bool to_bob_before(const struct party *x, const char *pattern,
			  const struct ending *e)
{
	return e->time > SLOP &&
		lossy_arrived(x->p, true, pattern, e->time - SLOP);
}


static void begin_referee(const char *refer_to)
{
	(void)dlg_request(bn.alice.d, "REFER",
			  F("Refer-To: <%s>\r\n", refer_to));
}


static void referee(void)
{
	begin_referee(bn.carol.p->uri);
}


static void referee_attended(void)
{
	begin_referee(F("%s?Replaces=%s%%3Bto-tag%%3D1%%3Bfrom-tag%%3D2",
			bn.carol.p->uri, random_id()));
}


static bool referee_success(const struct ending *e)
{
	return e->code == 200;
}


static void referee_agree(const struct ending *e)
{
	if (bn.alice.told && bn.alice.told != e->code)
		FAIL("alice was told %u, but: %s", bn.alice.told, e->param);

	if (e->code == 200 || e->code == 486) {
		if (!to_bob(&bn.carol, F("%u INVITE", e->code)))
			FAIL("carol has not answered so: %s", e->param);
		return;
	}

	if (to_bob_before(&bn.carol, "486 INVITE", e))
		FAIL("carol was busy: %s", e->param);

	if (bn.carol.up && !bn.carol.over &&
	    !seen_count("bob", "carol", F("BYE ~ %s", bn.carol.d->callid)))
		FAIL("carol is in a call: %s", e->param);
}


static void command(const char *cmd, const char *params)
{
	const struct resp r = ctrl(tt.bob, cmd, params);

	if (!r.ok)
		FAIL("/%s: %s", cmd, r.data);
}


static void referrer(void)
{
	command("transfer", bn.carol.p->uri);
}


static void referrer_attended(void)
{
	command("atransferstart", bn.carol.p->uri);
}


static bool has_failed(void)
{
	return bob_tells("referRejected") || bob_tells("failed") ||
		bob_tells("referTimeout") || bob_tells("referRequestRejected");
}


static bool has_answered(void)
{
	const struct dlg *d = bn.carol.d;

	return d && event_count(tt.bob, F("CALL_ESTABLISHED ~ %s", d->callid));
}


/* Join the two when carol has answered, or rings for long; or give up then,
   and when joining has failed */
static void referrer_attended_more(void)
{
	const bool late = now_ms() > bn.since + FAST(PATIENCE);

	if (!bn.joined && (has_answered() || (late && !bn.bye))) {
		bn.joined = true;
		(void)ctrl(tt.bob, "atransferexec", NULL);
	}
	else if (bn.joined ? has_failed() : late) {
		(void)ctrl(tt.bob, "atransferabort", NULL);
	}
}


/* A success may come after the end, and then ends the call as well */
static bool referrer_success(const struct ending *e)
{
	return !strcmp(e->outcome, "accepted") ||
		event_count(tt.bob, F("? ~ refer,referLate,id=%u  ~ code=200",
				      bn.id));
}


#define OUTCOME "NOTIFY ~ terminated ~ SIP/2.0 "

static void referrer_agree(const struct ending *e)
{
	if (!strcmp(e->outcome, "accepted")) {
		if (!to_bob(&bn.alice, OUTCOME "200"))
			FAIL("alice has told no success: %s", e->param);
	}
	else if (!strcmp(e->outcome, "rejected")) {
		if (!to_bob(&bn.alice, F(OUTCOME "%u", e->code)))
			FAIL("alice has not told so: %s", e->param);
	}
	else if (to_bob_before(&bn.alice, OUTCOME "200", e))
		FAIL("alice has told a success: %s", e->param);
	else if (to_bob_before(&bn.alice, OUTCOME, e) &&
		 !bob_tells("referRejected"))
		FAIL("alice has told a failure: %s", e->param);
}


static void target(void)
{
	const struct dlg *old = bn.alice.d;

	bn.carol.d = dlg_new(bn.carol.p, tt.bob->uri);
	(void)dlg_request(bn.carol.d, "INVITE",
			  F("Replaces: %s;to-tag=%s;from-tag=%s\r\n%s",
			    old->callid, old->rtag, old->ltag,
			    sdp(bn.carol.p)));
}


static bool target_success(const struct ending *e)
{
	(void)e;

	return bob_tells("replaced") > 0;
}


static void target_agree(const struct ending *e)
{
	const bool acked = to_bob(&bn.carol, "ACK") != NULL;

	if (acked != target_success(e))
		FAIL("carol's ACK has %s: %s", acked ? "come" : "not come",
		     e->param);
}


const struct way wayv[KINDS] = {
	{"referee",           false, referee, NULL, referee_success,
	 referee_agree, true},
	{"referee_attended",  true,  referee_attended, NULL, referee_success,
	 referee_agree, true},
	{"referrer",          false, referrer, NULL, referrer_success,
	 referrer_agree, false},
	{"referrer_attended", true,  referrer_attended, referrer_attended_more,
	 referrer_success, referrer_agree, false},
	{"target",            true,  target, NULL, target_success,
	 target_agree, true},
};
