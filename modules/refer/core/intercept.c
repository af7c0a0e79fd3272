/**
 * @file intercept.c  A place in front of the core's SIP listeners
 *
 * The only file that knows private layouts of libre: struct sip_lsnr and
 * struct sipsess_sock. Each is proven before it is used; when a proof fails,
 * intercept_alloc() refuses and REFER is left to the core.
 *
 * The request listener goes directly behind the one of the server
 * transactions, so that libre itself answers retransmissions. The response
 * listener goes first: it sees each 1xx with its code and reason.
 */
#include <stdlib.h>
#include <re.h>
#include "core/intercept.h"
#include "host/host.h"
#include "host/libre.h"


enum {
	HASH_BSIZE_MAX = 1<<20,
};

/** libre's struct sip_lsnr, the same from 0.6 to 4.10 */
struct lsnr {
	struct le le;
	struct sip_lsnr **lsnrp;
	sip_msg_h *msgh;
	void *arg;
	bool req;
};

/** The beginning of libre's struct sipsess_sock */
struct sess_sock {
	struct lsnr *lsnr_resp;
	struct lsnr *lsnr_req;
	struct hash *ht_sess;
	struct hash *ht_ack;
	void *word4;            /**< sip, or ht_prack in 2.10-2.12 */
	void *word5;
};

struct intercept {
	struct sip_lsnr *lsnr_req;
	struct sip_lsnr *lsnr_resp;
	struct lsnr *ctrans;    /**< Of the client transactions      */
	struct sess_sock *sock; /**< The core's session socket       */
	struct hash *ht_sess;   /**< The core's sessions, by Call-ID */
};

struct lookup {
	const struct sip_msg *msg;
	const char *callid;
	const struct sip_dialog *dlg;
	unsigned n;             /**< Sessions with this Call-ID passed */
	unsigned skip;          /**< Sessions with this Call-ID to pass */
};


static void destructor(void *arg)
{
	struct intercept *ic = arg;

	mem_deref(ic->lsnr_req);
	mem_deref(ic->lsnr_resp);
}


/* Our own listener tells whether struct lsnr is what this libre has */
static const char *check_own(const struct lsnr *l, struct sip_lsnr **lsnrp,
			     sip_msg_h *msgh, const void *arg, bool req)
{
	if (l->le.data != l || !l->le.list || l->le.list->tail != &l->le)
		return "the list element of a listener";

	if (l->lsnrp != lsnrp || l->msgh != msgh || l->arg != arg)
		return "the fields of a listener";

	if (*(const uint8_t *)&l->req != req)
		return "the direction of a listener";

	return NULL;
}


static bool is_listener(const struct list *lsnrl, const struct lsnr *lsnr)
{
	struct le *le;

	LIST_FOREACH(lsnrl, le) {
		if (le->data == lsnr)
			return true;
	}

	return false;
}


static const char *check_sock(const struct list *lsnrl,
			      const struct sess_sock *sock,
			      const struct sip *sip)
{
	const struct lsnr *resp = sock->lsnr_resp, *req = sock->lsnr_req;
	uint32_t bsize;

	if (!is_listener(lsnrl, resp) || !is_listener(lsnrl, req))
		return "the listeners of the session socket";

	if (resp->arg != sock || req->arg != sock || resp->req || !req->req ||
	    (void *)resp->lsnrp != &sock->lsnr_resp ||
	    (void *)req->lsnrp != &sock->lsnr_req)
		return "the owner of the session socket's listeners";

	if (sock->word4 != sip && sock->word5 != sip)
		return "the SIP stack of the session socket";

	if (!sock->ht_sess)
		return "the hash table of the sessions";

	bsize = hash_bsize(sock->ht_sess);
	if (!bsize || bsize > HASH_BSIZE_MAX || bsize & (bsize - 1))
		return "the size of the sessions' hash table";

	return NULL;
}


/* The listener of libre's transactions: its argument is the stack */
static struct lsnr *find_trans(const struct list *lsnrl, const struct sip *sip,
			       bool req)
{
	struct le *le;

	LIST_FOREACH(lsnrl, le) {
		struct lsnr *lsnr = le->data;

		if (lsnr->req == req && lsnr->arg == sip)
			return lsnr;
	}

	return NULL;
}


static int refuse(const char *what)
{
	warning("refer: libre %s has another layout than expected in %s;"
		" REFER is left to the core\n", sys_libre_version_get(), what);

	return ENOSYS;
}


