/**
 * @file refer.h  Call transfer for other modules: the public interface
 *
 * An application is a baresip module that is loaded after refer.so and linked
 * with -l:refer.so; it includes <re.h> first. All functions are for
 * baresip's main thread.
 *
 * Errors are errno codes: EINVAL a bad argument, EPROTO not in this state,
 * EALREADY done before, ENOENT no such thing. A call that fails sends
 * nothing, fires no event, and changes nothing.
 */
#ifndef REFER_H
#define REFER_H

/** Release of the module */
#define REFER_VERSION "1.0.0"

#define REFER_API __attribute__((visibility("default")))

struct call;
struct odict;
struct refer_client;
struct refer_inviter;
struct refer_server;
struct refer_handler;
struct refer_observer;
struct referral;
struct sip_addr;
struct sip_dialog;
struct sip_msg;
struct ua;


/* Events, of both sides */

/** Events of a transfer; docs/events.md says when each comes */
enum refer_event_type {
	REFER_EV_PROGRESS,               /**< "progress"                     */
	REFER_EV_ACCEPTED,               /**< "accepted"                     */
	REFER_EV_REJECTED,               /**< "rejected"                     */
	REFER_EV_FAILED,                 /**< "failed"                       */
	REFER_EV_NOTIFY,                 /**< "notify"                       */
	REFER_EV_REPLACED,               /**< "replaced"                     */
	REFER_EV_REFER_REQUESTED,        /**< "referRequested"               */
	REFER_EV_REFER_PENDING,          /**< "referPending"                 */
	REFER_EV_REFER_REQUEST_PROGRESS, /**< "referRequestProgress"         */
	REFER_EV_REFER_REQUEST_ACCEPTED, /**< "referRequestAccepted"         */
	REFER_EV_REFER_REQUEST_REJECTED, /**< "referRequestRejected"         */
	REFER_EV_REFER_INVITE_SENT,      /**< "referInviteSent"              */
	REFER_EV_REFER_PROGRESS,         /**< "referProgress"                */
	REFER_EV_REFER_ACCEPTED,         /**< "referAccepted"                */
	REFER_EV_REFER_REJECTED,         /**< "referRejected"                */
	REFER_EV_REFER_TIMEOUT,          /**< "referTimeout"                 */
	REFER_EV_REFER_ENDED,            /**< "referEnded", the last one     */
	REFER_EV_REFER_LATE,             /**< "referLate", after a timeout   */
};

/** Our part in a transfer */
enum refer_role {
	REFER_ROLE_SERVER,               /**< We were referred               */
	REFER_ROLE_CLIENT,               /**< We refer                       */
	REFER_ROLE_TARGET,               /**< A call replaces another here   */

	REFER_ROLE_MAX
};

/** How an outgoing REFER ended */
enum refer_outcome {
	REFER_OUTCOME_NONE,              /**< It has not, or it is none      */
	REFER_OUTCOME_ACCEPTED,          /**< The target has accepted        */
	REFER_OUTCOME_REJECTED,          /**< The target has not             */
	REFER_OUTCOME_REFUSED,           /**< The REFER was refused          */
	REFER_OUTCOME_FAILED,            /**< Nothing will be known          */
	REFER_OUTCOME_TIMEOUT,           /**< Nothing was heard in time      */
	REFER_OUTCOME_UNKNOWN,           /**< No report was asked for        */
	REFER_OUTCOME_CANCELLED,         /**< Given up by us                 */

	REFER_OUTCOME_MAX
};

/** An event; what it points to is valid until the handler returns */
struct refer_event {
	enum refer_event_type type;
	enum refer_role role;
	uint32_t id;                     /**< Number of the transfer         */
	struct refer_server *srv;        /**< Of a server, otherwise NULL    */
	struct refer_client *client;     /**< Of a client, otherwise NULL    */
	uint16_t scode;                  /**< Status code, or 0              */
	const char *reason;              /**< Reason phrase, or NULL         */
	enum refer_outcome outcome;      /**< Of a client's referEnded       */
	const char *target;              /**< URI that is called             */
	const struct sip_msg *msg;       /**< Message it speaks of, or NULL  */
};

/**
 * Called for each event, after the message it speaks of was sent or received
 *
 * @param ev  Event
 * @param arg Handler argument
 */
typedef void (refer_event_h)(const struct refer_event *ev, void *arg);

/**
 * Get the name of an event: that of the seeds, as in docs/events.md
 *
 * @param type Event
 *
 * @return Name, "?" if there is none
 */
REFER_API const char *refer_event_name(enum refer_event_type type);

/**
 * Get the name of an outcome, as in docs/events.md
 *
 * @param outcome Outcome
 *
 * @return Name, "" for none, "?" if there is none of that number
 */
REFER_API const char *refer_outcome_name(enum refer_outcome outcome);


/** States of an incoming REFER */
enum refer_server_state {
	REFER_WAITING,       /**< Not answered yet                          */
	REFER_PENDING,       /**< 202 was sent, the decision is still open  */
	REFER_ACCEPTED,      /**< Accepted, being executed                  */
	REFER_REJECTED,      /**< Refused                                   */
	REFER_TERMINATED,    /**< Executed, or given up                     */
};

/** How to call the target; all may be left out */
struct refer_invite_opts {
	const char *const *hdrv;  /**< More header lines "Name: value", NULL
				       at the end                            */
	bool novideo;             /**< Audio only, even if the referred call
				       has video                             */
	const char *target;       /**< Another target, as /transfer takes it;
				       may have Replaces and Require, and the
				       REFER's Replaces is not used then     */
	struct ua *ua;            /**< Another account to call from          */
	const char *outbound;     /**< Proxy that the INVITE goes through, a
				       sip URI without headers, password,
				       comma and ;lr                         */
	const char *name;         /**< Display name, at most 255 bytes of
				       UTF-8, without "\<>                   */
	bool anonymous;           /**< Withhold who calls (RFC 3323); not with
				       a name                                */
};

