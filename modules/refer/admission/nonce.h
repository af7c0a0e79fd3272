/**
 * @file nonce.h  Nonces of our challenges, and which were used
 */
#ifndef REFER_NONCE_H
#define REFER_NONCE_H

enum {
	NONCE_SIZE = 32,       /**< Characters of a nonce */
};

struct nonces;
struct nonce_use;

int  nonces_alloc(struct nonces **np);
void nonce_make(char *nonce, struct nonces *n, const struct sip_msg *msg);
bool nonce_valid(struct nonces *n, const struct sip_msg *msg,
		 const struct pl *nonce);
int  nonce_use(struct nonce_use **usep, struct nonces *n,
	       const struct sip_msg *msg, const struct pl *nonce,
	       uint32_t nc);
void nonce_spend(struct nonce_use *use);

#endif
