/**
 * @file consult.c  Asking the target, before an attended transfer
 *
 * The call to transfer is held, the target is called; then the two are joined
 * (RFC 5589 section 7.1), or all is as it was before. While the target still
 * rings they are joined by a blind transfer (section 7.6). There is one at a
 * time.
 */
#include <re.h>
#include "admission/wildcard.h"
#include "core/call_watch.h"
#include "core/core.h"
#include "core/event.h"
#include "core/invite.h"
#include "core/row.h"
#include "host/host.h"
#include "refer.h"
#include "referrer/client.h"
#include "referrer/referrer.h"
#include "referrer/target_uri.h"
#include "syntax/sipfrag.h"
#include "syntax/text.h"
#include "syntax/uri.h"
#include "target/target.h"


enum state {
	HOLDING,
	CALLING,
	TALKING,
	EXECUTING,
};

struct consult {
	struct refer *refer;
	uint32_t id;
	uint64_t ts;                /**< When it began [ms]              */
	enum state state;
	struct ua *ua;
	struct call_watch call;     /**< The call to transfer            */
	struct invite *invite;      /**< While the target rings          */
	struct call_watch other;    /**< The call with the target        */
	struct hold *hold;
	bool held;                  /**< Was put on hold for this        */
	struct refer_client *client; /**< While the two are being joined  */
	char *peer;
	char *target;
};


/* Its call goes on */
static void drop_invite(struct consult *con)
{
	invite_detach(con->invite);
	con->invite = NULL;
}


static void destructor(void *arg)
{
	struct consult *con = arg;

	if (con->client)
		refer_client_set_handler(con->client, NULL, NULL);

	call_unwatch(&con->call);
	call_unwatch(&con->other);
	drop_invite(con);
	mem_deref(con->hold);
	mem_deref(con->client);
	mem_deref(con->peer);
	mem_deref(con->target);
}


static const char *state_name(enum state state)
{
	switch (state) {

	case HOLDING:   return "HOLDING";
	case CALLING:   return "CALLING";
	case TALKING:   return "TALKING";
	case EXECUTING: return "EXECUTING";
	default:        return "???";
	}
}


static void set_state(struct consult *con, enum state state)
{
	info("refer: #%u consult %s -> %s\n", con->id,
	     state_name(con->state), state_name(state));

	con->state = state;
}


static void event(const struct consult *con, const char *name,
		  const char *outcome, uint16_t scode, const char *reason)
{
	const struct refer_event ev = {
		.name    = name,
		.id      = con->id,
		.role    = ROLE_CLIENT,
		.scode   = scode,
		.outcome = outcome,
		.reason  = reason,
		.target  = con->target,
		.ua      = con->ua,
		.call    = &con->call,
	};

	refer_event(&ev);
}


/* The call to transfer is as it was before */
static void resume(struct consult *con)
{
	if (con->held && call_alive(&con->call))
		(void)host_call_hold(con->call.call, false);

	con->held = false;
}


static void resume_handler(void *arg)
{
	struct refer *refer = arg;

	if (host_call_alive(refer->resume, refer->resume_callid))
		(void)host_call_hold(refer->resume, false);

	refer->resume        = NULL;
	refer->resume_callid = mem_deref(refer->resume_callid);
}


/* When a call ends baresip resumes one that is on hold: this one, for it is
   so still when that looks */
static void resume_later(struct consult *con)
{
	struct refer *refer = con->refer;

	if (!con->held || !call_alive(&con->call))
		return;

	con->held = false;
	mem_deref(refer->resume_callid);
	refer->resume        = con->call.call;
	refer->resume_callid = mem_ref(con->call.callid);
	tmr_start(&refer->tmr_resume, 0, resume_handler, refer);
}


/* In each event an application may end it, or begin another one */
static void end(struct consult *con, const char *outcome, uint16_t scode,
		const char *reason)
{
	if (con->refer->consult == con)
		con->refer->consult = NULL;

	event(con, "referEnded", outcome, scode, reason);
	mem_deref(con);
}


static void fail(struct consult *con, uint16_t scode, const char *reason)
{
	warning("refer: #%u attended transfer to %s failed: %u %H; the call"
		" is kept\n", con->id, con->target, scode, text_clean_str,
		reason);

	resume_later(con);
	mem_ref(con);
	event(con, "failed", NULL, scode, reason);
	if (con->refer->consult == con)
		end(con, "failed", scode, reason);
	mem_deref(con);
}


static void other_handler(enum call_change change, uint16_t scode,
			  const char *reason, void *arg)
{
	struct consult *con = arg;

	if (change != CALL_ESTABLISHED && con->state != EXECUTING)
		fail(con, scode, reason);
}


