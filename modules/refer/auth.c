/**
 * @file auth.c  Digest authentication of REFER (RFC 3261 section 22)
 *
 * The nonce is the time and a keyed hash of it: nothing is kept for a
 * challenge. So is the To-tag of a refusal, which must be the same for each
 * copy of a request.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <re.h>
#include "host.h"
#include "auth.h"


enum {
	NONCE_LIFE = 300,      /* [s] */
	LINE_SIZE  = 512,
	SHA1_SIZE  = 20,
};

/** Those of the realm that is ours */
struct credentials {
	const struct auth *auth;
	struct httpauth_digest_resp resp;
};

struct auth {
	uint8_t secret[SHA1_SIZE];
	char *realm;
	char *users;           /**< File with user:password lines */
};


static void destructor(void *arg)
{
	struct auth *auth = arg;

	mem_deref(auth->realm);
	mem_deref(auth->users);
}


/**
 * Allocate what is needed to authenticate
 *
 * @param authp Pointer to allocated authentication
 * @param realm Realm
 * @param users File with lines of user:password, or NULL for no user
 *
 * @return 0 if success, otherwise errorcode
 */
int auth_alloc(struct auth **authp, const char *realm, const char *users)
{
	struct auth *auth;
	int err;

	auth = mem_zalloc(sizeof(*auth), destructor);
	if (!auth)
		return ENOMEM;

	rand_bytes(auth->secret, sizeof(auth->secret));

	err = str_dup(&auth->realm, realm);
	if (str_isset(users))
		err |= str_dup(&auth->users, users);

	if (err)
		mem_deref(auth);
	else
		*authp = auth;

	return err;
}


static uint64_t keyed_hash(const struct auth *auth, const char *text)
{
	uint8_t md[SHA1_SIZE];
	uint64_t val;

	hmac_sha1(auth->secret, sizeof(auth->secret), (const uint8_t *)text,
		  strlen(text), md, sizeof(md));
	memcpy(&val, md, sizeof(val));

	return val;
}


/**
 * Hash a request that has no context: the same for each copy of it
 *
 * @param auth Authentication
 * @param msg  Request
 *
 * @return Hash
 */
uint64_t auth_hash(const struct auth *auth, const struct sip_msg *msg)
{
	uint8_t md[MD5_SIZE] = {0};
	uint64_t val;

	(void)md5_printf(md, "%w|%r|%r|%u", auth->secret,
			 sizeof(auth->secret), &msg->callid, &msg->from.tag,
			 msg->cseq.num);
	memcpy(&val, md, sizeof(val));

	return val;
}


/* For this Call-ID: who has listened can repeat it only there */
static uint64_t nonce_hash(const struct auth *auth, const struct sip_msg *msg,
			   uint32_t now)
{
	uint64_t val = 0;
	char *text;

	if (re_sdprintf(&text, "n%08x|%r", now, &msg->callid))
		return val;

	val = keyed_hash(auth, text);
	mem_deref(text);

	return val;
}


static bool nonce_valid(const struct auth *auth, const struct sip_msg *msg,
			const struct pl *nonce)
{
	struct pl ts = *nonce, hash = *nonce;
	char text[20];
	uint32_t when;

	if (nonce->l != 24)
		return false;

	ts.l = 8;
	pl_advance(&hash, 8);
	when = pl_x32(&ts);

	(void)re_snprintf(text, sizeof(text), "%016llx",
			  nonce_hash(auth, msg, when));

	return !pl_strcasecmp(&hash, text) &&
		(uint32_t)time(NULL) - when < NONCE_LIFE;
}


/**
 * Look at a file of users
 *
 * @param path   File with user:password lines
 * @param usersp Set to the number of users
 * @param linep  Set to the line that is wrong, if one is
 * @param whyp   Set to why
 *
 * @return 0 if success, otherwise errorcode
 */
int auth_users_check(const char *path, unsigned *usersp, unsigned *linep,
		     const char **whyp)
{
	char line[LINE_SIZE];
	FILE *f;
	(void)linep;
	(void)whyp;

	f = fopen(path, "r");
	if (!f)
		return errno;

	*usersp = 0;
	while (fgets(line, sizeof(line), f))
		*usersp += *line != '#' && strchr(line, ':');

	(void)fclose(f);

	return 0;
}