/** How to answer; all may be left out */
struct refer_opts {
	uint16_t scode;           /**< Status code, 0 for the call's default */
	const char *reason;       /**< Reason phrase, NULL for the standard  */
	const char *const *hdrv;  /**< More header lines "Name: value", NULL
				       at the end                            */
	const char *ctype;        /**< Content type of the body              */
	const char *body;         /**< Body, needs a content type            */
	bool nofollow;            /**< Accept: do not execute the referral   */
	const struct refer_invite_opts *invite; /**< Accept: how to call     */
};

/** Handlers of an application; each may be NULL */
struct refer_delegate {
	refer_event_h *eventh;

	/** The referrer sent CANCEL; the REFER is not changed by that */
	void (*cancelh)(struct refer_server *srv, void *arg);

	/** A response could not be sent; or, with ECONNRESET, the connection
	    that the REFER came over was closed before it was answered: a
	    response goes to the address in its Via then, if anyone listens
	    there (RFC 3261 section 18.2.2) */
	void (*errorh)(struct refer_server *srv, int err, void *arg);

	/** More header lines "Name: value" for the INVITE that executes it,
	    NULL at the end, or NULL. Asked when the inviter is made; not
	    kept. As refer_invite_headers: no header that baresip, libre or
	    the module writes, and no control character. A header of
	    refer_invite_opts wins over one of the same name */
	const char *const *(*headersh)(struct refer_server *srv, void *arg);
};

/**
 * Called for each REFER that policy does not refuse
 *
 * @param srv Server context
 * @param arg Handler argument
 *
 * @return True to take it: it is decided, or will be. False to leave it to
 *         the next application, and at last to policy
 */
typedef bool (refer_request_h)(struct refer_server *srv, void *arg);

/**
 * Let an application decide on each REFER that policy does not refuse
 *
 * The applications are asked in the order in which they came, until one takes
 * the REFER; if none does, policy decides. It may be accepted or refused in
 * the handler, or later: see refer_decide_time and refer_ask_timeout in the
 * manual. Also without a module that is started: it asks when it is. If the
 * policy is ask, a person is asked about a REFER that none takes, at the
 * console and with refer_ask_sound.
 *
 * A required application is missing when it is gone, until one of that name
 * comes. No REFER is accepted then but by a person: it waits if the policy is
 * ask, and is refused otherwise.
 *
 * @param hp       Pointer to allocated handler; mem_deref() removes it, and
 *                 no other
 * @param name     Name of the application, a word of at most 31 bytes
 * @param required True if no REFER may be accepted without it from now on
 * @param h        Handler
 * @param arg      Handler argument
 *
 * @return 0 if success, EINVAL for a wrong argument, EOVERFLOW if too many
 *         are required, otherwise errorcode
 */
REFER_API int refer_handler_register(struct refer_handler **hp,
				     const char *name, bool required,
				     refer_request_h *h, void *arg);


/* Server: one incoming REFER (seeds: ServerContext, ReferServerContext,
   ReferUserAgentServer) */

/**
 * Send 100 Trying, once (seeds: progress(), trying())
 *
 * Over UDP it goes out 3.5 s after the REFER came (RFC 4320 section 4.1); an
 * earlier call is kept until then. Without a call it goes out then as well.
 *
 * @param srv Server context
 *
 * @return 0 if success, EINVAL without a context, EPROTO if it is answered,
 *         EALREADY if called before
 */
REFER_API int refer_server_trying(struct refer_server *srv);

/**
 * Accept a REFER, and execute it unless opts say otherwise (seed: accept)
 *
 * The 2xx goes out, and NOTIFY 100; events are fired and the INVITE is sent
 * before this returns. While it is pending the 202 is out: the status code,
 * the headers and the body of opts are not used then. How opts say to call
 * counts, also if referral_make_inviter() was told otherwise before.
 *
 * @param srv  Server context; may end here, if the call cannot be placed
 * @param opts Options, default 202, 200-299; or NULL. Nothing of it is kept
 *
 * @return 0 if success, EINVAL if an argument, or a header of the delegate,
 *         is wrong, EPROTO if it is decided, ENOENT if a user agent is gone,
 *         EPERM if the target of opts is not allowed, or a reload has
 *         forbidden that of the REFER or the referrer, ENOTSUP if the account
 *         cannot call so (media NAT traversal of baresip, see the manual),
 *         otherwise errorcode: the response could not be sent
 */
REFER_API int refer_server_accept(struct refer_server *srv,
				  const struct refer_opts *opts);

/**
 * Refuse a REFER, and name other addresses that it may be sent to (seed:
 * redirect; RFC 3261 section 21.3)
 *
 * @param srv      Server context; ends here, but one that is pending when its
 *                 last NOTIFY is out
 * @param contactv URIs, NULL at the end; at least one. Not kept
 * @param opts     Options, default 302, 300-399; or NULL. Not kept
 *
 * @return 0 if success, EINVAL if an argument is wrong, EPROTO if it is
 *         decided, otherwise errorcode: the response could not be sent
 */
REFER_API int refer_server_redirect(struct refer_server *srv,
				    const char *const *contactv,
				    const struct refer_opts *opts);

