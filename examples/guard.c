/**
 * @file guard.c  An application that decides on transfers
 *
 * A module that is loaded after refer.so and linked with it. It lets calls be
 * transferred to some domains, leaves it to a person to decide on others
 * (/referaccept, /referreject), and refuses the rest:
 *
 \verbatim
  module_app              guard.so
  guard_allow             example.org     # any number of lines
  guard_ask               example.net     # any number of lines
 \endverbatim
 *
 * It follows what becomes of each transfer; /guard tells. It is required: once
 * it was loaded, no REFER is accepted without it but by a person.
 */
#include <re.h>
#include <refer/baresip.h>
#include <refer/refer.h>


extern const struct mod_export exports;

static struct refer_handler *handler;

static struct {
	unsigned allowed;
	unsigned asked;
	unsigned refused;
	unsigned reached;      /**< Transfers that the target has taken */
} count;


static int match_handler(const struct pl *val, void *arg)
{
	const struct pl *host = arg;

	return pl_casecmp(val, host) ? 0 : EALREADY;
}


/* conf_apply() ends with the first error, so this one means "found" */
static bool is_listed(const char *key, struct pl *host)
{
	return conf_apply(conf_cur(), key, match_handler, host) == EALREADY;
}


static void event_handler(const struct refer_event *ev, void *arg)
{
	(void)arg;

	info("guard: #%u %s %u %s\n", ev->id, refer_event_name(ev->type),
	     ev->scode, ev->reason ? ev->reason : "");

	if (ev->type == REFER_EV_REFER_ACCEPTED)
		++count.reached;
}


static const struct refer_delegate delegate = {.eventh = event_handler};


static void refuse(struct refer_server *srv)
{
	static const char *const hdrv[] = {
		"Warning: 399 guard \"this domain is not allowed\"",
		NULL
	};
	const struct refer_opts opts = {
		.scode  = 403,
		.reason = "Not Transferred There",
		.hdrv   = hdrv,
	};

	(void)refer_server_reject(srv, &opts);
}


/* A REFER whose target has no address was refused before it came here */
static bool request_handler(struct refer_server *srv, void *arg)
{
	struct sip_addr addr;
	(void)arg;

	refer_server_set_delegate(srv, &delegate, NULL);

	if (referral_refer_to_addr(refer_server_referral(srv), &addr))
		return false;

	if (is_listed("guard_allow", &addr.uri.host)) {
		++count.allowed;
		(void)refer_server_accept(srv, NULL);
	}
	else if (is_listed("guard_ask", &addr.uri.host)) {
		++count.asked;
		info("guard: #%u waits: /referaccept %u or /referreject %u\n",
		     refer_server_id(srv), refer_server_id(srv),
		     refer_server_id(srv));
	}
	else {
		++count.refused;
		refuse(srv);
	}

	return true;
}


static int cmd_guard(struct re_printf *pf, void *arg)
{
	(void)arg;

	return re_hprintf(pf, "guard: %u allowed, %u asked, %u refused;"
			  " %u reached the target\n", count.allowed,
			  count.asked, count.refused, count.reached);
}


static const struct cmd cmdv[] = {
	{"guard", 0, 0, "What became of transfers", cmd_guard},
};


static int module_init(void)
{
	int err;

	err  = refer_handler_register(&handler, "guard", true,
				      request_handler, NULL);
	err |= cmd_register(baresip_commands(), cmdv,
			    sizeof(cmdv) / sizeof(cmdv[0]));

	return err;
}


/* Transfers under way still tell us of their events: the module is linked
   with nodelete, so that its code stays */
static int module_close(void)
{
	handler = mem_deref(handler);
	cmd_unregister(baresip_commands(), cmdv);

	return 0;
}


__attribute__((visibility("default")))
const struct mod_export exports = {
	"guard",
	"application",
	module_init,
	module_close
};
