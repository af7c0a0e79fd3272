/**
 * @file voice.c  What people read about transfers: a sentence for each step
 *
 * An observer of the events. The log has these sentences at info, with the
 * number of the transfer; the events themselves are debug.
 */
#include <string.h>
#include <re.h>
#include "console/console.h"
#include "core/event.h"
#include "core/observers.h"
#include "host/host.h"
#include "host/libre.h"
#include "referee/referee.h"
#include "syntax/people.h"
#include "syntax/sipfrag.h"


/** What a sentence is about: an event, and the transfer after it */
struct saying {
	const struct refer_event *ev;
	const struct refer_transfer *t;
};

/** A sentence for an event; "$x" is put in by a printer of insertv */
struct sentence {
	enum refer_role role;
	enum refer_event_type type;
	enum refer_outcome outcome;       /**< NONE for any             */
	bool (*when)(const struct saying *s);  /**< NULL for always     */
	bool warn;
	const char *text;
};

static struct {
	struct refer_observer *observer;
	uint32_t failed;       /**< This attended transfer has failed, and
				    that was said before its end */
} voice;


/* The call with the target is not up yet */
static bool is_asking(const struct saying *s)
{
	return !s->ev->client && s->ev->scode &&
		!str_cmp(s->t->state, "CALLING");
}


/* The call with the target is over; its code is the core's */
static bool is_left(const struct saying *s)
{
	return !s->ev->client && s->ev->scode &&
		!str_cmp(s->t->state, "TALKING");
}


/* The call to transfer is over; there is no code for that */
static bool is_lost(const struct saying *s)
{
	return !s->ev->client && !s->ev->scode;
}


/* An attended transfer that never came to its REFER */
static bool is_consulting(const struct saying *s)
{
	return !s->ev->client;
}


static bool was_said(const struct saying *s)
{
	return !s->ev->client && s->ev->id == voice.failed;
}


static bool has_code(const struct saying *s)
{
	return s->ev->scode != 0;
}


static bool is_first(const struct saying *s)
{
	return !s->ev->scode;
}


static bool is_reported(const struct saying *s)
{
	return s->t->can & REFER_CAN_REPORT;
}


/* RFC 5589 section 7.4 */
static bool is_no_transferee(const struct saying *s)
{
	return s->ev->scode == 405 || s->ev->scode == 501;
}


/* RFC 3892 section 2 */
static bool wants_identity(const struct saying *s)
{
	return s->ev->scode == 429;
}


static bool is_redirected(const struct saying *s)
{
	return s->ev->scode < 400;
}


/* The first that fits is said. What is missing here is said by nobody: each
   step once, and what a command answers not again */