/**
 * Refuse a REFER (seed: reject)
 *
 * One that waits gets the status as its response, one that is pending in a
 * last NOTIFY with the reason "rejected" (RFC 6665 section 4.1.3).
 *
 * @param srv  Server context; ends here, but one that is pending when its last
 *             NOTIFY is out
 * @param opts Options, default 480, or 603 while it is pending; 300-699; or
 *             NULL. Nothing of it is kept
 *
 * @return 0 if success, EINVAL if an argument is wrong, EPROTO if it is
 *         decided, otherwise errorcode: the response could not be sent
 */
REFER_API int refer_server_reject(struct refer_server *srv,
				  const struct refer_opts *opts);

/**
 * Answer a REFER with any status code, as the call of its range does (seed:
 * reply): refer_server_trying(), refer_server_accept(), refer_server_reject()
 *
 * @param srv  Server context
 * @param opts Options with a status code, 100 or 200-699; not kept
 *
 * @return 0 if success, EINVAL if an argument is wrong, EPROTO if it is
 *         decided, otherwise what that call returns
 */
REFER_API int refer_server_reply(struct refer_server *srv,
				 const struct refer_opts *opts);

/**
 * Tell the referrer how an application that executes the referral by itself
 * gets on (RFC 3515 section 2.4.5)
 *
 * @param srv    Server context, accepted with nofollow
 * @param scode  Status code, 100-699; 200 and above is the last one, and
 *               fires referEnded when it is out
 * @param reason Reason phrase, or NULL for the standard one; not kept
 *
 * @return 0 if success, EINVAL if an argument is wrong, EPROTO if the REFER is
 *         not accepted so, or the last status was given
 */
REFER_API int refer_server_notify(struct refer_server *srv, uint16_t scode,
				  const char *reason);

/**
 * Give a REFER up, whatever its state (seed: dispose)
 *
 * One that waits is answered with 480; a subscription ends with that status
 * and a final reason, as nobody could subscribe again (RFC 6665 section
 * 4.1.3); a call that executes it goes on. referEnded is fired before this
 * returns. Nothing happens if it has ended already.
 *
 * @param srv Server context, or NULL; not to be used any more unless
 *            referenced
 */
REFER_API void refer_server_dispose(struct refer_server *srv);

/**
 * Set the handlers of an application; they can be replaced at any time
 *
 * @param srv      Server context, or NULL
 * @param delegate Handlers, or NULL for none; not copied, must live as long
 *                 as they are set
 * @param arg      Handler argument; stays the application's
 */
REFER_API void refer_server_set_delegate(struct refer_server *srv,
					 const struct refer_delegate *dlg,
					 void *arg);

/**
 * Set data of an application (seed: data)
 *
 * @param srv  Server context, or NULL
 * @param data Data; stays the application's, nothing is done with it
 */
REFER_API void refer_server_set_data(struct refer_server *srv, void *data);

/**
 * Get data of an application (seed: data)
 *
 * @param srv Server context, or NULL
 *
 * @return As it was set, or NULL
 */
REFER_API void *refer_server_data(const struct refer_server *srv);

/**
 * Find an incoming REFER by its number
 *
 * @param id Number
 *
 * @return Server context, the protocol's until referEnded; NULL if there is
 *         none under way, or no module
 */
REFER_API struct refer_server *refer_server_find(uint32_t id);

/**
 * Get the number of a REFER, as commands and events use it
 *
 * @param srv Server context, or NULL
 *
 * @return Number, from 1; never used again while the module runs
 */
REFER_API uint32_t refer_server_id(const struct refer_server *srv);

/**
 * Get the state of a REFER
 *
 * @param srv Server context, or NULL
 *
 * @return State; REFER_TERMINATED without a context
 */
REFER_API enum refer_server_state
refer_server_state(const struct refer_server *srv);

/**
 * Get the name of a state, as logs and /referlist show it
 *
 * @param state State
 *
 * @return Name, a constant; "???" if there is no such state
 */
REFER_API const char *refer_server_state_name(enum refer_server_state state);

/**
 * Get the user agent that a REFER was sent to (seed: ua)
 *
 * @param srv Server context, or NULL
 *
 * @return User agent, baresip's own; NULL if it is gone
 */
REFER_API struct ua *refer_server_ua(const struct refer_server *srv);

/**
 * Get the referred call: the one that the REFER came in, or that its
 * Target-Dialog names (RFC 4538)
 *
 * @param srv Server context, or NULL
 *
 * @return Call, baresip's own; NULL if there is none, or it is gone
 */
REFER_API struct call *refer_server_call(const struct refer_server *srv);

/**
 * Get the request; its method, From, To and body are in it (seeds: request,
 * method, localIdentity, remoteIdentity, message)
 *
 * Its From is what its sender wrote, and proves nothing: who refers is peer of
 * refer_transfer_get().
 *
 * @param srv Server context, or NULL
 *
 * @return REFER; belongs to the context, valid as long as that lives
 */
REFER_API const struct sip_msg *
refer_server_request(const struct refer_server *srv);

/**
 * Get the dialog of a REFER: the call's, or that which a REFER out of a dialog
 * has made
 *
 * @param srv Server context, or NULL
 *
 * @return Dialog; valid as long as the context lives
 */
REFER_API struct sip_dialog *
refer_server_dialog(const struct refer_server *srv);

/**
 * Get what a REFER asks for (seed: Referral)
 *
 * @param srv Server context, or NULL
 *
 * @return Referral; part of the context, valid as long as that lives: take a
 *         reference to the context, not to the referral
 */
REFER_API struct referral *
refer_server_referral(const struct refer_server *srv);

