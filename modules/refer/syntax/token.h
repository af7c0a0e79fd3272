/**
 * @file token.h  The parts of a header's value (RFC 3261 section 25.1)
 */
#ifndef REFER_TOKEN_H
#define REFER_TOKEN_H

size_t token_span(const struct pl *pl, const char *stop);
size_t token_quoted(const struct pl *pl);
bool token_cut(struct pl *part, struct pl *rest, char sep);
bool token_cut_addr(struct pl *addr, struct pl *list);
void token_addr(struct pl *uri, const struct pl *addr);
bool token_param(struct pl *name, struct pl *val, struct pl *params);
void token_unquote(struct pl *val);
bool token_is_open(const struct pl *val);
bool token_is_list(const struct pl *val);
bool token_is(const struct pl *val, const char *word);

#endif
