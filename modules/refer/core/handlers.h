/**
 * @file handlers.h  Applications that decide on REFERs
 */
#ifndef REFER_HANDLERS_H
#define REFER_HANDLERS_H

struct refer_server;

enum {
	HANDLER_NAME_SIZE = 32,  /**< Of an application, with its NUL */
};

bool handlers_any(void);
bool handlers_ask(struct refer_server *srv,
		  bool (*waitingh)(const struct refer_server *srv));
bool handlers_missing(struct pl *name, const char *wanted);
int  handlers_print(struct re_printf *pf, const char *wanted);

#endif