/**
 * Get the last response that was sent
 *
 * @param srv    Server context, or NULL
 * @param reason Set to its reason phrase, or NULL; valid until the next
 *               response. May be NULL
 *
 * @return Status code, 0 if none was sent
 */
REFER_API uint16_t refer_server_response(const struct refer_server *srv,
					 const char **reason);


/* Referral: what the REFER asks for (seed: Referral) */

/** A Replaces value (RFC 3891); the parts point into the decoded text */
struct refer_replaces {
	struct pl callid;
	struct pl to_tag;
	struct pl from_tag;
	bool early_only;
};

/**
 * Get the target (seed: referTo)
 *
 * @param rf Referral, or NULL
 *
 * @return URI, without headers and method; valid as long as the context lives
 */
REFER_API const char *referral_refer_to(const struct referral *rf);

/**
 * Get the parts of Refer-To as they came: display name, URI with parameters
 * and headers (seed: referTo)
 *
 * @param rf   Referral
 * @param addr Set on success; points into the request
 *
 * @return 0 if success, EINVAL if an argument is missing, EBADMSG if it is no
 *         address of libre's
 */
REFER_API int referral_refer_to_addr(const struct referral *rf,
				     struct sip_addr *addr);

/**
 * Get Referred-By (seed: referredBy; RFC 3892 section 2.1)
 *
 * @param rf Referral, or NULL
 *
 * @return Header value, unmodified but in one line; NULL if there was none.
 *         Valid as long as the context lives
 */
REFER_API const char *referral_referred_by(const struct referral *rf);

/**
 * Get Replaces of the target (seed: replaces; RFC 3891 section 6.1)
 *
 * @param rf Referral, or NULL
 *
 * @return Value without URI escapes, see refer_replaces_decode(); NULL if
 *         there was none. Valid as long as the context lives
 */
REFER_API const char *referral_replaces(const struct referral *rf);

/**
 * Get a header that came with the REFER for the new call: in the URI of
 * Refer-To, then in the REFER itself
 *
 * Those that route, authenticate, or belong to the REFER are left out, and
 * what is behind 4096 bytes. refer_copy_headers and refer_pass_headers decide
 * which of them the INVITE has.
 *
 * @param rf    Referral
 * @param n     Number of the header, from 0
 * @param namep Set to its name, as it was written
 * @param valp  Set to its value: one line of UTF-8, without escapes of the
 *              URI. Both are valid as long as the context lives
 *
 * @return 0 if success, ENOENT if there are no more, EINVAL if an argument is
 *         missing
 */
REFER_API int referral_header(const struct referral *rf, size_t n,
			      const char **namep, const char **valp);

/**
 * Decode the value of a Replaces header (seed: Referral.replaces)
 *
 * @param rep Set to the parts of the value; they point into its text
 * @param val Value, without the escapes of a URI
 *
 * @return 0 if success, EBADMSG if it is malformed: it must have a Call-ID
 *         and exactly one to-tag and one from-tag (RFC 3891 section 6.1)
 */
REFER_API int refer_replaces_decode(struct refer_replaces *rep,
				    const struct pl *val);

/**
 * Get the request (seed: request)
 *
 * @param rf Referral, or NULL
 *
 * @return REFER; belongs to the context, valid as long as that lives
 */
REFER_API const struct sip_msg *referral_request(const struct referral *rf);

/**
 * Accept the REFER of a referral (seed: Referral.accept)
 *
 * @param rf   Referral
 * @param opts Options, default 202; or NULL
 *
 * @return As refer_server_accept()
 */
REFER_API int referral_accept(struct referral *rf,
			      const struct refer_opts *opts);

/**
 * Refuse the REFER of a referral (seed: Referral.reject)
 *
 * @param rf   Referral
 * @param opts Options, default 480; or NULL
 *
 * @return As refer_server_reject()
 */
REFER_API int referral_reject(struct referral *rf,
			      const struct refer_opts *opts);

/**
 * Make the inviter that executes a referral (seed: makeInviter); there is one
 * only, later calls return the same
 *
 * It sends nothing yet, see refer_inviter_invite(). Its INVITE carries
 * Replaces and Referred-By of the REFER; what the target answers is reported
 * to the referrer.
 *
 * @param invp Pointer to the inviter; part of the server context, valid as
 *             long as that lives
 * @param rf   Referral
 * @param opts How to call, or NULL; nothing of it is kept. Those of later
 *             calls are ignored
 *
 * @return 0 if success, EINVAL if an argument is missing or opts are wrong,
 *         EPROTO after the REFER was refused or has ended, ENOENT, EPERM and
 *         ENOTSUP as refer_server_accept(), otherwise errorcode
 */
REFER_API int referral_make_inviter(struct refer_inviter **invp,
				    struct referral *rf,
				    const struct refer_invite_opts *opts);


/* Inviter: the INVITE that executes it (seed: Referral.makeInviter) */

/** States of an inviter */
enum refer_inviter_state {
	REFER_INVITER_INITIAL,       /**< Nothing was sent                   */
	REFER_INVITER_ESTABLISHING,  /**< The INVITE is under way            */
	REFER_INVITER_ESTABLISHED,   /**< The target has answered            */
	REFER_INVITER_TERMINATED,    /**< It has failed, or the call is over */
};

/**
 * Called when the state of an inviter has changed
 *
 * @param inv   Inviter
 * @param state New state
 * @param arg   Handler argument
 */
typedef void (refer_inviter_state_h)(struct refer_inviter *inv,
				     enum refer_inviter_state state,
				     void *arg);

