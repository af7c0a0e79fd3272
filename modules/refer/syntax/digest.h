/**
 * @file digest.h  The algorithms of digest authentication (RFC 8760)
 */
#ifndef REFER_DIGEST_H
#define REFER_DIGEST_H

/** What credentials are hashed with; the best first */
enum digest_algorithm {
	DIGEST_SHA256,
	DIGEST_MD5,
	DIGEST_ALGORITHMS,
};

enum {
	DIGEST_SIZE_MAX = 32,  /**< Bytes of the longest hash */
};

bool digest_available(enum digest_algorithm alg);
const char *digest_name(enum digest_algorithm alg);
size_t digest_size(enum digest_algorithm alg);
bool digest_of(enum digest_algorithm *alg, const struct pl *val);
int  digest_printf(enum digest_algorithm alg, uint8_t *md, const char *fmt,
		   ...);

#endif
