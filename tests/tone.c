/**
 * @file tone.c  A module that plays audio, and only says so
 *
 * As an application it goes before what it plays: its code stays (nodelete).
 */
#include <re.h>
#include "host/baresip.h"

#if HOST_MAJOR == 1
struct auplay_prm;
struct auplay_st;

typedef void (auplay_write_h)(void *sampv, size_t sampc, void *arg);
typedef int (auplay_alloc_h)(struct auplay_st **stp, const struct auplay *ap,
			     struct auplay_prm *prm, const char *device,
			     auplay_write_h *wh, void *arg);

int auplay_register(struct auplay **pp, struct list *auplayl,
		    const char *name, auplay_alloc_h *alloch);
#endif

struct auplay_st {
	const struct auplay *ap;   /**< baresip 1.x looks here */
	char device[64];
};

static struct auplay *auplay;


static void destructor(void *arg)
{
	const struct auplay_st *st = arg;

	info("tone: stops on '%s'\n", st->device);
}


static int alloc(struct auplay_st **stp, const struct auplay *ap,
		 struct auplay_prm *prm, const char *device,
		 auplay_write_h *wh, void *arg)
{
	struct auplay_st *st;
	(void)prm;
	(void)wh;
	(void)arg;

	st = mem_zalloc(sizeof(*st), destructor);
	if (!st)
		return ENOMEM;

	st->ap = ap;
	str_ncpy(st->device, device, sizeof(st->device));
	info("tone: plays on '%s'\n", st->device);
	*stp = st;

	return 0;
}


static int module_init(void)
{
	return auplay_register(&auplay, baresip_auplayl(), "tone", alloc);
}


static int module_close(void)
{
	auplay = mem_deref(auplay);

	return 0;
}


__attribute__((visibility("default")))
const struct mod_export exports = {
	"tone",
	"application",
	module_init,
	module_close
};
