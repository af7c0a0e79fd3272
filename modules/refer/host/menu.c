/**
 * @file menu.c  The menu: what commands mean, and its own commands
 *
 * baresip 1.0 knows its current user agent. From 1.1 on the menu knows the
 * current call, not the core. It exports menu_callcur() for its own files;
 * that is found by way of one of its commands.
 */
#include <dlfcn.h>
#include <re.h>
#include "host/module.h"


#if HOST_MAJOR == 1 && HOST_MINOR == 0

/* Stays what it was when it is deleted */
struct ua *host_ua_current(void)
{
	struct ua *ua = uag_current();
	struct le *le;

	LIST_FOREACH(uag_list(), le) {
		if (le->data == ua)
			return ua;
	}

	return list_ledata(list_head(uag_list()));
}


struct call *host_call_current(void)
{
	return ua_call(host_ua_current());
}

#else

typedef struct call *(callcur_h)(void);


static callcur_h *menu_callcur(void)
{
	const struct cmd *cmd = cmd_find_long(baresip_commands(), "hangup");
	callcur_h *h = NULL;
	Dl_info info;
	void *dl;

	if (!cmd || !mod_find("menu.so") ||
	    !dladdr(*(void *const *)&cmd->h, &info))
		return NULL;

	dl = dlopen(info.dli_fname, RTLD_LAZY | RTLD_NOLOAD);
	if (!dl)
		return NULL;

	*(void **)&h = dlsym(dl, "menu_callcur");
	(void)dlclose(dl);

	return h;
}


/* Of all current calls one that is established, if any */
static struct call *find_current(void)
{
	struct call *found = NULL;
	struct le *le;

	LIST_FOREACH(uag_list(), le) {
		struct call *call = ua_call(le->data);

		if (!call)
			continue;

		if (call_state(call) == CALL_STATE_ESTABLISHED)
			return call;

		found = found ? found : call;
	}

	return found;
}


struct call *host_call_current(void)
{
	callcur_h *h = menu_callcur();
	struct call *call = h ? h() : NULL;

	/* the menu is not loaded, or has none that it would act on */
	return call ? call : find_current();
}


/* That of the current call, or the first one */
struct ua *host_ua_current(void)
{
	struct call *call = host_call_current();

	return call ? call_get_ua(call) : list_ledata(list_head(uag_list()));
}

#endif


bool host_menu_attends(void)
{
	return HOST_MAJOR >= 3;
}


bool host_menu_changes(enum bevent_ev ev)
{
	return ev <= BEVENT_CALL_TRANSFER_FAILED ||
		ev == BEVENT_CALL_LOCAL_SDP || ev == BEVENT_CALL_REMOTE_SDP;
}
