/**
 * @file host.h  What the protocol needs from a softphone
 *
 * The port between the protocol (libre only) and the softphone around it:
 * host/ implements it for baresip, tests/unit/fake_host.c for tests.
 *
 * A struct ua or struct call is the softphone's own, opaque here. It can
 * vanish at any time: after any return to the main loop, ask
 * host_ua_alive() or host_call_alive() before use. Text that is returned
 * belongs to it as well, and is valid as long as nothing is done with it.
 *
 * Errors are errno codes. All is for the thread of the main loop.
 */
#ifndef REFER_HOST_H
#define REFER_HOST_H

struct ua;
struct call;


/* Log: one line, with its newline; the format is libre's (%m, %r, %H) */

void debug(const char *fmt, ...);
void info(const char *fmt, ...);
void warning(const char *fmt, ...);


/* Configuration */

/**
 * Get the name of a file of the configuration
 *
 * This works in any release of the softphone, and calls nothing of libre.
 *
 * @param path Set on success
 * @param size Room for it [bytes]
 * @param name Name of the file, in the directory of the configuration
 *
 * @return 0 if success, ENAMETOOLONG without room, otherwise errorcode
 */
int host_config_file(char *path, size_t size, const char *name);

/**
 * Get the configuration in memory
 *
 * @return Configuration, another one when the softphone has read it again;
 *         the softphone's own, NULL if there is none
 */
struct conf *host_conf(void);


/* User agents */

/**
 * Find the user agent that a request is for
 *
 * @param msg Request out of a dialog
 *
 * @return User agent, or NULL
 */
struct ua *host_ua_find(const struct sip_msg *msg);

/**
 * Tell whether a user agent takes requests from where one came from
 *
 * @param ua  User agent
 * @param msg Request out of a dialog
 *
 * @return False if the softphone would refuse it: see filter_registrar
 */
bool host_ua_takes(const struct ua *ua, const struct sip_msg *msg);

/**
 * Tell whether a user agent still exists
 *
 * @param ua User agent, maybe gone, or NULL
 *
 * @return True if it does
 */
bool host_ua_alive(const struct ua *ua);

/**
 * Get the address-of-record of a user agent
 *
 * @param ua User agent
 *
 * @return URI
 */
const char *host_ua_aor(const struct ua *ua);

/**
 * Get what libre makes the Contact of a user agent of
 *
 * @param ua User agent
 *
 * @return User part or URI
 */
const char *host_ua_cuser(const struct ua *ua);

/**
 * Tell whether the account of a user agent allows transfers
 *
 * @param ua User agent
 *
 * @return False with call_transfer=no
 */
bool host_ua_transfer_allowed(const struct ua *ua);

/**
 * Get a parameter of the account of a user agent
 *
 * @param ua   User agent
 * @param name Name of the parameter
 * @param val  Set on success; points into the account
 *
 * @return 0 if success, ENOENT if there is none
 */
int host_ua_param(const struct ua *ua, const char *name, struct pl *val);

/**
 * Get all parameters of the account of a user agent
 *
 * @param params Set to the text, empty if there are none; points into the
 *               account
 * @param ua     User agent
 * @param uri    True for those of its URI, in <>
 */
void host_ua_params(struct pl *params, const struct ua *ua, bool uri);

/**
 * Get the argument for host_auth()
 *
 * @param ua User agent
 *
 * @return Argument, to be kept with mem_ref(); it outlives the user agent
 */
void *host_ua_auth_arg(const struct ua *ua);

/**
 * Get the credentials to answer a challenge with
 *
 * @param username Pointer to allocated user name
 * @param password Pointer to allocated password
 * @param realm    Realm of the challenge
 * @param arg      Of host_ua_auth_arg()
 *
 * @return 0 if success, otherwise errorcode
 */
sip_auth_h host_auth;

/**
 * Print the header lines that tell what a user agent can do: Allow, Supported
 *
 * @param pf Print function
 * @param ua User agent
 *
 * @return 0 if success, otherwise errorcode
 */
