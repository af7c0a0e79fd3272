/**
 * @file fuzz_multipart.c  Any body of several parts, in front of which stands
 * the Content-Type's parameters as a line
 *
 * A part that is found lies between two delimiters, and has the name once.
 */
#include "fuzz.h"
#include "syntax/multipart.h"
#include "syntax/text.h"


static void check_part(const struct pl *part, const struct pl *body,
		       const struct pl *id)
{
	struct pl val, content;

	PROPERTY(part->p >= body->p + 2);
	PROPERTY(part->p + part->l + 4 <= body->p + body->l);
	PROPERTY(!memcmp(part->p - 2, "\r\n", 2));
	PROPERTY(!part->l || !memcmp(part->p + part->l, "\r\n--", 4));
	PROPERTY(part_header(&val, part, "content-id"));
	PROPERTY(part_id_is(&val, id));

	if (part_content(&content, part)) {
		PROPERTY(content.p >= part->p + 2);
		PROPERTY(content.p + content.l == part->p + part->l);
	}
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct pl id = PL("a@b");
	struct pl body, params, part;
	char *copy = fuzz_copy(&body, data, size);

	(void)text_cut(&params, &body, '\n');
	if (multipart_find(&part, &params, &body, &id))
		check_part(&part, &body, &id);

	free(copy);

	return 0;
}