static void redirect_handler(const struct sipfrag *frag, void *arg)
{
	struct consult *con = arg;

	mem_deref(con->target);
	con->target = mem_ref((void *)invite_uri(con->invite));

	info("refer: #%u redirected by %u to %s\n", con->id, frag->scode,
	     con->target);
}


/* The target has answered, or not */
static void final_handler(const struct sipfrag *frag, void *arg)
{
	struct consult *con = arg;
	struct call *call = invite_call(con->invite);
	char *reason;

	con->invite = NULL;

	if (frag->scode < 300 && call &&
	    !call_watch(&con->other, con->refer->watches, NULL, call,
			other_handler, con)) {
		set_state(con, TALKING);
		return;
	}

	if (pl_strdup(&reason, &frag->reason))
		reason = NULL;

	fail(con, frag->scode, reason ? reason : "");
	mem_deref(reason);
}


static const struct invite_handlers handlers = {
	.redirecth = redirect_handler,
	.finalh    = final_handler,
};


/* The call with the target, whether it is established or not */
static struct call *other_call(const struct consult *con)
{
	if (con->invite)
		return invite_call(con->invite);

	return call_alive(&con->other) ? con->other.call : NULL;
}


/* Who is left talks to the target */
static void call_handler(enum call_change change, uint16_t scode,
			 const char *reason, void *arg)
{
	struct consult *con = arg;
	(void)scode;
	(void)reason;

	if (change != CALL_ESTABLISHED && con->state != EXECUTING)
		fail(con, 0, "the call to transfer has ended");
}


static int dial(struct consult *con)
{
	const struct invite_prm prm = {
		.ua       = con->ua,
		.uri      = con->target,
		.hdrs     = "",
		.novideo  = !host_call_has_video(con->call.call),
		.handlers = &handlers,
		.arg      = con,
	};
	int err;

	err = invite_send(&con->invite, con->refer, &prm);
	if (!err)
		set_state(con, CALLING);

	return err;
}


static void hold_handler(int err, void *arg)
{
	struct consult *con = arg;

	con->hold = mem_deref(con->hold);

	if (err)
		fail(con, 408, "the call could not be put on hold");
	else if (!call_alive(&con->call) || dial(con))
		fail(con, 503, "the target could not be called");
}


static int begin(struct consult *con)
{
	struct call *call = con->call.call;
	int err;

	if (host_call_held(call))
		return dial(con);

	err = hold_alloc(&con->hold, con->refer, call,
			 dialogs_of(con->refer, call), hold_handler, con);
	con->held = !err;

	return err;
}


/* Before the call is put on hold for it */
static int check_target(struct consult *con)
{
	int err;

	if (!target_valid(con->target))
		return EINVAL;

	err = uri_normalise(&con->target);
	if (err)
		return err;

	return host_uri_safe(con->target) ? 0 : ENOTSUP;
}


static bool is_being_transferred(const struct refer *refer,
				 const struct call *call)
{
	struct le *le;

	LIST_FOREACH(&refer->clientl, le) {
		const struct refer_client *c = le->data;

		if (c->watch.call == call)
			return true;
	}

	return false;
}


/**
 * Put a call on hold, and call the target
 *
 * @param refer  Protocol
 * @param call   Call to transfer
 * @param target URI of the target, without <>
 *
 * @return 0 if success, EINVAL if the target is no sip, sips or tel URI,
 *         ENOTSUP if the softphone cannot call it, EALREADY while there is
 *         another one, or a transfer of the call, EPROTO if the call is not
 *         established, otherwise errorcode
 */
int consult_start(struct refer *refer, struct call *call, const char *target)
{
	struct consult *con;
	int err;

	if (!refer || !call || !target)
		return EINVAL;

	if (refer->consult || is_being_transferred(refer, call))
		return EALREADY;

	if (!host_call_established(call) || !dialogs_of(refer, call))
		return EPROTO;

	con = mem_zalloc(sizeof(*con), destructor);
	if (!con)
		return ENOMEM;

	con->refer = refer;
	con->id    = ++refer->id;
	con->ts    = tmr_jiffies();
	con->ua    = host_call_ua(call);

	err  = call_watch(&con->call, refer->watches, NULL, call,
			  call_handler, con);
	err |= str_dup(&con->peer, host_call_peer(call));
	err |= str_dup(&con->target, target);
	if (!err)
		err = check_target(con);
	if (!err)
		err = begin(con);
	if (err) {
		mem_deref(con);
		return err;
	}

	refer->consult = con;

	return 0;
}


static void client_handler(struct refer_client *c,
			   const struct refer_client_event *ev, void *arg)
{
	struct consult *con = arg;

	if (str_cmp(ev->name, "referEnded"))
		return;

	refer_client_set_handler(c, NULL, NULL);
	con->client = mem_deref(con->client);

	if (!str_cmp(ev->outcome, "accepted") ||
	    !str_cmp(ev->outcome, "unknown") || !call_alive(&con->call)) {
		resume(con);
		end(con, ev->outcome, ev->scode, ev->reason);
	}
	else if (other_call(con))
		set_state(con, TALKING);
	else
		fail(con, ev->scode, ev->reason);
}


