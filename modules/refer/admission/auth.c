/**
 * @file auth.c  Digest authentication of REFER (RFC 3261 section 22)
 *
 * Of what we challenge (nonce.c has the nonces, users.c the passwords), with
 * SHA-256 and MD5 (RFC 8760). The To-tag of a refusal is a hash, for it must
 * be the same for each copy of a request.
 */
#include <errno.h>
#include <string.h>
#include <re.h>
#include "admission/auth.h"
#include "host/host.h"
#include "host/libre.h"


enum {
	SECRET_SIZE = 20,
};

struct auth {
	uint8_t secret[SECRET_SIZE];
	struct nonces *nonces;
	char *realm;
	char *users;           /**< File of users                    */
	struct users_fault fault; /**< What was wrong with it last   */
	bool offerv[DIGEST_ALGORITHMS]; /**< What is in a challenge  */
};

/** Credentials that are looked for */
struct search {
	struct credentials *cred;
	const struct auth *auth;
	int err;               /**< Why those were passed over       */
};


static void destructor(void *arg)
{
	struct auth *auth = arg;

	mem_deref(auth->nonces);
	mem_deref(auth->realm);
	mem_deref(auth->users);
}


/* What some user can be checked with: all if nobody can */
static void learn_offers(struct auth *auth, const struct users *users)
{
	unsigned i;

	for (i=0; i<DIGEST_ALGORITHMS; ++i) {
		const enum digest_algorithm alg = (enum digest_algorithm)i;

		auth->offerv[i] = digest_available(alg) &&
			(!users || !users_count(users) ||
			 users_have(users, NULL, alg));
	}
}


/** Look at the file of users again; its faults are reported when it is needed
    */
void auth_refresh(struct auth *auth)
{
	struct users_fault fault;
	struct users *users = NULL;

	if (auth->users)
		(void)users_load(&users, &fault, auth->users, auth->realm);

	learn_offers(auth, users);
	mem_deref(users);
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

	if (err) {
		mem_deref(auth);
		return err;
	}

	auth_refresh(auth);
	*authp = auth;

	return 0;
}


/** Tell whether this is an authentication in a realm, by a file of users */
bool auth_is(const struct auth *auth, const char *realm, const char *users)
{
	return auth && !str_cmp(auth->realm, realm) &&
		!str_cmp(auth->users ? auth->users : "", users);
}


