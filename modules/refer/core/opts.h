/**
 * @file opts.h  What an application gives for a message
 */
#ifndef REFER_OPTS_H
#define REFER_OPTS_H

struct refer_opts;

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
