/**
 * @file header.h  Header lines and bodies that applications and settings give
 */
#ifndef REFER_HEADER_H
#define REFER_HEADER_H

struct refer_opts;

enum {
	HEADER_NAME_MAX = 64,  /**< Size of a pattern, with its NUL */
};

bool header_is_reserved(const struct pl *name);
bool header_is_taken(enum sip_hdrid id);
bool header_is_name(const char *name);
bool header_may_pass(const char *name);
bool header_pattern_valid(const struct pl *pattern);
bool header_is_listed(const char *patterns, const char *name);
bool header_lines_have(const struct pl *lines, const char *name);
int  header_line_decode(char **namep, struct pl *val, const char *line);
bool header_line_is(const char *line, const char *name);
bool header_lines_valid(const char *const *linev);


/* What an application gives for a message */

/** An answer with all defaults filled in */
struct answer {
	uint16_t scode;
	const char *reason;
	const struct refer_opts *opts;   /**< Headers and body, or NULL */
};

int opts_answer(struct answer *ans, const struct refer_opts *opts,
		uint16_t dflt, uint16_t first, uint16_t last);
int opts_print(struct re_printf *pf, const struct answer *ans);
bool opts_line_valid(const char *line);

#endif
