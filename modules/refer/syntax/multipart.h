/**
 * @file multipart.h  Bodies of several parts (RFC 2046 section 5.1)
 */
#ifndef REFER_MULTIPART_H
#define REFER_MULTIPART_H

bool multipart_find(struct pl *part, const struct pl *params,
		    const struct pl *body, const struct pl *id);
bool part_header(struct pl *val, const struct pl *part, const char *name);
bool part_content(struct pl *content, const struct pl *part);
bool part_id_is(const struct pl *val, const struct pl *id);

#endif
