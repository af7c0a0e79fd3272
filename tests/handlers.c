/**
 * @file handlers.c  Applications that decide on REFERs, as many as wanted
 *
 * A module for the wire tests, loaded after refer.so. "/appadd NAME WHAT" is
 * an application that comes: WHAT is "reject", "accept", "wait", "leave" (it
 * does not take the REFER) or "drop" (nor does it, and the application that
 * came last goes), with a capital if it is required. "/appdrop NAME" is its
 * end.
 * "/applist" shows the transfers, and some counters. "/appnext TARGET"
 * transfers the first call as soon as another one has ended. "/appkill EVENT"
 * ends the first call when another one is "closed", or "outgoing" (3.x, 4.x);
 * with "cancel" the first transfer ends when a call is outgoing.
 */
#include <ctype.h>
#include <string.h>
#include <re.h>
#include <refer/baresip.h>
#include <refer/refer.h>


extern const struct mod_export exports;

enum {
	APPS = 4,
};

/** An application */
struct app {
	struct refer_handler *handler;
	char name[32];
	char what;
};

static struct app appv[APPS];
static struct call *first;
static struct refer_client *client;
static char next[64];
static char kill_on[16];


static void drop(struct app *app)
{
	app->handler = mem_deref(app->handler);
	*app->name = '\0';
}


static struct app *find_last(void)
{
	size_t i = APPS;

	while (i > 1 && !*appv[i - 1].name)
		--i;

	return &appv[i - 1];
}


static void error_handler(struct refer_server *srv, int err, void *arg)
{
	const struct app *app = arg;

	info("handlers: %s: error of #%u: %m\n", app->name,
	     refer_server_id(srv), err);
}


static const struct refer_delegate delegate = {.errorh = error_handler};


static bool request_handler(struct refer_server *srv, void *arg)
{
	static const char *const hdrv[] = {"X-By: handlers", NULL};
	struct app *app = arg;
	const struct refer_opts opts = {.scode = 486, .hdrv = hdrv};

	info("handlers: %s is asked\n", app->name);

	switch (tolower((unsigned char)app->what)) {

	case 'a':
		return !refer_server_accept(srv, NULL);

	case 'r':
		return !refer_server_reject(srv, &opts);

	case 'w':
		refer_server_set_delegate(srv, &delegate, app);
		return true;

	case 'd':
		drop(find_last());
		return false;

	default:
		return false;
	}
}


static struct app *find(const char *name)
{
	size_t i;

	for (i=0; i<APPS; ++i) {
		if (!strcmp(appv[i].name, name))
			return &appv[i];
	}

	return NULL;
}


static int cmd_add(struct re_printf *pf, void *arg)
{
	const struct cmd_arg *carg = arg;
	struct app *app = find("");
	struct pl name, what;
	int err;

	if (!app || re_regex(carg->prm, strlen(carg->prm), "[^ ]+ [^ ]+",
			     &name, &what))
		return EINVAL;

	(void)pl_strcpy(&name, app->name, sizeof(app->name));
	app->what = *what.p;
	err = refer_handler_register(&app->handler, app->name,
				     isupper((unsigned char)app->what),
				     request_handler, app);

	return err ? err : re_hprintf(pf, "added\n");
}


static int cmd_drop(struct re_printf *pf, void *arg)
{
	const struct cmd_arg *carg = arg;
	struct app *app = find(carg->prm);

	if (!app)
		return EINVAL;

	drop(app);

	return re_hprintf(pf, "dropped\n");
}


static int message_handler(const struct refer_message *msg, void *arg)
{
	return re_hprintf(arg, "  %s -> %s: %s\n",
			  refer_party_name(msg->from),
			  refer_party_name(msg->to), msg->line);
}


