/**
 * @file auth.c  Digest authentication of REFER (RFC 3261 section 22)
 *
 * Of what we challenge (nonce.c has the nonces, users.c the passwords). The
 * To-tag of a refusal is a hash, for it must be the same for each copy of a
 * request.
 */
#include <errno.h>
#include <string.h>
#include <re.h>
#include "admission/auth.h"
#include "host/host.h"


enum {
	SECRET_SIZE = 20,
};

struct auth {
	uint8_t secret[SECRET_SIZE];
	struct nonces *nonces;
	char *realm;
	char *users;           /**< File with user:password lines */
	int err;               /**< What was wrong with it last   */
	struct users_fault fault;
};


static void destructor(void *arg)
{
	struct auth *auth = arg;

	mem_deref(auth->nonces);
	mem_deref(auth->realm);
	mem_deref(auth->users);
}


/** Allocate what is needed to authenticate */
int auth_alloc(struct auth **authp, const char *realm, const char *users)
{
	struct auth *auth;
	int err;

	auth = mem_zalloc(sizeof(*auth), destructor);
	if (!auth)
		return ENOMEM;

	rand_bytes(auth->secret, sizeof(auth->secret));

	err  = nonces_alloc(&auth->nonces);
	err |= str_dup(&auth->realm, realm);
	if (str_isset(users))
		err |= str_dup(&auth->users, users);

	if (err)
		mem_deref(auth);
	else
		*authp = auth;

	return err;
}


/** Tell whether this is an authentication in a realm, by a file of users */
bool auth_is(const struct auth *auth, const char *realm, const char *users)
{
	return auth && !str_cmp(auth->realm, realm) &&
		!str_cmp(auth->users ? auth->users : "", users);
}


/** Hash a request that has no context: the same for each copy of it */
uint64_t auth_hash(const struct auth *auth, const struct sip_msg *msg)
{
	struct mbuf *mb = mbuf_alloc(128);
	uint8_t md[MD5_SIZE] = {0};
	uint64_t val;
	int err;

	err  = mbuf_write_mem(mb, auth->secret, sizeof(auth->secret));
	err |= mbuf_write_u32(mb, msg->cseq.num);
	err |= mbuf_write_pl(mb, &msg->callid);
	err |= mbuf_write_u8(mb, 0);
	if (pl_isset(&msg->from.tag))
		err |= mbuf_write_pl(mb, &msg->from.tag);

	if (!err)
		md5(mb->buf, mb->end, md);

	memcpy(&val, md, sizeof(val));
	mem_deref(mb);

	return val;
}


/**
 * Check the file of users
 *
 * @return 0 if success, EINVAL if a line is wrong, otherwise errorcode
 */
int auth_users_check(const char *path, unsigned *usersp, unsigned *linep,
		     const char **whyp)
{
	struct users_fault fault;
	struct users *users;
	int err;

	err = users_load(&users, &fault, path);
	*linep = fault.line;
	*whyp  = fault.why;
	if (err)
		return err;

	*usersp = users_count(users);
	mem_deref(users);

	return 0;
}


static void report(const struct auth *auth, int err,
		   const struct users_fault *fault)
{
	if (err == EINVAL)
		warning("refer: refer_users %s: line %u is wrong: %s; nobody"
			" is authenticated\n", auth->users, fault->line,
			fault->why);
	else
		warning("refer: cannot read refer_users %s: %m; nobody is"
			" authenticated\n",
			auth->users ? auth->users : "(not set)", err);
}


/* A fault is told once, until there is another one or none */
static struct users *load_users(struct auth *auth)
{
	struct users_fault fault;
	struct users *users;
	int err;

	err = users_load(&users, &fault, auth->users ? auth->users : "");

	if (err && (err != auth->err || fault.line != auth->fault.line ||
		    fault.why != auth->fault.why))
		report(auth, err, &fault);

	auth->err   = err;
	auth->fault = fault;

	return err ? NULL : users;
}


static bool realm_handler(const struct sip_hdr *hdr, const struct sip_msg *msg,
			  void *arg)
{
	struct credentials *cred = arg;
	(void)msg;

	return !httpauth_digest_response_decode(&cred->resp, &hdr->val) &&
		!pl_strcmp(&cred->resp.realm, cred->realm);
}


