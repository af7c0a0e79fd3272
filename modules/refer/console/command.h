/**
 * @file command.h  What the commands share
 */
#ifndef REFER_COMMAND_H
#define REFER_COMMAND_H

struct refer;
struct refer_row;
struct refer_server;

/** An answer on its way to a channel */
struct answer_page {
	struct re_printf pf;
	const struct re_printf *to;
};

struct re_printf *command_page(struct answer_page *page,
			       struct re_printf *pf);
void command_params(struct pl *params, const void *arg);
bool command_word(struct pl *w, struct pl *rest);
bool command_only(struct refer_row *row, const struct refer *refer,
		  struct re_printf *pf, unsigned can);
struct refer_server *command_server(const struct refer *refer,
				    struct re_printf *pf, struct pl *rest,
				    bool code_follows);
int  command_error(const struct re_printf *pf, int err);
int  command_fail(struct re_printf *pf, int err, const char *text);
int  command_result(struct re_printf *pf, int err, uint32_t id,
		    const char *done);

#endif
