/**
 * @file nonce.c  Nonces of our challenges, and which were used
 *
 * A nonce is the time, a count and a keyed hash: nothing is kept for a
 * challenge.
 * Only a nonce that came back with valid credentials is, in a table of fixed
 * size: its nc must rise with each request (RFC 2617 section 3.2.2).
 */
#include <errno.h>
#include <string.h>
#include <re.h>
#include "admission/auth.h"


enum {
	LIFE      = 300,       /* [s]                           */
	USES      = 1024,      /* of the table                  */
	HEX_SIZE  = 8,         /* of 32 bits in characters      */
	SHA1_SIZE = 20,
};

/** What a nonce is made of */
struct parts {
	uint32_t when;         /**< Issued at [s]                            */
	uint32_t n;            /**< No two are the same                      */
	uint64_t hash;         /**< Keyed, of this and of whom it is for     */
};

/** A nonce that came with valid credentials */
struct nonce_use {
	uint64_t hash;
	uint32_t when;         /**< Issued at [s], 0 for an empty place      */
	uint32_t nc;           /**< The highest count                        */
	uint8_t copy[MD5_SIZE]; /**< Hash of the request that had it         */
	bool spent;            /**< That was carried out: copies are refused */
};

struct nonces {
	uint8_t secret[SHA1_SIZE];
	uint32_t last;         /**< Time of the last look [s]                */
	uint32_t n;            /**< Of the last nonce                        */
	uint32_t floor;        /**< Whatever was issued until then is over   */
	struct nonce_use usev[USES];
};


/** Allocate the table of nonces */
int nonces_alloc(struct nonces **np)
{
	struct nonces *n;

	n = mem_zalloc(sizeof(*n), NULL);
	if (!n)
		return ENOMEM;

	rand_bytes(n->secret, sizeof(n->secret));
	*np = n;

	return 0;
}


/* When the clock is set back, all nonces are over: none lives twice */
static uint32_t look_at_clock(struct nonces *n)
{
	const uint32_t now = (uint32_t)(tmr_jiffies() / 1000);

	if (now < n->last) {
		memset(n, 0, sizeof(*n));
		rand_bytes(n->secret, sizeof(n->secret));
	}

	n->last = now;

	return now;
}


/* For this Call-ID and address: who has listened can use it only there */
static uint64_t keyed_hash(const struct nonces *n, const struct sip_msg *msg,
			   const struct parts *parts)
{
	uint8_t md[SHA1_SIZE];
	uint64_t val = 0;
	char *text;

	if (re_sdprintf(&text, "%08x|%08x|%r|%j", parts->when, parts->n,
			&msg->callid, &msg->src))
		return val;

	hmac_sha1(n->secret, sizeof(n->secret), (const uint8_t *)text,
		  strlen(text), md, sizeof(md));
	memcpy(&val, md, sizeof(val));
	mem_deref(text);

	return val;
}


/** Make a nonce */
void nonce_make(char *nonce, struct nonces *n, const struct sip_msg *msg)
{
	struct parts parts = {.when = look_at_clock(n)};

	parts.n = ++n->n;
	(void)re_snprintf(nonce, NONCE_SIZE + 1, "%08x%08x%016llx",
			  parts.when, parts.n, keyed_hash(n, msg, &parts));
}


static bool split(struct parts *parts, const struct pl *nonce)
{
	struct pl pl = *nonce;

	if (nonce->l != NONCE_SIZE)
		return false;

	pl.l = HEX_SIZE;
	parts->when = pl_x32(&pl);
	pl.p += HEX_SIZE;
	parts->n = pl_x32(&pl);
	pl.p += HEX_SIZE;
	pl.l = NONCE_SIZE - 2 * HEX_SIZE;
	parts->hash = pl_x64(&pl);

	return true;
}


/**
 * Tell whether a nonce is one that this peer was given in this Call-ID, and
 * not too long ago
 */
bool nonce_valid(struct nonces *n, const struct sip_msg *msg,
		 const struct pl *nonce)
{
	const uint32_t now = look_at_clock(n);
	struct parts parts;

	return split(&parts, nonce) && now - parts.when < LIFE &&
		parts.hash == keyed_hash(n, msg, &parts);
}


/* A place that is empty, or that of the oldest nonce, with which all that are
   as old are over */
static struct nonce_use *place(struct nonces *n)
{
	struct nonce_use *oldest = n->usev;
	size_t i;

	for (i=0; i<USES && oldest->when; ++i) {
		if (n->usev[i].when < oldest->when)
			oldest = &n->usev[i];
	}

	n->floor = max(n->floor, oldest->when);

	return oldest;
}


static struct nonce_use *find(struct nonces *n, const struct parts *parts)
{
	size_t i;

	for (i=0; i<USES; ++i) {
		if (n->usev[i].hash == parts->hash &&
		    n->usev[i].when == parts->when)
			return &n->usev[i];
	}

	return NULL;
}


/* The whole request, unmodified */
static void hash_request(uint8_t *md, const struct sip_msg *msg)
{
	const char *end = (const char *)msg->mb->buf + msg->mb->end;

	md5((const uint8_t *)msg->met.p, end - msg->met.p, md);
}


/**
 * Use a nonce, which must be valid and come with valid credentials
 *
 * A copy of the request that has used it may come again, as long as that was
 * not carried out: it was refused without a transaction.
 *
 * @return 0 if success, EAGAIN if it was used before
 */
int nonce_use(struct nonce_use **usep, struct nonces *n,
	      const struct sip_msg *msg, const struct pl *nonce, uint32_t nc)
{
	struct nonce_use *use;
	uint8_t md[MD5_SIZE];
	struct parts parts;

	if (!split(&parts, nonce))
		return EAGAIN;

	hash_request(md, msg);
	use = find(n, &parts);

	if (use && !use->spent && !memcmp(use->copy, md, sizeof(md))) {
		*usep = use;
		return 0;
	}

	if (use ? !nc || nc <= use->nc : parts.when <= n->floor)
		return EAGAIN;

	if (!use)
		use = place(n);

	use->hash  = parts.hash;
	use->when  = parts.when;
	use->nc    = nc ? nc : UINT32_MAX;
	use->spent = false;
	memcpy(use->copy, md, sizeof(md));
	*usep = use;

	return 0;
}


/** The request is carried out: no copy of it will be */
void nonce_spend(struct nonce_use *use)
{
	if (use)
		use->spent = true;
}
