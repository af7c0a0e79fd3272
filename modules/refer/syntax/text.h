/**
 * @file text.h  Cutting of text, and printing of what others have sent
 */
#ifndef REFER_TEXT_H
#define REFER_TEXT_H

bool text_cut(struct pl *part, struct pl *rest, char sep);
void text_trim(struct pl *pl);
int  text_clean(struct re_printf *pf, const struct pl *pl);
int  text_clean_str(struct re_printf *pf, const char *str);
bool text_is_clean(const struct pl *pl);
bool text_is_display_name(const char *name);
int  text_phrase(struct re_printf *pf, const char *str);
int  text_uri(struct re_printf *pf, const struct pl *uri);
int  text_word(struct re_printf *pf, const char *str);
bool text_number(uint32_t *num, const struct pl *pl);


/** Tell whether a text is a name, in whatever case. In a table of names few
    have the same first letter, with which it begins */
static inline bool text_is(const struct pl *pl, const char *name)
{
	return pl->l && (*pl->p | ' ') == (*name | ' ') &&
		!pl_strcasecmp(pl, name);
}

#endif