static int listen_own(struct sip_lsnr **lsnrp, struct sip *sip, bool req,
		      sip_msg_h *msgh, void *arg)
{
	const char *what;
	int err;

	err = sip_listen(lsnrp, sip, req, msgh, arg);
	if (err)
		return err;

	what = check_own((void *)*lsnrp, lsnrp, msgh, arg, req);

	return what ? refuse(what) : 0;
}


/* Returns what proved to be different */
static const char *take_place(struct intercept *ic, const struct sip *sip)
{
	struct lsnr *req  = (void *)ic->lsnr_req;
	struct lsnr *resp = (void *)ic->lsnr_resp;
	struct list *lsnrl = req->le.list;
	struct lsnr *strans;
	const char *what;

	if (resp->le.list != lsnrl)
		return "the list of the listeners";

	what = check_sock(lsnrl, ic->sock, sip);
	if (what)
		return what;

	strans = find_trans(lsnrl, sip, true);
	if (!strans)
		return "the listener of the server transactions";

	ic->ctrans = find_trans(lsnrl, sip, false);
	if (!ic->ctrans)
		return "the listener of the client transactions";

	if (getenv("REFER_INTERCEPT_REFUSE"))
		return "REFER_INTERCEPT_REFUSE, as asked for";

	ic->ht_sess = ic->sock->ht_sess;

	list_unlink(&req->le);
	list_insert_after(lsnrl, &strans->le, &req->le, req);

	list_unlink(&resp->le);
	list_prepend(lsnrl, &resp->le, resp);

	return NULL;
}


/**
 * Take the place in front of the core's listeners
 *
 * @param icp   Pointer to allocated interceptor
 * @param sip   SIP stack
 * @param sock  Session socket of the core
 * @param reqh  Handler of requests that are no retransmissions
 * @param resph Handler of all responses; true if it has passed one on
 * @param arg   Handler argument
 *
 * @return 0 if success, ENOSYS if this libre has another layout, otherwise
 *         errorcode
 */
int intercept_alloc(struct intercept **icp, struct sip *sip,
		    struct sipsess_sock *sock, sip_msg_h *reqh,
		    sip_msg_h *resph, void *arg)
{
	struct intercept *ic;
	const char *what;
	int err;

	if (!icp || !sip || !sock || !reqh || !resph)
		return EINVAL;

	ic = mem_zalloc(sizeof(*ic), destructor);
	if (!ic)
		return ENOMEM;

	err = listen_own(&ic->lsnr_req, sip, true, reqh, arg);
	if (!err)
		err = listen_own(&ic->lsnr_resp, sip, false, resph, arg);
	if (err)
		goto out;

	ic->sock = (struct sess_sock *)sock;
	what = take_place(ic, sip);
	if (what)
		err = refuse(what);

 out:
	if (err)
		mem_deref(ic);
	else
		*icp = ic;

	return err;
}


/**
 * Tell whether the SIP stack is still there
 *
 * @param ic Interceptor
 *
 * @return False once the core has closed it: libre has unlinked our listeners
 */
bool intercept_active(const struct intercept *ic)
{
	return ic && ic->lsnr_req;
}


static bool cmp_msg(struct le *le, void *arg)
{
	const struct sip_dialog *dlg = sipsess_dialog(le->data);
	struct lookup *lu = arg;

	if (sip_dialog_cmp(dlg, lu->msg))
		return true;

	if (!pl_strcmp(&lu->msg->callid, sip_dialog_callid(dlg)))
		++lu->n;

	return false;
}


static bool cmp_half(struct le *le, void *arg)
{
	const struct sip_dialog *dlg = sipsess_dialog(le->data);
	struct lookup *lu = arg;

	if (sip_dialog_cmp_half(dlg, lu->msg))
		return true;

	if (!pl_strcmp(&lu->msg->callid, sip_dialog_callid(dlg)))
		++lu->n;

	return false;
}


static bool cmp_nth(struct le *le, void *arg)
{
	const struct sip_dialog *dlg = sipsess_dialog(le->data);
	struct lookup *lu = arg;

	return !str_cmp(lu->callid, sip_dialog_callid(dlg)) &&
		lu->n++ == lu->skip;
}


static struct sip_dialog *lookup(const struct intercept *ic, uint32_t key,
				 list_apply_h *cmp, struct lookup *lu)
{
	struct le *le = hash_lookup(ic->ht_sess, key, cmp, lu);

	return le ? sipsess_dialog(le->data) : NULL;
}