/**
 * Send the INVITE that executes a referral (seed: Inviter.invite)
 *
 * It is given up after refer_ring_timeout (408 to the referrer).
 *
 * @param inv Inviter
 *
 * @return 0 if success, EINVAL without an inviter, EPROTO if the REFER is not
 *         accepted, EALREADY if it was sent before, ENOENT if the user agent
 *         is gone, EPERM if a reload has forbidden the target, otherwise
 *         errorcode
 */
REFER_API int refer_inviter_invite(struct refer_inviter *inv);

/**
 * Give the INVITE up (seed: Inviter.cancel); the referrer is told 487
 *
 * The CANCEL says no more: libre writes it without other headers.
 *
 * @param inv    Inviter
 * @param reason Reason phrase for the referrer, or NULL for the standard; not
 *               kept
 *
 * @return 0 if success, EINVAL without an inviter or with a line break in the
 *         reason, EPROTO if the INVITE is not under way
 */
REFER_API int refer_inviter_cancel(struct refer_inviter *inv,
				   const char *reason);

/**
 * Get the call that executes the referral
 *
 * It outlives the REFER: whoever wants it after referEnded holds a reference
 * to the server context.
 *
 * @param inv Inviter, or NULL
 *
 * @return Call, baresip's own; NULL before refer_inviter_invite(), and once
 *         it has failed or is over
 */
REFER_API struct call *refer_inviter_call(const struct refer_inviter *inv);

/**
 * Get the state of an inviter
 *
 * @param inv Inviter, or NULL
 *
 * @return State; REFER_INVITER_TERMINATED without an inviter
 */
REFER_API enum refer_inviter_state
refer_inviter_state(const struct refer_inviter *inv);

/**
 * Get the name of a state of an inviter
 *
 * @param state State
 *
 * @return Name, a constant; "???" if there is no such state
 */
REFER_API const char *
refer_inviter_state_name(enum refer_inviter_state state);

/**
 * Set the handler of an inviter's state; it can be replaced at any time
 *
 * After referEnded it is called as long as somebody holds a reference to the
 * server context, and the module is there.
 *
 * @param inv    Inviter, or NULL
 * @param stateh Handler, or NULL
 * @param arg    Handler argument; stays the application's
 */
REFER_API void refer_inviter_set_handler(struct refer_inviter *inv,
					 refer_inviter_state_h *stateh,
					 void *arg);


/* Client: one outgoing REFER (seed: ReferClientContext) */

/** States of an outgoing REFER */
enum refer_client_state {
	REFER_CLIENT_IDLE,       /**< Never sent                            */
	REFER_CLIENT_HOLDING,    /**< The call is being put on hold         */
	REFER_CLIENT_SENT,       /**< The REFER waits for its response      */
	REFER_CLIENT_ACCEPTED,   /**< It was accepted, the outcome is open  */
	REFER_CLIENT_TERMINATED, /**< Over; it can be sent again            */
};

/**
 * Called with each response to the REFER, but a challenge that is answered
 *
 * @param c   Client context
 * @param msg Response, NULL if none came
 * @param arg Handler argument
 */
typedef void (refer_response_h)(struct refer_client *c,
				const struct sip_msg *msg, void *arg);

/** Whether, or as the configuration says */
enum refer_choice {
	REFER_AS_CONFIGURED,
	REFER_YES,
	REFER_NO,
};

/** How to refer; all may be left out */
struct refer_client_opts {
	const char *const *hdrv;  /**< More header lines "Name: value", NULL
				       at the end                            */
	const char *ctype;        /**< Content type of the body              */
	const char *body;         /**< Body, needs a content type            */
	bool nosub;               /**< No status is wanted                   */
	refer_response_h *resph;  /**< Handler of responses                  */
	void *arg;                /**< Its argument                          */
	enum refer_choice hold;   /**< Put the call on hold first            */
	enum refer_choice keep;   /**< Keep the call after a success         */
	uint32_t timeout;         /**< It ends with "timeout" after that,
				       0: as the configuration says [s]      */
	const char *const *uri_hdrv; /**< Headers for the URI in Refer-To,
				       "Name: value", NULL at the end; not for
				       a tel URI                             */
};

/**
 * Allocate a REFER that transfers a call (seed: ReferClientContext; RFC 5589
 * section 6)
 *
 * @param cp     Pointer to allocated client context; the caller dereferences
 *               it, also while the REFER is under way
 * @param call   Call to transfer
 * @param target Target, as /transfer takes it: a name-addr, a URI, user@host,
 *               or a user of the account's domain
 *
 * @return 0 if success, EINVAL if the target makes no sip, sips or tel URI,
 *         EPROTO if the call is not established, ENOENT if it
 *         has no dialog or there is no module, EAGAIN if the target replaces
 *         a call that is not established, otherwise errorcode
 */
REFER_API int refer_client_alloc(struct refer_client **cp, struct call *call,
				 const char *target);

/**
 * Allocate a REFER that joins two calls: an attended transfer (RFC 5589
 * section 7)
 *
 * @param cp    Pointer to allocated client context; the caller dereferences it
 * @param call  Call to transfer
 * @param other Call with the target
 *
 * @return 0 if success, EINVAL if they are the same, EPROTO if one is not
 *         established, ENOENT if one has no dialog or there is no module,
 *         ENOSYS if this libre does not tell the tags, otherwise errorcode
 */
REFER_API int refer_client_alloc_attended(struct refer_client **cp,
					  struct call *call,
					  struct call *other);

/**
 * Allocate a REFER out of a dialog (RFC 3515 section 2.4.1)
 *
 * @param cp     Pointer to allocated context; the caller dereferences it
 * @param ua     User agent that sends it
 * @param peer   Whom to refer, in any form that the target can have
 * @param target Target, as refer_client_alloc() takes it
 *
 * @return 0 if success, EINVAL if one of them makes no sip, sips or tel URI,
 *         ENOENT if there is no module, EAGAIN if the target
 *         replaces a call that is not established, otherwise errorcode
 */
