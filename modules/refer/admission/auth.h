/**
 * @file auth.h  Digest authentication of REFER (RFC 3261 section 22)
 */
#ifndef REFER_AUTH_H
#define REFER_AUTH_H

struct auth;
struct nonce_use;

/** Those of a request, for the realm that is ours */
struct credentials {
	const char *realm;
	struct httpauth_digest_resp resp;
};

int  auth_alloc(struct auth **authp, const char *realm, const char *users);
bool auth_is(const struct auth *auth, const char *realm, const char *users);
int  auth_users_check(const char *path, unsigned *usersp, unsigned *linep,
		      const char **whyp);
int  auth_get(struct credentials *cred, const struct auth *auth,
	      const struct sip_msg *msg);
int  auth_check(struct nonce_use **usep, struct auth *auth,
		const struct sip_msg *msg, const struct credentials *cred);
int  auth_challenge(char **hdrp, const struct auth *auth,
		    const struct sip_msg *msg, bool stale);
uint64_t auth_hash(const struct auth *auth, const struct sip_msg *msg);

#endif