int host_ua_print(struct re_printf *pf, const struct ua *ua);

/**
 * Have the softphone name `replaces` in the Supported of its answer to an
 * INVITE or OPTIONS, if it does not by itself (RFC 3891 section 6.2)
 *
 * @param msg Request, of any method, that it is about to see
 */
void host_answer_supported(const struct sip_msg *msg);

/**
 * Get the proxy that requests out of a dialog go through
 *
 * @param ua User agent
 *
 * @return URI, or NULL
 */
const char *host_ua_outbound(const struct ua *ua);


/* Calls */

/**
 * Find a call
 *
 * @param callid Call-ID
 * @param n      0, or 1 for the called side of a call to oneself
 *
 * @return Call, NULL if there is none, or if several cannot be told apart
 */
struct call *host_call_find(const char *callid, unsigned n);

/**
 * Tell whether a call still exists
 *
 * @param call   Call, maybe gone, or NULL
 * @param callid Its Call-ID, NULL if that was not known: another call may
 *               have its place in memory
 *
 * @return True if it does
 */
bool host_call_alive(const struct call *call, const char *callid);

/**
 * Tell whether a call is established
 *
 * @param call Call
 *
 * @return True if it is
 */
bool host_call_established(const struct call *call);

/**
 * Tell whether we have made a call
 *
 * @param call Call
 *
 * @return True if so, false if it came in
 */
bool host_call_outgoing(const struct call *call);

/**
 * Get the user agent of a call
 *
 * @param call Call, or NULL
 *
 * @return User agent, or NULL
 */
struct ua *host_call_ua(const struct call *call);

/**
 * Get the Call-ID of a call
 *
 * @param call Call
 *
 * @return Call-ID, NULL as long as its INVITE was not sent
 */
const char *host_call_id(const struct call *call);

/**
 * Tell whether a call has video
 *
 * @param call Call
 *
 * @return True if it has
 */
bool host_call_has_video(const struct call *call);

/**
 * Get the URI of the other side of a call
 *
 * @param call Call
 *
 * @return URI
 */
const char *host_call_peer(const struct call *call);

/**
 * Get the display name of the other side of a call
 *
 * @param call Call
 *
 * @return Name, which the other side has chosen, or NULL
 */
const char *host_call_peer_name(const struct call *call);

/** What the INVITE of a call that we place carries */
struct host_invite {
	const char *uri;           /**< Request-URI and To, without <> */
	const char *hdrs;          /**< More header lines, or NULL     */
	const struct mbuf *part;   /**< MIME part behind the session
				        description, or NULL. A softphone
				        that cannot send it leaves it out,
				        and says so */
	bool novideo;              /**< Audio only                     */
	const char *name;          /**< Display name in From, NULL for
				        the account's                  */
	const char *outbound;      /**< Proxy that it goes through, NULL
				        for the account's              */
	bool anonymous;            /**< From, and the user in Contact, name
				        nobody (RFC 3323)              */
};

/**
 * Place a call
 *
 * @param callp Set on success; the call is the softphone's
 * @param ua    User agent to call from
 * @param inv   What the INVITE carries
 *
 * @return 0 if success, ENOTSUP if host_ua_dials() says no, or
 *         host_ua_sends_at_once() of what that is needed for, otherwise
 *         errorcode
 */
int host_call_place(struct call **callp, struct ua *ua,
		    const struct host_invite *inv);

/**
 * Send no second part in any further request of a call
 *
 * @param call Call that was placed with or without one, and whose INVITE is
 *             about to be answered by a 2xx
 */
void host_part_end(struct call *call);

/**
 * Hang up a call as people do: another one that is on hold may be resumed,
 * unless one of the account goes on
 *
 * @param call   Call, gone on return
 * @param reason Why, for people; no remote text
 */
void host_call_hangup(struct call *call, const char *reason);

/**
 * Hang up a call, and change no other one
 *
 * @param call   Call, gone on return
 * @param reason Why, for people; no remote text
 */