REFER_API int refer_client_alloc_outside(struct refer_client **cp,
					 struct ua *ua, const char *peer,
					 const char *target);

/**
 * Send the REFER (seed: refer; RFC 3515 section 2.4.1)
 *
 * Puts the call on hold first (RFC 5589 section 6), unless it is on hold or
 * refer_hold says no. Returns at once; events report the progress, the last
 * one is "referEnded". Until then the protocol holds a reference of its own.
 * From that event on this may be called again: the REFER has a new number
 * then. Another context can refer the same call meanwhile: both are under way
 * then, and the call is resumed when the last one has failed.
 *
 * @param c    Client context
 * @param opts How to refer, or NULL for the defaults; nothing of it is kept,
 *             except the handler and its argument
 *
 * @return 0 if success, EALREADY while the REFER of this context, or a
 *         consultation for the call, is under way, ENOENT if the call, the
 *         user agent or the module is gone, EPROTO if the call is not
 *         established, EINVAL if the context is NULL or opts are wrong,
 *         otherwise errorcode
 */
REFER_API int refer_client_refer(struct refer_client *c,
				 const struct refer_client_opts *opts);

/**
 * Give a REFER up: the subscription is ended, the call resumed
 *
 * Ends with "referEnded" before it returns. The other side may execute the
 * REFER even so (RFC 3515 section 2.4.4). The caller's reference stays the
 * caller's.
 *
 * @param c Client context
 *
 * @return 0 if success, EPROTO if none is under way, EINVAL if it is NULL
 */
REFER_API int refer_client_dispose(struct refer_client *c);

/**
 * Set the handler of events (seed: the handlers of ReferClientContext)
 *
 * It can be replaced at any time, also by itself. The context that an event
 * has is held by the protocol until the handler returns. With NULL nothing is
 * called from there on, the handler of responses neither: do so before
 * mem_deref() of a REFER that is under way, and it goes on by itself.
 *
 * @param c      Client context
 * @param eventh Handler, or NULL
 * @param arg    Handler argument; nothing is done with it
 */
REFER_API void refer_client_set_handler(struct refer_client *c,
					refer_event_h *eventh, void *arg);

/**
 * Set data of an application
 *
 * @param c    Client context
 * @param data Data; stays the application's, also when the context goes
 */
REFER_API void refer_client_set_data(struct refer_client *c, void *data);

/**
 * Get data of an application
 *
 * @param c Client context
 *
 * @return As it was set, or NULL
 */
REFER_API void *refer_client_data(const struct refer_client *c);

/**
 * Get the number of a REFER, as commands and events have it
 *
 * @param c Client context
 *
 * @return Number, from 1; 0 before it is sent
 */
REFER_API uint32_t refer_client_id(const struct refer_client *c);

/**
 * Get the state of a REFER
 *
 * @param c Client context
 *
 * @return State; REFER_CLIENT_IDLE of NULL
 */
REFER_API enum refer_client_state
refer_client_state(const struct refer_client *c);

/**
 * Get the name of a state, as the log and /referlist show it
 *
 * @param state State
 *
 * @return Name, "???" if there is no such state
 */
REFER_API const char *refer_client_state_name(enum refer_client_state state);

/**
 * Get the user agent that refers (seed: ua)
 *
 * @param c Client context
 *
 * @return User agent, which is baresip's; NULL once it is gone
 */
REFER_API struct ua *refer_client_ua(const struct refer_client *c);

/**
 * Get the call that is transferred (seed: applicant)
 *
 * @param c Client context
 *
 * @return Call, which is baresip's; NULL out of a dialog, or once it is over
 */
REFER_API struct call *refer_client_call(const struct refer_client *c);

/**
 * Get the target (seed: target)
 *
 * @param c Client context
 *
 * @return URI without <> and without uri_hdrv, the value of the last Refer-To
 *         (RFC 3515 section 2.1), see refer_attended_target; valid as long as
 *         the context
 */
REFER_API const char *refer_client_target(const struct refer_client *c);

/**
 * Get the last response to the REFER (RFC 3515 section 2.4.2)
 *
 * @param c      Client context
 * @param reason Set to its reason phrase, or NULL if there was none; valid
 *               until the next response. May itself be NULL
 *
 * @return Status code, 0 if there was none yet
 */
REFER_API uint16_t refer_client_response(const struct refer_client *c,
					 const char **reason);


/* Transfers: those under way, and those that have ended */

/** What can be done with a transfer now */
enum refer_can {
	REFER_CAN_DECIDE = 1 << 0,   /**< Accept, reject, redirect           */
	REFER_CAN_REPORT = 1 << 1,   /**< Accepted without follow: notify    */
	REFER_CAN_CANCEL = 1 << 2,   /**< Stop it                            */
};

/** A transfer; texts are NULL where there are none, and remote ones are
    unmodified */
