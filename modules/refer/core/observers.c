/**
 * @file observers.c  Applications that follow all transfers
 *
 * The list is not part of struct refer: it outlives /rmmod, so that an
 * application hears when the module comes back.
 */
#include <re.h>
#include "core/observers.h"


/** An application */
struct refer_observer {
	struct le le;
	refer_observer_h *h;
	refer_loaded_h *loadedh;
	void *arg;
};

static struct list observerl;


static void destructor(void *arg)
{
	struct refer_observer *o = arg;

	list_unlink(&o->le);
}


int refer_observe(struct refer_observer **op, refer_observer_h *h,
		  refer_loaded_h *loadedh, void *arg)
{
	struct refer_observer *o;

	if (!op || !h)
		return EINVAL;

	o = mem_zalloc(sizeof(*o), destructor);
	if (!o)
		return ENOMEM;

	o->h       = h;
	o->loadedh = loadedh;
	o->arg     = arg;
	list_append(&observerl, &o->le, o);

	*op = o;

	return 0;
}


/** Show an event to all, and the transfer as it is after it */
void observers_event(const struct refer_event *ev,
		     const struct refer_transfer *t)
{
	struct le *le = list_head(&observerl);

	/* it may remove itself */
	while (le) {
		struct refer_observer *o = le->data;

		le = le->next;
		o->h(ev, t, o->arg);
	}
}


/** Tell all that the module was loaded, or is being unloaded */
void observers_loaded(bool loaded)
{
	struct le *le = list_head(&observerl);

	while (le) {
		struct refer_observer *o = le->data;

		le = le->next;
		if (o->loadedh)
			o->loadedh(loaded, o->arg);
	}
}
