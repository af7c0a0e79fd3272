/**
 * @file resume1.c  Keeps baresip 1.0 from resuming calls
 *
 * Whenever a call ends its core resumes the last call of the account that is
 * on hold, whoever put it there. Calls that must stay on hold are taken out of
 * the account's list of calls until the main loop is back.
 */
#include <re.h>
#include "host/host.h"
#include "host/module.h"

#if HOST_MAJOR == 1 && HOST_MINOR == 0


/** A call that is hidden, and its place in the list */
struct place {
	struct le le;
	struct call *call;
	struct ua *ua;
	unsigned pos;
};

/** A call that ends. It stays in the list as long as others are hidden: the
    menu takes its commands away when there is no call */
struct end {
	struct le le;
	struct call *call;
	struct ua *ua;
};

static struct list callv;      /* Those that are hidden          */
static struct list placel;     /* struct place, the latest first */
static struct list endl;       /* struct end                     */
static struct tmr tmr;


static void place_destructor(void *arg)
{
	struct place *p = arg;

	list_unlink(&p->le);
}


static void end_destructor(void *arg)
{
	struct end *e = arg;

	list_unlink(&e->le);
}


static struct le *find(const struct list *l, const struct call *call)
{
	struct le *le;

	LIST_FOREACH(l, le) {
		if (le->data == call)
			return le;
	}

	return NULL;
}


static void insert(struct list *l, struct le *le, struct call *call,
		   unsigned pos)
{
	struct le *at = l->head;

	while (at && pos--)
		at = at->next;

	if (at)
		list_insert_before(l, at, le, call);
	else
		list_append(l, le, call);
}


/* The account may be gone, or the call */
static void restore(const struct place *p)
{
	struct le *le = find(&callv, p->call);

	if (!le)
		return;

	list_unlink(le);

	if (host_ua_alive(p->ua))
		insert(ua_calls(p->ua), le, p->call, p->pos);
	else
		mem_deref(p->call);
}


static void restore_handler(void *arg)
{
	(void)arg;

	while (placel.head) {
		restore(placel.head->data);
		mem_deref(placel.head->data);
	}

	while (endl.head) {
		const struct end *e = endl.head->data;

		/* it went with its account otherwise */
		if (host_ua_alive(e->ua) && find(ua_calls(e->ua), e->call))
			mem_deref(e->call);

		mem_deref(endl.head->data);
	}
}


static void hide(struct ua *ua, struct le *le, unsigned pos)
{
	struct place *p = mem_zalloc(sizeof(*p), place_destructor);

	if (!p)
		return;

	p->call = le->data;
	p->ua   = ua;
	p->pos  = pos;
	list_prepend(&placel, &p->le, p);

	list_unlink(le);
	list_append(&callv, le, p->call);
}


static void keep_listed(struct ua *ua, struct call *call)
{
	struct end *e;

	if (!find(ua_calls(ua), call))
		return;

	e = mem_zalloc(sizeof(*e), end_destructor);
	if (!e)
		return;

	e->call = mem_ref(call);
	e->ua   = ua;
	list_append(&endl, &e->le, e);
}


void host_resume_not(struct call *call, host_keep_h *h, void *arg)
{
	struct ua *ua = call_get_ua(call);
	struct le *le = list_head(ua_calls(ua));
	bool hidden = false;
	unsigned pos = 0;

	while (le) {
		struct call *other = le->data;
		struct le *next = le->next;

		if (other != call && call_is_onhold(other) && h(other, arg)) {
			hide(ua, le, pos);
			hidden = true;
		}
		else {
			++pos;
		}

		le = next;
	}

	if (!hidden)
		return;

	keep_listed(ua, call);
	tmr_start(&tmr, 0, restore_handler, NULL);
}


void host_resume_close(void)
{
	tmr_cancel(&tmr);
	restore_handler(NULL);
}

#else


/* The others resume nobody by themselves */
void host_resume_not(struct call *call, host_keep_h *h, void *arg)
{
	(void)call;
	(void)h;
	(void)arg;
}


void host_resume_close(void)
{
}

#endif