struct refer_transfer {
	uint32_t id;
	unsigned can;              /**< Of enum refer_can                    */
	enum refer_role role;
	const char *state;         /**< As in docs/events.md                 */
	uint64_t ts;               /**< When it began, of tmr_jiffies() [ms] */
	uint64_t until;            /**< When it is refused unless somebody
					decides [ms], 0: nobody is asked     */
	const char *account;       /**< Address-of-record                    */
	struct pl peer;            /**< Who is referred, or who refers: the
					other side of the call; out of a dialog
					who proved it by digest, or From     */
	const char *target;
	uint16_t scode;            /**< Last status, 0 for none              */
	const char *reason;        /**< and its reason phrase                */
	const char *callid;        /**< Call-ID of the old call              */
	const char *new_callid;    /**< of the one that executes it          */
	const char *referred_by;   /**< Referred-By                          */
	const char *replaces;      /**< Replaces                             */
	const char *headers;       /**< What a REFER carries for the INVITE,
					"Name: value", a line each           */
	uint32_t headers_cut;      /**< Headers that were too many for that  */
	uint64_t ended;            /**< When it ended [ms], 0: under way     */
	enum refer_outcome outcome; /**< Once it has ended, of any role      */
	const char *cut;           /**< What was too long to keep            */
	struct pl peer_name;       /**< Display name of the peer, which it has
					chosen; empty once it has ended      */
	const char *dialled;       /**< Target as people know it, where the
					other one is a Contact with Replaces;
					NULL once it has ended               */
	bool told;                 /**< The referrer wants to be told how it
					ends; once it has ended: was told    */
};

/** Which transfers */
enum refer_which {
	REFER_UNDER_WAY = 1 << 0,
	REFER_ENDED     = 1 << 1,
	REFER_ALL       = REFER_UNDER_WAY | REFER_ENDED,
};

/**
 * Called for each transfer
 *
 * @param t   Transfer, valid until the handler returns
 * @param arg Handler argument
 *
 * @return 0 if success, otherwise errorcode
 */
typedef int (refer_transfer_h)(const struct refer_transfer *t, void *arg);

/**
 * Show transfers to a handler: those that have ended, which are kept for
 * refer_history_time, the oldest first; then those under way
 *
 * @param which Which of them
 * @param h     Handler; must not begin or end a transfer
 * @param arg   Its argument
 *
 * @return 0 if success, ENOENT if there is no module, otherwise what the
 *         handler returned
 */
REFER_API int refer_transfers_apply(enum refer_which which,
				    refer_transfer_h *h, void *arg);

/**
 * Get a transfer by its number, under way or ended
 *
 * @param t  Set on success; its texts are valid until the next event
 * @param id Number
 *
 * @return 0 if success, EINVAL without t, ENOENT if there is none, if it is
 *         forgotten, or if there is no module
 */
REFER_API int refer_transfer_get(struct refer_transfer *t, uint32_t id);

/**
 * Get when a transfer had an event first
 *
 * @param ms   Set on success: time since the transfer began [ms]
 * @param id   Number
 * @param type Event
 *
 * @return 0 if success, EINVAL if an argument is wrong, ENOENT if there is no
 *         such transfer, or it has not had that event
 */
REFER_API int refer_transfer_stage(uint32_t *ms, uint32_t id,
				   enum refer_event_type type);

/** The ends of a message; each has the name of the field of struct
    refer_transfer that says who that is */
enum refer_party {
	REFER_PARTY_ACCOUNT,       /**< "account": we                        */
	REFER_PARTY_PEER,          /**< "peer"                               */
	REFER_PARTY_TARGET,        /**< "target"                             */
};

/** A message of a transfer. Remote texts are unmodified, except that each is
    in one line; one that is too long is left out whole */
struct refer_message {
	uint64_t ts;               /**< When, of tmr_jiffies() [ms]          */
	enum refer_party from;
	enum refer_party to;
	const char *method;        /**< Of the request, also with a response */
	uint16_t scode;            /**< Of a response, 0: a request          */
	const char *line;          /**< Request line or status line, or NULL */
	const char *headers;       /**< Refer-To, Replaces, Event, Warning,
					Subscription-State; "Name: value", a
					line each, or NULL                   */
	const char *sipfrag;       /**< What a NOTIFY reports, or NULL       */
	bool cut;                  /**< A text was too long                  */
	uint32_t skipped;          /**< Messages left out before this one    */
};

/**
 * Called for each message
 *
 * @param msg Message, valid until the handler returns
 * @param arg Handler argument
 *
 * @return 0 if success, otherwise errorcode
 */
typedef int (refer_message_h)(const struct refer_message *msg, void *arg);

/**
 * Get the name of an end of a message
 *
 * @param party End
 *
 * @return Name, "?" if there is none
 */
REFER_API const char *refer_party_name(enum refer_party party);

/**
 * Show the messages of a transfer to a handler, the oldest first: REFER,
 * NOTIFY, SUBSCRIBE, the INVITE that it leads to, and the responses to them.
 * Of more than 64, or very long ones, those in the middle are left out
 *
 * @param id  Number, of a transfer under way or ended
 * @param h   Handler; must not begin or end a transfer
 * @param arg Its argument
 *
 * @return 0 if success, EINVAL without a handler, ENOENT if there is no such
 *         transfer or no module, otherwise what the handler returned
 */
REFER_API int refer_ladder_apply(uint32_t id, refer_message_h *h, void *arg);

/**
 * Add a message to an object of JSON, as /referladder shows it
 *
 * @param od  Object
 * @param t   Transfer that it is of
 * @param msg Message
 *
 * @return 0 if success, EINVAL without an argument, otherwise errorcode
 */
REFER_API int refer_message_encode(struct odict *od,
				   const struct refer_transfer *t,
				   const struct refer_message *msg);

/**
 * Add a transfer to an object of JSON, as /referinfo shows it
 *
 * @param od     Object
 * @param t      Transfer
 * @param stages True to add when it had each event first
 *
 * @return 0 if success, EINVAL without an argument, ENOENT if there is no
 *         module, otherwise errorcode
 */
