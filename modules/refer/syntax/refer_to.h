/**
 * @file refer_to.h  The Refer-To header (RFC 3515 section 2.1)
 */
#ifndef REFER_REFER_TO_H
#define REFER_REFER_TO_H

/** Why a request is refused, and what the peer is told */
struct refusal {
	uint16_t scode;        /**< Status code               */
	const char *reason;    /**< Reason phrase             */
	const char *warning;   /**< Text of the Warning header, or NULL */
};

/** What a Refer-To header asks for */
struct refer_to {
	char *uri;             /**< URI to call: no headers, no method      */
	char *replaces;        /**< Replaces of the URI, unescaped, or NULL */
	bool password;         /**< The URI has a password, or a ':' for one */
	bool require;          /**< Require=replaces is among its headers   */
	char *headers;         /**< "?name=value&..", all of them, or NULL  */
};

const struct refusal *refer_to_decode(struct refer_to **rtp,
				      const struct pl *val);
bool refer_to_is_tel(const struct pl *val);
const struct refusal *refer_to_decode_tel(struct refer_to **rtp,
					  const struct pl *val,
					  const char *aor);
const struct refusal *refer_to_addr(struct pl *uri, const struct pl *val);
struct refer_to *refer_to_decode_uri(const char *uri, const char *aor);
int  refer_to_normalise(struct refer_to *rt);

#endif