/** Print the algorithms that a challenge offers, the best first */
int auth_print(struct re_printf *pf, const struct auth *auth)
{
	const char *sep = "";
	unsigned i;
	int err = 0;

	for (i=0; i<DIGEST_ALGORITHMS; ++i) {

		if (!auth->offerv[i])
			continue;

		err |= re_hprintf(pf, "%s%s", sep, digest_name(
					(enum digest_algorithm)i));
		sep = ", ";
	}

	return err;
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


/** Check the file of users; returns what users_load() does */
int auth_users_check(unsigned *usersp, struct users_fault *fault,
		     const char *path, const char *realm)
{
	struct users *users;
	int err;

	err = users_load(&users, fault, path, realm);
	if (err)
		return err;

	*usersp = users_count(users);
	mem_deref(users);

	return 0;
}


static bool same_fault(const struct users_fault *a,
		       const struct users_fault *b)
{
	return a->err == b->err && a->line == b->line && a->why == b->why;
}


/* A fault is told once, until there is another one or none */
static struct users *load_users(struct auth *auth)
{
	const char *path = auth->users ? auth->users : "";
	struct users_fault fault;
	struct users *users = NULL;
	int err;

	err = users_load(&users, &fault, path, auth->realm);
	if (err && !same_fault(&fault, &auth->fault))
		warning("refer: refer_users %s: %H; nobody is"
			" authenticated\n", *path ? path : "(not set)",
			users_print_fault, &fault);

	auth->fault = fault;
	learn_offers(auth, users);

	return users;
}


static bool add_credential(struct credentials *cred,
			   const struct credential *new)
{
	size_t i;

	if (cred->n && pl_cmp(&new->resp.username, &cred->user))
		return false;

	for (i=0; i<cred->n; ++i) {
		if (cred->v[i].alg == new->alg)
			return false;
	}

	cred->user = new->resp.username;
	cred->v[cred->n++] = *new;

	return true;
}


/* A client may answer each challenge. More than that would be more guesses
   than are counted */
static bool realm_handler(const struct sip_hdr *hdr, const struct sip_msg *msg,
			  void *arg)
{
	struct search *s = arg;
	struct credential c;

	if (httpauth_digest_response_decode(&c.resp, &hdr->val) ||
	    pl_strcmp(&c.resp.realm, s->cred->realm))
		return false;

	if (!nonce_valid(s->auth->nonces, msg, &c.resp.nonce))
		s->err = EAGAIN;
	else if (!digest_of(&c.alg, &hdr->val) ||
		 !add_credential(s->cred, &c))
		s->err = EAUTH;

	return false;
}


/* RFC 7616 section 3.4.1; only MD5 may do without qop (RFC 2069) */
static int make_response(uint8_t *md, const struct credential *c,
			 const struct pl *met, const uint8_t *ha1)
{
	const struct httpauth_digest_resp *r = &c->resp;
	const size_t size = digest_size(c->alg);
	uint8_t ha2[DIGEST_SIZE_MAX];
	int err;

	err = digest_printf(c->alg, ha2, "%r:%r", met, &r->uri);
	if (err)
		return err;

	if (!pl_isset(&r->qop))
		return c->alg != DIGEST_MD5 ? EAUTH :
			digest_printf(c->alg, md, "%w:%r:%w", ha1, size,
				      &r->nonce, ha2, size);

	return pl_strcmp(&r->qop, "auth") ? EAUTH :
		digest_printf(c->alg, md, "%w:%r:%r:%r:%r:%w", ha1, size,
			      &r->nonce, &r->nc, &r->cnonce, &r->qop, ha2,
			      size);
}


/* Compared in constant time */
static bool response_is(const struct pl *hex, const uint8_t *md, size_t size)
{
	uint8_t diff = 0;
	size_t i;

	if (hex->l != 2 * size)
		return false;

	for (i=0; i<2 * size; ++i) {
		const uint8_t half = i % 2 ? md[i / 2] & 0xf : md[i / 2] >> 4;

		diff |= half ^ ch_hex(hex->p[i]);
	}

	return !diff;
}


/* Those that the user can be checked with, or the first */
static const struct credential *choose(const struct users *users,
				       const struct credentials *cred)
{
	size_t i;

	for (i=0; i<cred->n; ++i) {
		if (users_have(users, &cred->user, cred->v[i].alg))
			return &cred->v[i];
	}

	return cred->v;
}


/* An unknown user takes as long as a known one */
static const struct credential *check_password(struct auth *auth,
					       const struct sip_msg *msg,
					       const struct credentials *cred)
{
	uint8_t ha1[DIGEST_SIZE_MAX], md[DIGEST_SIZE_MAX];
	struct users *users = load_users(auth);
	const struct credential *c;
	bool known, ok;

	if (!users)
		return NULL;

	c = choose(users, cred);
	known = users_ha1(ha1, users, &cred->user, c->alg);
	ok = !make_response(md, c, &msg->met, ha1) &&
		response_is(&c->resp.response, md, digest_size(c->alg));
	mem_deref(users);

	return known && ok ? c : NULL;
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
 *         one of ours for this peer and Call-ID, or too old, EAUTH if the
 *         algorithm is none of ours
 */
int auth_get(struct credentials *cred, const struct auth *auth,
	     const struct sip_msg *msg)
{
	struct search s = {.auth = auth, .err = ENOENT};

	memset(cred, 0, sizeof(*cred));
	s.cred = cred;
	cred->realm = auth->realm;

	(void)sip_msg_hdr_apply(msg, true, SIP_HDR_AUTHORIZATION,
				realm_handler, &s);

	return cred->n ? 0 : s.err;
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
	const struct credential *c;
	uint32_t nc;

	/* its URI may not be that of the request: RFC 3261 section 22.4 */
	c = check_password(auth, msg, cred);
	if (!c)
		return EAUTH;

	if (!count_decode(&nc, &c->resp))
		return EAGAIN;

	return nonce_use(usep, auth->nonces, msg, &c->resp.nonce, nc);
}


/** Write the header lines of a challenge, the best algorithm first (RFC 8760
    section 2.3); nothing is kept for it */
int auth_challenge(char **hdrp, const struct auth *auth,
		   const struct sip_msg *msg, bool stale)
{
	struct mbuf *mb = mbuf_alloc(256);
	char nonce[NONCE_SIZE + 1];
	unsigned i;
	int err = 0;

	if (!mb)
		return ENOMEM;

	nonce_make(nonce, auth->nonces, msg);

	for (i=0; i<DIGEST_ALGORITHMS; ++i) {
		if (auth->offerv[i])
			err |= mbuf_printf(mb, "WWW-Authenticate: Digest"
				" realm=\"%s\", nonce=\"%s\", qop=\"auth\","
				" algorithm=%s%s\r\n", auth->realm, nonce,
				digest_name((enum digest_algorithm)i),
				stale ? ", stale=true" : "");
	}

	mb->pos = 0;
	if (!err)
		err = mbuf_strdup(mb, hdrp, mb->end);
	mem_deref(mb);

	return err;
}