static int transfer_handler(const struct refer_transfer *t, void *arg)
{
	struct re_printf *pf = arg;
	struct refer_transfer same;
	uint32_t ms;

	if (refer_transfer_get(&same, t->id) || same.ts != t->ts)
		return ENOENT;

	if (t->ended && refer_transfer_stage(&ms, t->id, REFER_EV_REFER_ENDED))
		return ENOENT;

	return re_hprintf(pf, "#%u %s %s %u\n", t->id, t->state,
			  refer_outcome_name(t->outcome), t->scode) |
		refer_ladder_apply(t->id, message_handler, pf);
}


static int cmd_list(struct re_printf *pf, void *arg)
{
	struct refer_stats st;
	int err;
	(void)arg;

	err  = refer_transfers_apply(REFER_ALL, transfer_handler, pf);
	err |= refer_stats_get(&st);

	return err | re_hprintf(pf, "refused %u, waiting %u\n",
			st.ended[REFER_ROLE_CLIENT][REFER_OUTCOME_REFUSED],
			st.waiting);
}


static int cmd_next(struct re_printf *pf, void *arg)
{
	const struct cmd_arg *carg = arg;
	(void)pf;

	str_ncpy(next, carg->prm, sizeof(next));

	return 0;
}


static int cmd_kill(struct re_printf *pf, void *arg)
{
	const struct cmd_arg *carg = arg;
	(void)pf;

	str_ncpy(kill_on, carg->prm, sizeof(kill_on));

	return 0;
}


static bool is_closed(enum bevent_ev ev)
{
	return ev == BEVENT_CALL_CLOSED;
}


static bool is_outgoing(enum bevent_ev ev)
{
#if HOST_MAJOR >= 3
	return ev == BEVENT_CALL_OUTGOING;
#else
	(void)ev;
	return false;
#endif
}


static void kill_first(void)
{
	*kill_on = '\0';
	info("handlers: kill: %m\n", refer_call_end(first, "Bye"));
}


static void transfer_first(void)
{
	int err = refer_client_alloc(&client, first, next);

	*next = '\0';
	if (!err)
		err = refer_client_refer(client, NULL);

	info("handlers: next: %m\n", err);
}


static void event_handler(enum bevent_ev ev, struct bevent *event, void *arg)
{
	struct call *call = bevent_get_call(event);
	(void)arg;

	if (ev == BEVENT_CALL_ESTABLISHED && !first)
		first = call;

	if (!first)
		return;

	if (call == first) {
		if (is_closed(ev))
			first = NULL;
	}
	else if ((is_closed(ev) && !strcmp(kill_on, "closed")) ||
		 (is_outgoing(ev) && !strcmp(kill_on, "outgoing"))) {
		kill_first();
	}
	else if (is_outgoing(ev) && !strcmp(kill_on, "cancel")) {
		*kill_on = '\0';
		info("handlers: cancel: %m\n", refer_transfer_cancel(1));
	}
	else if (is_closed(ev) && *next) {
		transfer_first();
	}
}


static const struct cmd cmdv[] = {
	{"appadd",  0, CMD_PRM, "An application comes", cmd_add  },
	{"appdrop", 0, CMD_PRM, "An application goes",  cmd_drop },
	{"applist", 0, 0,       "Transfers and counters", cmd_list },
	{"appkill", 0, CMD_PRM, "End the first call in an event", cmd_kill },
	{"appnext", 0, CMD_PRM, "Transfer the first call next", cmd_next },
};


static int module_init(void)
{
	int err = bevent_register(event_handler, NULL);

	if (err)
		return err;

	return cmd_register(baresip_commands(), cmdv,
			    sizeof(cmdv) / sizeof(cmdv[0]));
}


static int module_close(void)
{
	size_t i;

	for (i=0; i<APPS; ++i)
		appv[i].handler = mem_deref(appv[i].handler);

	cmd_unregister(baresip_commands(), cmdv);
	bevent_unregister(event_handler);
	client = mem_deref(client);

	return 0;
}


__attribute__((visibility("default")))
const struct mod_export exports = {
	"handlers",
	"application",
	module_init,
	module_close
};
