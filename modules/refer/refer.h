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

#define REFER_API __attribute__((visibility("default")))

struct call;
struct refer_client;
struct refer_inviter;
struct refer_server;
struct refer_handler;
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

REFER_API const char *refer_event_name(enum refer_event_type type);
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

	/** A response could not be sent */
	void (*errorh)(struct refer_server *srv, int err, void *arg);
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

REFER_API int refer_handler_register(struct refer_handler **hp,
				     const char *name, bool required,
				     refer_request_h *h, void *arg);


/* Server: one incoming REFER (seeds: ServerContext, ReferServerContext,
   ReferUserAgentServer) */

REFER_API int refer_server_trying(struct refer_server *srv);
REFER_API int refer_server_accept(struct refer_server *srv,
				  const struct refer_opts *opts);
REFER_API int refer_server_redirect(struct refer_server *srv,
				    const char *const *contactv,
				    const struct refer_opts *opts);
REFER_API int refer_server_reject(struct refer_server *srv,
				  const struct refer_opts *opts);
REFER_API int refer_server_reply(struct refer_server *srv,
				 const struct refer_opts *opts);
REFER_API int refer_server_notify(struct refer_server *srv, uint16_t scode,
				  const char *reason);
REFER_API void refer_server_dispose(struct refer_server *srv);
REFER_API void refer_server_set_delegate(struct refer_server *srv,
					 const struct refer_delegate *dlg,
					 void *arg);
REFER_API void refer_server_set_data(struct refer_server *srv, void *data);

REFER_API void *refer_server_data(const struct refer_server *srv);
REFER_API uint32_t refer_server_id(const struct refer_server *srv);
REFER_API enum refer_server_state
refer_server_state(const struct refer_server *srv);
REFER_API const char *refer_server_state_name(enum refer_server_state state);
REFER_API struct ua *refer_server_ua(const struct refer_server *srv);
REFER_API struct call *refer_server_call(const struct refer_server *srv);
REFER_API const struct sip_msg *
refer_server_request(const struct refer_server *srv);
REFER_API struct sip_dialog *
refer_server_dialog(const struct refer_server *srv);
REFER_API struct referral *
refer_server_referral(const struct refer_server *srv);
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

REFER_API const char *referral_refer_to(const struct referral *rf);
REFER_API int referral_refer_to_addr(const struct referral *rf,
				     struct sip_addr *addr);
REFER_API const char *referral_referred_by(const struct referral *rf);
REFER_API const char *referral_replaces(const struct referral *rf);
REFER_API int refer_replaces_decode(struct refer_replaces *rep,
				    const struct pl *val);
REFER_API const struct sip_msg *referral_request(const struct referral *rf);
REFER_API int referral_accept(struct referral *rf,
			      const struct refer_opts *opts);
REFER_API int referral_reject(struct referral *rf,
			      const struct refer_opts *opts);
REFER_API int referral_make_inviter(struct refer_inviter **invp,
				    struct referral *rf,
				    const struct refer_invite_opts *opts);


/* Inviter: the INVITE that executes it (seed: Referral.makeInviter) */

REFER_API int refer_inviter_invite(struct refer_inviter *inv);
REFER_API int refer_inviter_cancel(struct refer_inviter *inv);
REFER_API struct call *refer_inviter_call(const struct refer_inviter *inv);


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

/** How to refer; all may be left out */
struct refer_client_opts {
	const char *const *hdrv;  /**< More header lines "Name: value", NULL
				       at the end                            */
	const char *ctype;        /**< Content type of the body              */
	const char *body;         /**< Body, needs a content type            */
	bool nosub;               /**< No status is wanted                   */
	refer_response_h *resph;  /**< Handler of responses                  */
	void *arg;                /**< Its argument                          */
};

REFER_API int refer_client_alloc(struct refer_client **cp, struct call *call,
				 const char *target);
REFER_API int refer_client_alloc_attended(struct refer_client **cp,
					  struct call *call,
					  struct call *other);
REFER_API int refer_client_alloc_outside(struct refer_client **cp,
					 struct ua *ua, const char *peer,
					 const char *target);
REFER_API int refer_client_refer(struct refer_client *c,
				 const struct refer_client_opts *opts);
REFER_API int refer_client_dispose(struct refer_client *c);
REFER_API void refer_client_set_handler(struct refer_client *c,
					refer_event_h *eventh, void *arg);
REFER_API void refer_client_set_data(struct refer_client *c, void *data);

REFER_API void *refer_client_data(const struct refer_client *c);
REFER_API uint32_t refer_client_id(const struct refer_client *c);
REFER_API enum refer_client_state
refer_client_state(const struct refer_client *c);
REFER_API const char *refer_client_state_name(enum refer_client_state state);
REFER_API struct ua *refer_client_ua(const struct refer_client *c);
REFER_API struct call *refer_client_call(const struct refer_client *c);
REFER_API const char *refer_client_target(const struct refer_client *c);
REFER_API uint16_t refer_client_response(const struct refer_client *c,
					 const char **reason);

#endif