static const struct sentence sentencev[] = {

	{REFER_ROLE_SERVER, REFER_EV_REFER_REQUEST_ACCEPTED, 0, is_reported,
	 false, "accepted, not called here; /refernotify $i reports on $t"},
	{REFER_ROLE_SERVER, REFER_EV_REFER_INVITE_SENT, 0, is_first, false,
	 "calling $t for $p"},
	{REFER_ROLE_SERVER, REFER_EV_REFER_TIMEOUT, 0, NULL, false,
	 "$r in time"},
	{REFER_ROLE_SERVER, REFER_EV_REFER_ENDED, REFER_OUTCOME_ACCEPTED,
	 NULL, false, "done: $n $c; $o"},
	{REFER_ROLE_SERVER, REFER_EV_REFER_ENDED, REFER_OUTCOME_REJECTED,
	 NULL, false, "failed: $n $c; $o"},
	{REFER_ROLE_SERVER, REFER_EV_REFER_ENDED, REFER_OUTCOME_REFUSED,
	 NULL, false, "refused; $o"},
	{REFER_ROLE_SERVER, REFER_EV_REFER_ENDED, REFER_OUTCOME_CANCELLED,
	 NULL, false, "ended: $r"},

	{REFER_ROLE_CLIENT, REFER_EV_REFER_REQUEST_ACCEPTED, 0, NULL, false,
	 "$p accepted the transfer to $t"},
	{REFER_ROLE_CLIENT, REFER_EV_FAILED, 0, is_asking, true,
	 "failed: $n $c$k"},
	{REFER_ROLE_CLIENT, REFER_EV_FAILED, 0, is_left, true,
	 "failed: the call with $n has ended$k"},
	{REFER_ROLE_CLIENT, REFER_EV_FAILED, 0, is_lost, true,
	 "failed: the call with $p has ended"},
	{REFER_ROLE_CLIENT, REFER_EV_FAILED, 0, is_consulting, true,
	 "failed: $q$k"},
	{REFER_ROLE_CLIENT, REFER_EV_REFER_ENDED, 0, was_said, false,
	 NULL},
	{REFER_ROLE_CLIENT, REFER_EV_REFER_ENDED, REFER_OUTCOME_ACCEPTED,
	 NULL, false, "done: $n $c$k"},
	{REFER_ROLE_CLIENT, REFER_EV_REFER_ENDED, REFER_OUTCOME_REJECTED,
	 NULL, true, "failed: $n $c$k"},
	{REFER_ROLE_CLIENT, REFER_EV_REFER_ENDED, REFER_OUTCOME_REFUSED,
	 is_no_transferee, true,
	 "failed: $p cannot be transferred ($s)$k; ask $p to call $t"},
	{REFER_ROLE_CLIENT, REFER_EV_REFER_ENDED, REFER_OUTCOME_REFUSED,
	 wants_identity, true,
	 "failed: $p wants a signed Referred-By, which is not supported ($s)"
	 "$k; ask $p to call $t"},
	{REFER_ROLE_CLIENT, REFER_EV_REFER_ENDED, REFER_OUTCOME_REFUSED,
	 is_redirected, true,
	 "failed: $p is at another address, which is not followed ($s)$k"},
	{REFER_ROLE_CLIENT, REFER_EV_REFER_ENDED, REFER_OUTCOME_REFUSED,
	 NULL, true, "failed: $p refused the transfer ($s)$k"},
	{REFER_ROLE_CLIENT, REFER_EV_REFER_ENDED, REFER_OUTCOME_UNKNOWN,
	 NULL, false, "done: $p will not report the outcome$k"},
	{REFER_ROLE_CLIENT, REFER_EV_REFER_ENDED, REFER_OUTCOME_CANCELLED,
	 NULL, false, "ended: $r$k"},
	{REFER_ROLE_CLIENT, REFER_EV_REFER_ENDED, REFER_OUTCOME_TIMEOUT,
	 NULL, true, "failed: $r$k"},
	{REFER_ROLE_CLIENT, REFER_EV_REFER_ENDED, REFER_OUTCOME_FAILED,
	 has_code, true, "failed: $p did not respond ($s)$k"},
	{REFER_ROLE_CLIENT, REFER_EV_REFER_ENDED, REFER_OUTCOME_FAILED,
	 NULL, true, "failed: $q$k"},
	{REFER_ROLE_CLIENT, REFER_EV_REFER_LATE, 0, NULL, false,
	 "late: $n $c"},

	{REFER_ROLE_TARGET, REFER_EV_REFER_ENDED, REFER_OUTCOME_ACCEPTED,
	 NULL, false, "done: the call with $p goes on"},
	{REFER_ROLE_TARGET, REFER_EV_REFER_ENDED, 0, NULL, false,
	 "failed: no call with $p$k"},
};


static int print_code(struct re_printf *pf, const struct saying *s)
{
	return people_result(pf, &s->ev->scode);
}


static int print_id(struct re_printf *pf, const struct saying *s)
{
	return re_hprintf(pf, "%u", s->ev->id);
}


static const char *target(const struct saying *s)
{
	return s->t->dialled ? s->t->dialled : s->t->target;
}


static int print_target(struct re_printf *pf, const struct saying *s)
{
	return people_uri(pf, target(s));
}


static int print_target_name(struct re_printf *pf, const struct saying *s)
{
	struct person p;

	person_set(&p, NULL, target(s));

	return person_print(pf, &p);
}


static int print_peer(struct re_printf *pf, const struct saying *s)
{
	const struct person p = {s->t->peer_name, s->t->peer};

	return person_print(pf, &p);
}