REFER_API int refer_transfer_encode(struct odict *od,
				    const struct refer_transfer *t,
				    bool stages);

/**
 * Stop a transfer, in either direction, as /refercancel does
 *
 * It may end here, with "referEnded".
 *
 * @param id Number
 *
 * @return 0 if success, ENOENT if there is none of that number, or no module,
 *         EPROTO if it cannot be stopped now: see REFER_CAN_CANCEL
 */
REFER_API int refer_transfer_cancel(uint32_t id);

/**
 * Called for each event of each transfer, before any other handler of it
 *
 * @param ev  Event
 * @param t   The transfer after it; valid until the handler returns
 * @param arg Handler argument
 */
typedef void (refer_observer_h)(const struct refer_event *ev,
				const struct refer_transfer *t, void *arg);

/**
 * Called when the module was loaded, and when it has been unloaded
 *
 * @param loaded True if it was loaded
 * @param arg    Handler argument
 */
typedef void (refer_loaded_h)(bool loaded, void *arg);

/**
 * Follow all transfers
 *
 * Also without a module that is started. A handler must not begin, decide or
 * end a transfer, and removes no other one: a timer of 0 ms does that safely.
 *
 * @param op      Pointer to allocated observer; mem_deref() removes it
 * @param h       Handler of events
 * @param loadedh Handler of loading and unloading, or NULL
 * @param arg     Handler argument
 *
 * @return 0 if success, EINVAL for a wrong argument, otherwise errorcode
 */
REFER_API int refer_observe(struct refer_observer **op, refer_observer_h *h,
			    refer_loaded_h *loadedh, void *arg);

/** How long something took [ms] */
struct refer_times {
	uint32_t count;
	uint64_t sum;
	uint32_t p50;              /**< Half of the last 1,000 took at most  */
	uint32_t p95;              /**< that, and 95 of a hundred            */
};

/** Counters since the start of the module */
struct refer_stats {
	uint64_t age;              /**< Time since that [s]                  */
	uint32_t waiting;          /**< REFERs that wait for a decision now  */
	uint32_t ended[REFER_ROLE_MAX][REFER_OUTCOME_MAX];
	uint32_t refused[700];     /**< REFERs that we refused, by code      */
	uint32_t notify_sent;
	uint32_t notify_received;
	uint32_t timeouts;         /**< referTimeout                         */
	struct refer_times answer[REFER_ROLE_MAX];  /**< REFER to 2xx        */
	struct refer_times outcome[REFER_ROLE_MAX]; /**< to the outcome      */
};

/**
 * Get the counters
 *
 * @param stats Set on success
 *
 * @return 0 if success, EINVAL without an argument, ENOENT if there is no
 *         module
 */
REFER_API int refer_stats_get(struct refer_stats *stats);

/**
 * Print what is wrong with the guard, as /referpolicy does: a line each
 *
 * @param pf       Print function
 * @param in_force Set to whether REFER is ours and nothing is wrong; then one
 *                 line says so
 *
 * @return 0 if success, EINVAL without an argument, ENOENT if there is no
 *         module, otherwise errorcode
 */
REFER_API int refer_guard_print(struct re_printf *pf, bool *in_force);

/**
 * Print text that others have sent: as UTF-8 in one line, without control
 * characters
 *
 * @param pf Print function
 * @param pl Text
 *
 * @return 0 if success, otherwise errorcode
 */
REFER_API int refer_text_print(struct re_printf *pf, const struct pl *pl);


/* Calls: as the commands of that name, alike in all releases of baresip */

/**
 * Find a call by its Call-ID
 *
 * @param callid Call-ID
 *
 * @return Call, baresip's own; NULL if there is none, if several cannot be
 *         told apart, or if there is no module
 */
REFER_API struct call *refer_call_find(const char *callid);

/**
 * Call a target
 *
 * @param callp  Set on success; the call is baresip's
 * @param ua     User agent to call from
 * @param target Target, as refer_client_alloc() takes it
 *
 * @return 0 if success, EINVAL if the target makes no sip, sips or tel URI,
 *         or an argument is missing, ENOTSUP if baresip cannot call a target
 *         with an escape of it, ENOENT if there is no module, otherwise
 *         errorcode
 */
REFER_API int refer_call_dial(struct call **callp, struct ua *ua,
			      const char *target);

/**
 * Answer a call (/callanswer)
 *
 * @param call Call
 *
 * @return 0 if success, EPROTO if it does not wait for an answer, ENOENT if
 *         it is gone or there is no module, otherwise errorcode: it rings on
 */
REFER_API int refer_call_answer(struct call *call);

/**
 * End a call, and change no other one (/callend)
 *
 * @param call   Call; gone on success
 * @param reason Why, for people; one line, without '%'. No remote text
 *
 * @return 0 if success, EINVAL if the reason is missing or wrong, ENOENT if
 *         the call is gone or there is no module
 */
REFER_API int refer_call_end(struct call *call, const char *reason);

/**
 * Put a call on hold, or resume it (/callhold, /callresume)
 *
 * @param call Call
 * @param hold True to hold, false to resume
 *
 * @return 0 if success, EPROTO if it is not established, ENOENT if it is gone
 *         or there is no module, otherwise errorcode
 */
REFER_API int refer_call_hold(struct call *call, bool hold);

/**
 * Tell whether we have put a call on hold
 *
 * @param call Call, which must exist
 *
 * @return True if so, even if the other side does not know yet
 */
REFER_API bool refer_call_held(const struct call *call);

/**
 * Get the account that commands mean without another one
 *
 * @return User agent, NULL if there is none
 */
REFER_API struct ua *refer_ua_current(void);

#endif