/* While the target still rings its call is given up first */
static int make_client(struct consult *con, bool talking)
{
	struct call *other = other_call(con);

	if (talking)
		return client_alloc_attended(&con->client, con->refer,
					     con->call.call, other);

	drop_invite(con);
	host_call_drop(other, "Transferred");

	return client_alloc(&con->client, con->refer, con->call.call,
			    con->target);
}


/**
 * Join the two
 *
 * When that fails, and the target was talked to, it is as before: it may be
 * tried again, or given up.
 *
 * @param refer Protocol
 *
 * @return 0 if success, ENOENT if there is nothing to join, EPROTO if the
 *         target was not called yet, or they are being joined, otherwise
 *         errorcode
 */
int consult_exec(struct refer *refer)
{
	struct consult *con = refer ? refer->consult : NULL;
	enum state before;
	int err;

	if (!con)
		return ENOENT;

	if ((con->state != CALLING && con->state != TALKING) ||
	    !call_alive(&con->call) || !other_call(con))
		return EPROTO;

	before = con->state;
	set_state(con, EXECUTING);
	err = make_client(con, before == TALKING);
	if (!err) {
		refer_client_set_handler(con->client, client_handler, con);
		err = refer_client_refer(con->client, NULL);
	}
	if (!err)
		return 0;

	con->client = mem_deref(con->client);
	if (before == TALKING)
		set_state(con, TALKING);
	else
		fail(con, 503, "REFER could not be sent");

	return err;
}


/**
 * Give it up: the target is hung up, the call resumed
 *
 * @param refer  Protocol
 * @param reason Why, for people; NULL to leave both calls as they are
 *
 * @return 0 if success, ENOENT if there is nothing to give up, EPROTO if the
 *         two are being joined
 */
int consult_abort(struct refer *refer, const char *reason)
{
	struct consult *con = refer ? refer->consult : NULL;
	struct call *other;

	if (!con)
		return ENOENT;

	if (reason && con->state == EXECUTING)
		return EPROTO;

	other = other_call(con);
	drop_invite(con);
	call_unwatch(&con->other);
	refer->consult = NULL;

	if (reason) {
		if (other)
			host_call_drop(other, reason);
		resume(con);
	}

	end(con, "cancelled", 0, reason ? reason : "module is unloaded");

	return 0;
}


/**
 * Tell whether a call is to be transferred when the target was asked
 *
 * @param refer Protocol
 * @param c     Client context that is not what does so
 *
 * @return True if so
 */
bool consult_has(const struct refer *refer, const struct refer_client *c)
{
	const struct consult *con = refer->consult;

	return con && con->client != c && c->watch.call &&
		con->call.call == c->watch.call;
}


/**
 * A call takes the place of another one: of one of these two, maybe
 *
 * @param refer Protocol
 * @param from  Call that is replaced
 * @param to    Call that replaces it, established; or NULL if it is over
 */
void consult_moved(struct refer *refer, const struct call *from,
		   struct call *to)
{
	struct consult *con = refer->consult;

	if (!con || !from || !to || con->state == EXECUTING)
		return;

	if (con->call.call == from) {
		call_unwatch(&con->call);
		(void)call_watch(&con->call, refer->watches, NULL, to,
				 call_handler, con);
	}
	else if (other_call(con) == from) {
		drop_invite(con);
		call_unwatch(&con->other);
		(void)call_watch(&con->other, refer->watches, NULL, to,
				 other_handler, con);
		set_state(con, TALKING);
	}
}


/**
 * Resume what was to be resumed in a moment
 *
 * @param refer Protocol
 */
void consult_close(struct refer *refer)
{
	if (tmr_isrunning(&refer->tmr_resume))
		resume_handler(refer);

	tmr_cancel(&refer->tmr_resume);
}


/**
 * Get what is shown of it
 *
 * @param row Set on return; points into the context
 * @param con Consultation
 */
void consult_row(struct refer_row *row, const struct consult *con)
{
	*row = (struct refer_row){
		.id         = con->id,
		.can        = con->state == EXECUTING ? 0 : CAN_CANCEL,
		.role       = ROLE_CLIENT,
		.state      = state_name(con->state),
		.ts         = con->ts,
		.account    = host_ua_alive(con->ua) ? host_ua_aor(con->ua)
			: NULL,
		.peer       = {con->peer, str_len(con->peer)},
		.target     = con->target,
		.callid     = con->call.callid,
		.new_callid = con->invite ? invite_callid(con->invite)
			: con->other.callid,
	};
}