static bool find_password(char *pass, size_t size, const struct auth *auth,
			  const struct pl *user)
{
	char line[LINE_SIZE];
	bool found = false;
	FILE *f;

	f = auth->users ? fopen(auth->users, "r") : NULL;
	if (!f) {
		warning("refer: cannot read refer_users %s: %m\n",
			auth->users ? auth->users : "(not set)", errno);
		return false;
	}

	while (!found && fgets(line, sizeof(line), f)) {
		char *colon = strchr(line, ':');

		line[strcspn(line, "\r\n")] = '\0';
		if (!colon || *line == '#')
			continue;

		*colon = '\0';
		if (pl_strcmp(user, line))
			continue;

		str_ncpy(pass, colon + 1, size);
		found = true;
	}

	(void)fclose(f);

	return found;
}


static bool realm_handler(const struct sip_hdr *hdr, const struct sip_msg *msg,
			  void *arg)
{
	struct credentials *cred = arg;
	(void)msg;

	return !httpauth_digest_response_decode(&cred->resp, &hdr->val) &&
		!pl_strcmp(&cred->resp.realm, cred->auth->realm);
}


/**
 * Check the credentials of a request
 *
 * @param auth Authentication
 * @param msg  Request
 *
 * @return 0 if they are right, EAGAIN if they are but for the nonce, otherwise
 *         EAUTH
 */
int auth_check(const struct auth *auth, const struct sip_msg *msg)
{
	struct credentials cred = {.auth = auth};
	const struct httpauth_digest_resp *resp = &cred.resp;
	uint8_t ha1[MD5_SIZE];
	char pass[LINE_SIZE];

	if (!sip_msg_hdr_apply(msg, true, SIP_HDR_AUTHORIZATION,
			       realm_handler, &cred))
		return EAUTH;

	if (pl_cmp(&resp->uri, &msg->ruri) ||
	    !find_password(pass, sizeof(pass), auth, &resp->username))
		return EAUTH;

	if (md5_printf(ha1, "%r:%s:%s", &resp->username, auth->realm, pass) ||
	    httpauth_digest_response_auth(resp, &msg->met, ha1))
		return EAUTH;

	return nonce_valid(auth, msg, &resp->nonce) ? 0 : EAGAIN;
}


/**
 * Answer a request with a challenge; nothing is kept for it
 *
 * @param auth  Authentication
 * @param sip   SIP stack
 * @param msg   Request
 * @param stale True if its credentials were right but for the nonce
 */
void auth_challenge(const struct auth *auth, struct sip *sip,
		    const struct sip_msg *msg, bool stale)
{
	const uint32_t now = (uint32_t)time(NULL);

	(void)sip_replyf(sip, msg, 401, "Unauthorized",
			 "WWW-Authenticate: Digest realm=\"%s\","
			 " nonce=\"%08x%016llx\", qop=\"auth\","
			 " algorithm=MD5%s\r\n"
			 "Content-Length: 0\r\n"
			 "\r\n",
			 auth->realm, now, nonce_hash(auth, msg, now),
			 stale ? ", stale=true" : "");
}


/**
 * A request of ours was not challenged, or not any more
 *
 * @param cr Credentials
 */
void creds_accepted(struct creds *cr)
{
	sip_loopstate_reset(&cr->ls);
	cr->worked = true;
}


/**
 * Answer a challenge, if it is one and we have not tried in vain
 *
 * @param cr  Credentials
 * @param msg Response to a request of ours
 *
 * @return True if the request is to be sent again
 */
bool creds_answer(struct creds *cr, const struct sip_msg *msg)
{
	const enum sip_hdrid id = msg->scode == 401 ?
		SIP_HDR_WWW_AUTHENTICATE : SIP_HDR_PROXY_AUTHENTICATE;
	int err;

	if (msg->scode != 401 && msg->scode != 407)
		return false;

	if (!sip_msg_hdr(msg, id) || sip_request_loops(&cr->ls, msg->scode))
		return false;

	err = sip_auth_authenticate(cr->auth, msg);

	/* a new nonce for credentials that are right: libre wants
	   stale=true for that, and has forgotten the realm now */
	if (err == EAUTH && cr->worked)
		err = sip_auth_authenticate(cr->auth, msg);

	cr->worked = false;

	return !err;
}
