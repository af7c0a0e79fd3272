/**
 * @file auth.h  Digest authentication of REFER (RFC 3261 section 22): the
 * check, its nonces, and the file of users
 */
#ifndef REFER_AUTH_H
#define REFER_AUTH_H

struct auth;
struct nonce_use;
struct nonces;
struct users;

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


/* Nonces (nonce.c) */

enum {
	NONCE_SIZE = 32,       /**< Characters of a nonce */
};

int  nonces_alloc(struct nonces **np);
void nonce_make(char *nonce, struct nonces *n, const struct sip_msg *msg);
bool nonce_valid(struct nonces *n, const struct sip_msg *msg,
		 const struct pl *nonce);
int  nonce_use(struct nonce_use **usep, struct nonces *n,
	       const struct sip_msg *msg, const struct pl *nonce,
	       uint32_t nc);
void nonce_spend(struct nonce_use *use);


/* The file of users (users.c) */

/** What is wrong with a file of users */
struct users_fault {
	unsigned line;         /**< Number of the line, 0 if none   */
	const char *why;       /**< Reason, NULL if it is an errno  */
};

int  users_load(struct users **up, struct users_fault *fault,
		const char *path);
unsigned users_count(const struct users *users);
const char *users_password(const struct users *users, const struct pl *name);

#endif
