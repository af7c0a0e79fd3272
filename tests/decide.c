/**
 * @file decide.c  An application that decides on REFERs without a person
 *
 * A module for the benchmark, loaded after refer.so. What it does with a REFER
 * stands in the target: with ";report" it is accepted, not executed, and
 * reported as done; with ";wait" it waits; with ";refuse" it is refused;
 * otherwise it is accepted. /trim gives memory that is free back to the system
 * and tells the bytes that are in use.
 */
#include <malloc.h>
#include <string.h>
#include <re.h>
#include <refer/baresip.h>
#include <refer/refer.h>


extern const struct mod_export exports;

static struct refer_handler *handler;


static bool has_param(struct refer_server *srv, const char *param)
{
	const char *uri = referral_refer_to(refer_server_referral(srv));

	return strstr(uri, param) != NULL;
}


static bool request_handler(struct refer_server *srv, void *arg)
{
	struct refer_opts opts = {0};
	(void)arg;

	if (has_param(srv, ";wait"))
		return true;

	if (has_param(srv, ";refuse")) {
		(void)refer_server_reject(srv, NULL);
		return true;
	}

	opts.nofollow = has_param(srv, ";report");

	if (!refer_server_accept(srv, &opts) && opts.nofollow)
		(void)refer_server_notify(srv, 200, NULL);

	return true;
}


static int trim_handler(struct re_printf *pf, void *arg)
{
	(void)arg;
	(void)malloc_trim(0);

	return re_hprintf(pf, "%zu", mallinfo2().uordblks);
}


static const struct cmd cmdv[] = {
	{"trim", 0, 0, "Give free memory back", trim_handler},
};


static int module_init(void)
{
	int err;

	err  = refer_handler_register(&handler, "decide", false,
				      request_handler, NULL);
	err |= cmd_register(baresip_commands(), cmdv, ARRAY_SIZE(cmdv));

	return err;
}


static int module_close(void)
{
	handler = mem_deref(handler);
	cmd_unregister(baresip_commands(), cmdv);

	return 0;
}


__attribute__((visibility("default")))
const struct mod_export exports = {
	"decide",
	"application",
	module_init,
	module_close
};
