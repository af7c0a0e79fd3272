/**
 * @file handlers.c  Applications that decide on REFERs
 *
 * They are asked one after another until one takes the REFER. The list is
 * not part of struct refer: it outlives /rmmod, so that with /insmod the
 * module asks whoever it asked before.
 */
#include <string.h>
#include <re.h>
#include "core/handlers.h"
#include "refer.h"
#include "syntax/text.h"


enum {
	REQUIRED_MAX = 16,       /* Names that are remembered */
};

/** An application */
struct refer_handler {
	struct le le;
	char name[HANDLER_NAME_SIZE];
	refer_request_h *h;
	void *arg;
};

static struct {
	struct list l;           /**< struct refer_handler              */
	char requiredv[REQUIRED_MAX][HANDLER_NAME_SIZE]; /**< For ever  */
} handlers;


static void destructor(void *arg)
{
	struct refer_handler *hd = arg;

	list_unlink(&hd->le);
}


/* A free place for a name, or the one where it is */
static char *required_slot(const char *name)
{
	size_t i;

	for (i=0; i<REQUIRED_MAX; ++i) {
		char *slot = handlers.requiredv[i];

		if (!*slot || !strcmp(slot, name))
			return slot;
	}

	return NULL;
}


static bool is_name(const char *name)
{
	return str_isset(name) && strlen(name) < HANDLER_NAME_SIZE &&
		!name[strcspn(name, " \t\r\n")];
}


int refer_handler_register(struct refer_handler **hp, const char *name,
			   bool required, refer_request_h *h, void *arg)
{
	struct refer_handler *hd;
	char *slot = NULL;

	if (!hp || !h || !is_name(name))
		return EINVAL;

	if (required) {
		slot = required_slot(name);
		if (!slot)
			return EOVERFLOW;
	}

	hd = mem_zalloc(sizeof(*hd), destructor);
	if (!hd)
		return ENOMEM;

	str_ncpy(hd->name, name, sizeof(hd->name));
	hd->h   = h;
	hd->arg = arg;
	list_append(&handlers.l, &hd->le, hd);
	if (slot)
		str_ncpy(slot, name, HANDLER_NAME_SIZE);

	*hp = hd;

	return 0;
}


/** Tell whether there is an application to ask */
bool handlers_any(void)
{
	return handlers.l.head != NULL;
}


/** Ask the applications until one has taken the REFER, or it waits no more */
bool handlers_ask(struct refer_server *srv,
		  bool (*waitingh)(const struct refer_server *srv))
{
	struct le *le = list_head(&handlers.l);
	bool taken = false;

	/* it may remove itself, or any other */
	while (le && !taken) {
		struct refer_handler *hd = mem_ref(le->data);

		taken = hd->h(srv, hd->arg) || !waitingh(srv);
		le = le->next;
		mem_deref(hd);
	}

	return taken;
}


static bool is_there(const struct pl *name)
{
	struct le *le;

	LIST_FOREACH(&handlers.l, le) {
		const struct refer_handler *hd = le->data;

		if (!pl_strcmp(name, hd->name))
			return true;
	}

	return false;
}


/** Find a required application that is not there; wanted has the names that
    the configuration requires, with blanks between */
bool handlers_missing(struct pl *name, const char *wanted)
{
	struct pl rest;
	size_t i;

	for (i=0; i<REQUIRED_MAX && *handlers.requiredv[i]; ++i) {
		pl_set_str(name, handlers.requiredv[i]);
		if (!is_there(name))
			return true;
	}

	pl_set_str(&rest, wanted);
	while (text_cut(name, &rest, ' ')) {
		if (!is_there(name))
			return true;
	}

	return false;
}


static bool is_required(const char *name, const char *wanted)
{
	struct pl rest, pl;
	size_t i;

	for (i=0; i<REQUIRED_MAX; ++i) {
		if (!strcmp(handlers.requiredv[i], name))
			return true;
	}

	pl_set_str(&rest, wanted);
	while (text_cut(&pl, &rest, ' ')) {
		if (!pl_strcmp(&pl, name))
			return true;
	}

	return false;
}


static int print_missing(struct re_printf *pf, const struct pl *name)
{
	return is_there(name) ? 0 : re_hprintf(pf, "refer: handler %r,"
					       " required, missing\n", name);
}


/** Print the applications, and those of wanted that are missing */
int handlers_print(struct re_printf *pf, const char *wanted)
{
	struct pl rest, name;
	struct le *le;
	int err = 0;
	size_t i;

	LIST_FOREACH(&handlers.l, le) {
		const struct refer_handler *hd = le->data;

		err |= re_hprintf(pf, "refer: handler %s%s\n", hd->name,
				  is_required(hd->name, wanted) ?
				  ", required" : "");
	}

	for (i=0; i<REQUIRED_MAX && *handlers.requiredv[i]; ++i) {
		pl_set_str(&name, handlers.requiredv[i]);
		err |= print_missing(pf, &name);
	}

	pl_set_str(&rest, wanted);
	while (text_cut(&name, &rest, ' '))
		err |= print_missing(pf, &name);

	return err;
}
