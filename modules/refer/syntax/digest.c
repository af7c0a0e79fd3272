/**
 * @file digest.c  The algorithms of digest authentication (RFC 8760)
 *
 * MD5 and SHA-256 of RFC 7616, without its "-sess" variants.
 */
#include <ctype.h>
#include <re.h>
#include "host/libre.h"
#include "syntax/digest.h"
#include "syntax/text.h"
#include "syntax/token.h"


/** An algorithm */
struct algorithm {
	const char *name;
	size_t size;           /**< Bytes of a hash */
	void (*hash)(const uint8_t *d, size_t n, uint8_t *md);
};

static const struct algorithm algv[DIGEST_ALGORITHMS] = {
	[DIGEST_SHA256] = {"SHA-256", 32, libre_sha256},
	[DIGEST_MD5]    = {"MD5", MD5_SIZE, md5},
};


/** Tell whether this libre has an algorithm */
bool digest_available(enum digest_algorithm alg)
{
	return alg != DIGEST_SHA256 || libre_has_sha256();
}


/** Get the name of an algorithm, as in a challenge */
const char *digest_name(enum digest_algorithm alg)
{
	return algv[alg].name;
}


/** Get the bytes of a hash; DIGEST_SIZE_MAX at most */
size_t digest_size(enum digest_algorithm alg)
{
	return algv[alg].size;
}


static bool find(enum digest_algorithm *alg, const struct pl *name)
{
	unsigned i;

	for (i=0; i<DIGEST_ALGORITHMS; ++i) {
		if (!pl_strcasecmp(name, algv[i].name)) {
			*alg = (enum digest_algorithm)i;
			return digest_available(*alg);
		}
	}

	return false;
}


/**
 * Get the algorithm of a challenge, or of credentials: without that parameter
 * it is MD5
 *
 * @return False if it is none of ours, or there are two
 */
bool digest_of(enum digest_algorithm *alg, const struct pl *val)
{
	struct pl rest = *val, part, name;
	bool found = false;

	/* "Digest" */
	text_trim(&rest);
	while (rest.l && isalpha((uint8_t)*rest.p))
		pl_advance(&rest, 1);

	*alg = DIGEST_MD5;

	while (token_cut(&part, &rest, ',')) {
		(void)token_cut(&name, &part, '=');
		if (pl_strcasecmp(&name, "algorithm"))
			continue;

		text_trim(&part);
		token_unquote(&part);
		if (found || !find(alg, &part))
			return false;

		found = true;
	}

	return true;
}


/** Hash a text; md has room for digest_size() bytes */
int digest_printf(enum digest_algorithm alg, uint8_t *md, const char *fmt, ...)
{
	struct mbuf *mb = mbuf_alloc(128);
	va_list ap;
	int err;

	if (!mb)
		return ENOMEM;

	va_start(ap, fmt);
	err = mbuf_vprintf(mb, fmt, ap);
	va_end(ap);

	if (!err)
		algv[alg].hash(mb->buf, mb->end, md);

	mem_deref(mb);

	return err;
}
