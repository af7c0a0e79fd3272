/**
 * @file carried.h  Headers that a REFER carries for the INVITE
 */
#ifndef REFER_CARRIED_H
#define REFER_CARRIED_H

/** Where a header stood */
enum carried_from {
	CARRIED_URI,           /**< In the URI of Refer-To  */
	CARRIED_REFER,         /**< In the REFER itself     */
};

/** A header of a peer */
struct carried {
	struct le le;
	char *name;
	char *val;             /**< One line, UTF-8         */
	enum carried_from from;
};

/** All of a REFER that may go into an INVITE */
struct carried_headers {
	struct list l;         /**< struct carried          */
	size_t size;           /**< Of names and values     */
	uint32_t left;         /**< Not kept, for lack of room */
	char *text;            /**< "Name: value", a line each, or NULL */
};

int carried_decode(struct carried_headers *ch, const char *uri_headers,
		   const struct sip_msg *msg);
void carried_reset(struct carried_headers *ch);
int carried_print(struct mbuf *mb, const struct carried_headers *ch,
		  enum carried_from from, const char *patterns);
const struct carried *carried_get(const struct carried_headers *ch,
				  size_t n);

#endif
