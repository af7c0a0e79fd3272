/**
 * @file rows.c  All transfers under way, as they are shown
 */
#include <re.h>
#include "admission/wildcard.h"
#include "core/core.h"
#include "core/row.h"
#include "referee/referee.h"
#include "referrer/referrer.h"
#include "target/target.h"


/** What rows_find() looks for */
struct search {
	struct refer_row *row;
	uint32_t id;
	bool found;
};


/**
 * Show all transfers to a handler
 *
 * @param refer Protocol
 * @param h     Handler
 * @param arg   Its argument
 *
 * @return 0 if success, otherwise what a handler returned
 */
int rows_apply(const struct refer *refer, row_h *h, void *arg)
{
	struct refer_row row;
	struct le *le;
	int err = 0;

	LIST_FOREACH(&refer->serverl, le) {
		server_row(&row, le->data);
		err |= h(&row, arg);
	}

	err |= clients_apply(refer->clients, h, arg);
	err |= consults_apply(refer->consults, h, arg);

	return err | targets_apply(refer->targets, h, arg);
}


static int find_handler(const struct refer_row *row, void *arg)
{
	struct search *s = arg;

	if (row->id == s->id && !s->found) {
		s->found = true;
		*s->row  = *row;
	}

	return 0;
}


/**
 * Find a transfer by its number
 *
 * @param row   Set if it is found
 * @param refer Protocol
 * @param id    Number
 *
 * @return True if it is found
 */
bool rows_find(struct refer_row *row, const struct refer *refer, uint32_t id)
{
	struct search s = {row, id, false};

	(void)rows_apply(refer, find_handler, &s);

	return s.found;
}