/* RFC 2617 section 3.2.2.1; compared in constant time */
static bool digest_matches(const struct httpauth_digest_resp *resp,
			   const struct pl *met, const uint8_t *ha1)
{
	uint8_t ha2[MD5_SIZE], md[MD5_SIZE], response[MD5_SIZE];
	const char *p = resp->response.p;
	size_t i;
	int err;

	err = md5_printf(ha2, "%r:%r", met, &resp->uri);
	if (pl_isset(&resp->qop))
		err |= md5_printf(md, "%w:%r:%r:%r:%r:%w",
				  ha1, (size_t)MD5_SIZE, &resp->nonce,
				  &resp->nc, &resp->cnonce, &resp->qop,
				  ha2, sizeof(ha2));
	else
		err |= md5_printf(md, "%w:%r:%w", ha1, (size_t)MD5_SIZE,
				  &resp->nonce, ha2, sizeof(ha2));

	if (err || resp->response.l != 2 * MD5_SIZE)
		return false;

	for (i=0; i<MD5_SIZE; ++i, p += 2)
		response[i] = (uint8_t)(ch_hex(p[0]) << 4 | ch_hex(p[1]));

	return !mem_seccmp(md, response, MD5_SIZE);
}


static bool knows_password(struct auth *auth, const struct sip_msg *msg,
			   const struct httpauth_digest_resp *resp)
{
	struct users *users = load_users(auth);
	uint8_t ha1[MD5_SIZE];
	const char *pass;
	bool ok;

	if (!users)
		return false;

	pass = users_password(users, &resp->username);
	ok = pass && !md5_printf(ha1, "%r:%s:%s", &resp->username,
				 auth->realm, pass) &&
		digest_matches(resp, &msg->met, ha1);

	mem_deref(users);

	return ok;
}


/* 8 hexadecimal digits; false if it is none */
static bool count_decode(uint32_t *nc,
			 const struct httpauth_digest_resp *resp)
{
	*nc = 0;

	if (!pl_isset(&resp->qop))
		return true;

	if (resp->nc.l != 8)
		return false;

	/* 0 if there is another character */
	*nc = pl_x32(&resp->nc);

	return *nc > 0;
}


/**
 * Get the credentials of a request and check their nonce, which costs little
 *
 * @return 0 if success, ENOENT if there are none, EAGAIN if the nonce is not
 *         one of ours for this peer and Call-ID, or too old
 */
int auth_get(struct credentials *cred, const struct auth *auth,
	     const struct sip_msg *msg)
{
	memset(cred, 0, sizeof(*cred));
	cred->realm = auth->realm;

	if (!sip_msg_hdr_apply(msg, true, SIP_HDR_AUTHORIZATION,
			       realm_handler, cred))
		return ENOENT;

	return nonce_valid(auth->nonces, msg, &cred->resp.nonce) ? 0 : EAGAIN;
}


/**
 * Check the credentials of a request
 *
 * @return 0 if they are right, EAGAIN if they are but were used before,
 *         otherwise EAUTH
 */
int auth_check(struct nonce_use **usep, struct auth *auth,
	       const struct sip_msg *msg, const struct credentials *cred)
{
	const struct httpauth_digest_resp *resp = &cred->resp;
	uint32_t nc;

	/* its URI may not be that of the request: RFC 3261 section 22.4 */
	if (!knows_password(auth, msg, resp))
		return EAUTH;

	if (!count_decode(&nc, resp))
		return EAGAIN;

	return nonce_use(usep, auth->nonces, msg, &resp->nonce, nc);
}


/** Write the header line of a challenge; nothing is kept for it */
int auth_challenge(char **hdrp, const struct auth *auth,
		   const struct sip_msg *msg, bool stale)
{
	char nonce[NONCE_SIZE + 1];

	nonce_make(nonce, auth->nonces, msg);

	return re_sdprintf(hdrp, "WWW-Authenticate: Digest realm=\"%s\","
			   " nonce=\"%s\", qop=\"auth\", algorithm=MD5%s\r\n",
			   auth->realm, nonce, stale ? ", stale=true" : "");
}