void host_call_drop(struct call *call, const char *reason);

/**
 * Tell whether we have put a call on hold
 *
 * @param call Call
 *
 * @return True if so, even if the other side does not know yet
 */
bool host_call_held(const struct call *call);

/**
 * Put a call on hold, or resume it: with a re-INVITE, unless it is so already
 *
 * The re-INVITE may be sent later, when another offer is answered.
 *
 * @param call Call
 * @param hold True to hold, false to resume
 *
 * @return 0 if success, otherwise errorcode
 */
int host_call_hold(struct call *call, bool hold);

/**
 * Have the re-INVITE answered that puts a call on hold
 *
 * A softphone that may have none under way sends one more.
 *
 * @param call Call that is on hold, and whose last INVITE may be open
 *
 * @return 0 if success, otherwise errorcode
 */
int host_call_hold_again(struct call *call);

/**
 * Have the softphone take an INVITE that takes the place of another call,
 * whatever account and limits say
 *
 * @param ua     User agent that it is for, or NULL
 * @param answer True to answer it at once, false to let it ring
 * @param rings  Calls that were taken in this way, and ring: they do count
 * @param h      Gives the INVITE to the softphone; called before return
 * @param arg    Its argument
 */
void host_incoming(struct ua *ua, bool answer, uint32_t rings,
		   void (*h)(void *arg), void *arg);

/**
 * Answer a call
 *
 * @param call Incoming call that rings
 *
 * @return 0 if success, otherwise errorcode: it rings on
 */
int host_call_answer(struct call *call);

/**
 * Tell whether nobody but the other side of a call is talked to
 *
 * @param call Call
 *
 * @return True if no other call is established and not on hold
 */
bool host_call_alone(const struct call *call);

/**
 * Tell whether a call must stay on hold
 *
 * @param call Call that is on hold
 * @param arg  Handler argument
 *
 * @return True if it must
 */
typedef bool (host_keep_h)(const struct call *call, void *arg);

/**
 * Have the softphone resume only other calls than some when a call ends
 *
 * It holds until the main loop is back. For the event of the end: the
 * softphone resumes behind that.
 *
 * @param call Call that ends
 * @param h    Tells which calls must stay on hold
 * @param arg  Its argument
 */
void host_resume_not(struct call *call, host_keep_h *h, void *arg);

/**
 * Have the softphone put no other call on hold for one that is established by
 * the message that it is about to see
 *
 * It holds until the main loop is back.
 */
void host_hold_nobody(void);


/* Messages and events */

/**
 * Tell whether an account can call a URI without harm: baresip 1.x reads some
 * escapes in it as a format. Calls of the module are guarded against that, see
 * host_call_place(), except with media NAT traversal
 *
 * @param ua  User agent
 * @param uri URI
 *
 * @return True if it can
 */
bool host_ua_dials(const struct ua *ua, const char *uri);

/**
 * Tell whether the INVITE of a call leaves before host_call_place() returns,
 * which a proxy of its own, and an anonymous call, need: not with media NAT
 * traversal
 *
 * @param ua User agent
 *
 * @return True if it does
 */
bool host_ua_sends_at_once(const struct ua *ua);

/**
 * Take out of a response what the softphone would read as a format
 *
 * @param msg Response to an INVITE that the softphone has not seen yet; its
 *            reason phrase is overwritten in place
 */
void host_response_guard(const struct sip_msg *msg);

/**
 * Play a sound once, where people hear that the phone rings
 *
 * Without a module that plays audio, and while one is played, nothing happens.
 *
 * @param file Name of a file, in the directory of the softphone's sounds
 */
void host_sound(const char *file);

/**
 * Emit an event of this module
 *
 * @param ua   User agent, or NULL
 * @param call Call, or NULL
 * @param prm  "refer,<event>,<text>", at most 255 bytes
 */
void host_event(struct ua *ua, struct call *call, const char *prm);

#endif
