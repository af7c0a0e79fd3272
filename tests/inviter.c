/**
 * @file inviter.c  An application that follows the calls of referrals
 *
 * A module for the wire tests, loaded after refer.so. It accepts each REFER by
 * itself, and logs each state of the inviter, and at each event whether there
 * is a call. "/invhdr X-A: 1" gives the next INVITE a header, "/invhdr" none;
 * "/invcancel REASON" gives up the last one; "/invend" hangs up its call;
 * "/invdrop" lets go of the context.
 */
#include <string.h>
#include <re.h>
#include <refer/baresip.h>
#include <refer/refer.h>


extern const struct mod_export exports;

static struct refer_handler *handler;
static struct refer_server *last;
static struct refer_inviter *inviter;
static char header[256];


static const char *there(void)
{
	return refer_inviter_call(inviter) ? "a call" : "no call";
}


static void state_handler(struct refer_inviter *inv,
			  enum refer_inviter_state state, void *arg)
{
	(void)arg;

	info("inviter: state %s, %s\n", refer_inviter_state_name(state),
	     inv == inviter && state == refer_inviter_state(inv) ? there() :
	     "another one");
}


static void event_handler(const struct refer_event *ev, void *arg)
{
	(void)arg;

	info("inviter: %s, %s\n", refer_event_name(ev->type), there());
}


static const char *const *headers_handler(struct refer_server *srv, void *arg)
{
	static const char *linev[2];
	(void)srv;
	(void)arg;

	linev[0] = *header ? header : NULL;

	return linev;
}


static const struct refer_delegate delegate = {
	.eventh   = event_handler,
	.headersh = headers_handler,
};


static void drop(void)
{
	refer_server_set_delegate(last, NULL, NULL);
	refer_inviter_set_handler(inviter, NULL, NULL);
	inviter = NULL;
	last = mem_deref(last);
}


static bool request_handler(struct refer_server *srv, void *arg)
{
	static const char *const hdrv[] = {"X-Own: 1", NULL};
	const struct refer_invite_opts opts = {.hdrv = hdrv};
	int err;
	(void)arg;

	drop();
	last = mem_ref(srv);
	refer_server_set_delegate(srv, &delegate, NULL);

	err = referral_make_inviter(&inviter, refer_server_referral(srv),
				    &opts);
	if (err) {
		info("inviter: not made, %d\n", err == EINVAL);
		return false;
	}

	refer_inviter_set_handler(inviter, state_handler, NULL);

	return !refer_server_accept(srv, NULL);
}


static int cmd_header(struct re_printf *pf, void *arg)
{
	const struct cmd_arg *carg = arg;
	struct pl pl;

	pl_set_str(&pl, carg->prm ? carg->prm : "");

	return pl_strcpy(&pl, header, sizeof(header)) ? EINVAL :
		re_hprintf(pf, "header\n");
}


static int cmd_cancel(struct re_printf *pf, void *arg)
{
	const struct cmd_arg *carg = arg;

	const int err = refer_inviter_cancel(inviter, carg->prm);

	return re_hprintf(pf, "%s\n", err == EPROTO ? "EPROTO" :
			  err == EINVAL ? "EINVAL" : err ? "?" : "done");
}


static int cmd_end(struct re_printf *pf, void *arg)
{
	struct call *call = refer_inviter_call(inviter);
	(void)arg;

	if (!call)
		return re_hprintf(pf, "no call\n");

	ua_hangup(call_get_ua(call), call, 0, NULL);

	return re_hprintf(pf, "%s\n", there());
}


static int cmd_drop(struct re_printf *pf, void *arg)
{
	(void)arg;

	drop();

	return re_hprintf(pf, "dropped\n");
}


static const struct cmd cmdv[] = {
	{"invhdr",    0, CMD_PRM, "A header for the next INVITE", cmd_header},
	{"invcancel", 0, CMD_PRM, "Give the INVITE up",           cmd_cancel},
	{"invend",    0, 0,       "Hang up its call",             cmd_end   },
	{"invdrop",   0, 0,       "Let go of the context",        cmd_drop  },
};


static int module_init(void)
{
	int err;

	err  = refer_handler_register(&handler, "inviter", false,
				      request_handler, NULL);
	err |= cmd_register(baresip_commands(), cmdv,
			    sizeof(cmdv) / sizeof(cmdv[0]));

	return err;
}


static int module_close(void)
{
	handler = mem_deref(handler);
	drop();
	cmd_unregister(baresip_commands(), cmdv);

	return 0;
}


__attribute__((visibility("default")))
const struct mod_export exports = {
	"inviter",
	"application",
	module_init,
	module_close
};
