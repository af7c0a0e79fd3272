/**
 * @file auth.h  Digest authentication of REFER (RFC 3261 section 22): the
 * check, its nonces, and the file of users
 */
#ifndef REFER_AUTH_H
#define REFER_AUTH_H

#include "syntax/digest.h"

struct auth;
struct nonce_use;
struct nonces;
struct users;
struct users_fault;

/** Those of a request, for the realm that is ours: of one user, at most one
    for each algorithm */
struct credentials {
	const char *realm;
	struct pl user;
	size_t n;
	struct credential {
		struct httpauth_digest_resp resp;
		enum digest_algorithm alg;
	} v[DIGEST_ALGORITHMS];
};

int  auth_alloc(struct auth **authp, const char *realm, const char *users);
bool auth_is(const struct auth *auth, const char *realm, const char *users);
int  auth_users_check(unsigned *usersp, struct users_fault *fault,
		      const char *path, const char *realm);
int  auth_get(struct credentials *cred, const struct auth *auth,
	      const struct sip_msg *msg);
int  auth_check(struct nonce_use **usep, struct auth *auth,
		const struct sip_msg *msg, const struct credentials *cred);
int  auth_challenge(char **hdrp, const struct auth *auth,
		    const struct sip_msg *msg, bool stale);
void auth_refresh(struct auth *auth);
int  auth_print(struct re_printf *pf, const struct auth *auth);
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
	const char *why;       /**< Reason, NULL if it is the error */
	int err;
};

int  users_load(struct users **up, struct users_fault *fault,
		const char *path, const char *realm);
int  users_print_fault(struct re_printf *pf, const struct users_fault *fault);
unsigned users_count(const struct users *users);
bool users_have(const struct users *users, const struct pl *name,
		enum digest_algorithm alg);
bool users_ha1(uint8_t *ha1, const struct users *users, const struct pl *name,
	       enum digest_algorithm alg);

#endif
