/**
 * @file text.h  Cutting of text
 */
#ifndef REFER_TEXT_H
#define REFER_TEXT_H

struct pl text_cut(struct pl *pl, char sep);
struct pl text_trim(const struct pl *pl);
bool text_number(uint32_t *num, const struct pl *pl);

#endif