/* Sets what the handler has counted as well */
static struct sip_dialog *lookup_msg(const struct intercept *ic,
				     const struct sip_msg *msg,
				     list_apply_h *cmp, unsigned *np)
{
	struct lookup lu = {.msg = msg};
	struct sip_dialog *dlg;

	dlg = lookup(ic, hash_joaat_pl(&msg->callid), cmp, &lu);
	*np = lu.n;

	return dlg;
}


/**
 * Find the dialog of a request among the core's sessions
 *
 * @param ic  Interceptor
 * @param msg Request
 * @param np  Set to the number of older sessions with the same Call-ID: 1
 *            for the called side of a call to oneself, otherwise 0
 *
 * @return Dialog if found, otherwise NULL
 */
struct sip_dialog *intercept_dialog(const struct intercept *ic,
				    const struct sip_msg *msg, unsigned *np)
{
	return lookup_msg(ic, msg, cmp_msg, np);
}


/**
 * Find the dialog that a message is half of: the other side's tag is not
 * compared
 *
 * @param ic  Interceptor
 * @param msg Request, or response to a request of ours
 * @param np  As for intercept_dialog()
 *
 * @return Dialog if found, otherwise NULL
 */
struct sip_dialog *intercept_half(const struct intercept *ic,
				  const struct sip_msg *msg, unsigned *np)
{
	return lookup_msg(ic, msg, cmp_half, np);
}


/**
 * Find the dialog of a call
 *
 * @param ic     Interceptor
 * @param callid Call-ID of the call
 * @param n      0, or 1 for the called side of a call to oneself
 *
 * @return Dialog if found, otherwise NULL
 */
struct sip_dialog *intercept_dialog_nth(const struct intercept *ic,
					const char *callid, unsigned n)
{
	struct lookup lu = {.callid = callid, .skip = n};

	return lookup(ic, hash_joaat_str(callid), cmp_nth, &lu);
}


static bool cmp_unanswered(struct le *le, void *arg)
{
	const struct lookup *lu = arg;

	return sipsess_dialog(le->data) == lu->dlg &&
		libre_unanswered(le->data);
}


/**
 * Tell whether libre knows that an INVITE in a session is not answered
 *
 * @param ic  Interceptor
 * @param dlg Dialog of the session
 *
 * @return False if it is answered, or if this libre does not tell
 */
bool intercept_unanswered(const struct intercept *ic,
			  const struct sip_dialog *dlg)
{
	struct lookup lu = {.dlg = dlg};

	return lookup(ic, hash_joaat_str(sip_dialog_callid(dlg)),
		      cmp_unanswered, &lu) != NULL;
}


static bool count_handler(struct le *le, void *arg)
{
	const struct sip_dialog *dlg = sipsess_dialog(le->data);
	struct lookup *lu = arg;

	lu->n += !pl_strcmp(&lu->msg->callid, sip_dialog_callid(dlg));

	return false;
}


/**
 * Count the core's sessions with the Call-ID of a message
 *
 * @param ic  Interceptor
 * @param msg Message
 *
 * @return Number of sessions
 */
unsigned intercept_count(const struct intercept *ic,
			 const struct sip_msg *msg)
{
	unsigned n;

	(void)lookup_msg(ic, msg, count_handler, &n);

	return n;
}


/**
 * Give a request to the core's sessions at once, as libre would do later
 *
 * @param ic  Interceptor
 * @param msg Request
 */
void intercept_pass(const struct intercept *ic, const struct sip_msg *msg)
{
	const struct lsnr *lsnr = ic->sock->lsnr_req;

	if (lsnr)
		(void)lsnr->msgh(msg, lsnr->arg);
}


/**
 * Give a response to the client transactions at once, as libre would do later
 *
 * @param ic  Interceptor
 * @param msg Response
 *
 * @return True if it belongs to one
 */
bool intercept_respond(const struct intercept *ic, const struct sip_msg *msg)
{
	const struct lsnr *ctrans = ic->ctrans;

	return ctrans->msgh(msg, ctrans->arg);
}


/**
 * Drop a request for good
 *
 * libre sends one that was let go of even so, when its name is resolved, and
 * goes on with its copies: letting go makes libre the owner of what was ours.
 *
 * @param reqp Request, or NULL in there; is NULL then
 */
void intercept_drop(struct sip_request **reqp)
{
	struct sip_request *req = *reqp;

	mem_deref(req);

	if (req && !*reqp)
		mem_deref(req);

	*reqp = NULL;
}