static int print_status(struct re_printf *pf, const struct saying *s)
{
	return re_hprintf(pf, "%u %s", s->ev->scode,
			  sip_reason(s->ev->scode));
}


static int print_reason(struct re_printf *pf, const struct saying *s)
{
	return re_hprintf(pf, "%s", s->ev->reason ? s->ev->reason : "");
}


static int print_quoted(struct re_printf *pf, const struct saying *s)
{
	return people_quote(pf, s->ev->reason);
}


static int print_told(struct re_printf *pf, const struct saying *s)
{
	if (s->ev->srv && server_told(s->ev->srv))
		return re_hprintf(pf, "%H was told %H", print_peer, s,
				  print_status, s);

	return re_hprintf(pf, "%H was not told", print_peer, s);
}


/* What has become of the call that was, or was to be, transferred */
static int print_call(struct re_printf *pf, const struct saying *s)
{
	const struct call *call = s->ev->client ?
		refer_client_call(s->ev->client) : s->t->callid ?
		host_call_find(s->t->callid, 0) : NULL;
	const bool kept = s->ev->outcome == REFER_OUTCOME_ACCEPTED ||
		s->ev->outcome == REFER_OUTCOME_UNKNOWN;
	struct person p = {s->t->peer_name, s->t->peer};

	if (!s->t->callid)
		return 0;

	if (call)
		person_set(&p, host_call_peer_name(call),
			   host_call_peer(call));

	return re_hprintf(pf, "; the call with %H %s", person_print, &p,
			  !call ? "is over" :
			  kept || !s->ev->client ? "goes on" :
			  host_call_held(call) ? "is on hold" : "is back");
}


static const struct {
	char letter;
	int (*h)(struct re_printf *pf, const struct saying *s);
} insertv[] = {
	{'c', print_code},
	{'i', print_id},
	{'k', print_call},
	{'n', print_target_name},
	{'o', print_told},
	{'p', print_peer},
	{'q', print_quoted},
	{'r', print_reason},
	{'s', print_status},
	{'t', print_target},
};


static int print_insert(struct re_printf *pf, char letter,
			const struct saying *s)
{
	size_t i;

	for (i=0; i<ARRAY_SIZE(insertv); ++i) {
		if (insertv[i].letter == letter)
			return insertv[i].h(pf, s);
	}

	return EINVAL;
}


/** A sentence, and what it is about */
struct speech {
	const char *text;
	const struct saying *s;
};


static int print_speech(struct re_printf *pf, const struct speech *speech)
{
	const char *p = speech->text;
	int err = 0;

	while (*p && !err) {
		const size_t n = strcspn(p, "$");

		err = n ? pf->vph(p, n, pf->arg)
			: print_insert(pf, p[1], speech->s);
		p += n ? n : 2;
	}

	return err;
}


static bool fits(const struct sentence *sen, const struct saying *s)
{
	return sen->role == s->ev->role && sen->type == s->ev->type &&
		(!sen->outcome || sen->outcome == s->t->outcome) &&
		(!sen->when || sen->when(s));
}


static void event_handler(const struct refer_event *ev,
			  const struct refer_transfer *t, void *arg)
{
	const struct saying s = {ev, t};
	struct speech speech = {NULL, &s};
	size_t i;
	(void)arg;

	for (i=0; i<ARRAY_SIZE(sentencev); ++i) {

		if (!fits(&sentencev[i], &s))
			continue;

		if (ev->type == REFER_EV_FAILED)
			voice.failed = ev->id;
		speech.text = sentencev[i].text;
		if (speech.text && sentencev[i].warn)
			warning("refer: #%u %H\n", ev->id, print_speech,
				&speech);
		else if (speech.text)
			info("refer: #%u %H\n", ev->id, print_speech,
			     &speech);
		return;
	}
}


/** Say from now on what happens */
int voice_init(void)
{
	voice.failed = 0;

	return refer_observe(&voice.observer, event_handler, NULL, NULL);
}


/** Say nothing more; later than the end of all transfers */
void voice_close(void)
{
	voice.observer = mem_deref(voice.observer);
}
