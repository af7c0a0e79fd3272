/**
 * @file receptionist.c  A bot that finds somebody for each caller
 *
 * A module that is loaded after refer.so and linked with it. Whoever calls is
 * answered (answermode=auto of the account) and hears the audio source. The
 * receptionist calls one person after the other; when one picks up, the
 * caller is transferred to them, attended. If nobody does, the caller hears
 * another audio source, and is hung up after a while:
 *
 \verbatim
  module_app              receptionist.so
  receptionist_ask        sip:anna@example.org   # in this order,
  receptionist_ask        sip:ben@example.org    # any number of lines
  receptionist_ring       15                     # for so long each [s]
  receptionist_sorry      ausine,300             # module,device
  receptionist_sorry_time 3                      # [s]
 \endverbatim
 *
 * Each caller is on their own: any number of them can be looked after at the
 * same time. The caller stays in conversation with us, not on hold, until
 * somebody has picked up; so nothing needs to be undone when nobody does.
 */
#include <re.h>
#include <refer/baresip.h>
#include <refer/refer.h>


extern const struct mod_export exports;

enum {
	RING_TIME  = 15,       /* s */
	SORRY_TIME = 3,        /* s */
};

/** Somebody who has called us */
struct caller {
	struct le le;
	struct call *call;             /**< Their call, NULL once it ended  */
	struct call *leg;              /**< Call to whom is asked, or NULL  */
	struct refer_client *client;   /**< While the two are being joined  */
	struct tmr tmr;
	unsigned asked;                /**< How many were asked             */
	bool lost;                     /**< They cannot be transferred      */
};

/** The person to ask, in a list of them */
struct pick {
	unsigned n;
	struct pl uri;
};

static struct list callerl;


static void destructor(void *arg)
{
	struct caller *c = arg;

	list_unlink(&c->le);
	tmr_cancel(&c->tmr);
	if (c->client)
		refer_client_set_handler(c->client, NULL, NULL);
	mem_deref(c->client);
}


/* A call can vanish without an event, as with /uadel */
static bool is_alive(const struct call *call)
{
	struct le *ule, *cle;

	LIST_FOREACH(uag_list(), ule) {
		LIST_FOREACH(ua_calls(ule->data), cle) {
			if (cle->data == call)
				return true;
		}
	}

	return false;
}


static void hangup(struct call *call)
{
	if (is_alive(call))
		ua_hangup(call_get_ua(call), call, 0, NULL);
}


/* What we hang up ourselves is not ours any more when its event comes */
static void drop_leg(struct caller *c)
{
	struct call *leg = c->leg;

	c->leg = NULL;
	hangup(leg);
}


static uint32_t config_time(const char *key, uint32_t dflt)
{
	(void)conf_get_u32(conf_cur(), key, &dflt);

	return dflt * 1000;
}


static void bye_handler(void *arg)
{
	struct caller *c = arg;
	struct call *call = c->call;

	mem_deref(c);
	hangup(call);
}


static void say_sorry(struct caller *c)
{
	char mod[16] = "", dev[128] = "", both[160];
	struct pl m, d;

	info("receptionist: nobody for %s\n", call_peeruri(c->call));

	if (!conf_get_str(conf_cur(), "receptionist_sorry", both,
			  sizeof(both)) &&
	    !re_regex(both, str_len(both), "[^,]+,[~]*", &m, &d)) {
		(void)pl_strcpy(&m, mod, sizeof(mod));
		(void)pl_strcpy(&d, dev, sizeof(dev));
		(void)audio_set_source(call_audio(c->call), mod, dev);
	}

	tmr_start(&c->tmr, config_time("receptionist_sorry_time", SORRY_TIME),
		  bye_handler, c);
}


static int pick_handler(const struct pl *val, void *arg)
{
	struct pick *pick = arg;

	pick->uri = *val;

	return pick->n-- ? 0 : EALREADY;
}


static int ask(struct caller *c, const struct pl *uri)
{
	char *target;
	int err;

	err = pl_strdup(&target, uri);
	if (err)
		return err;

	info("receptionist: asking %s for %s\n", target,
	     call_peeruri(c->call));
	err = ua_connect(call_get_ua(c->call), &c->leg, NULL, target,
			 VIDMODE_OFF);
	if (err)
		warning("receptionist: %s cannot be called: %m\n", target,
			err);
	mem_deref(target);

	return err;
}


/* From a timer, so never within the end of the call before */
static void next_handler(void *arg)
{
	struct caller *c = arg;
	struct pick pick = {.n = c->asked++};

	drop_leg(c);

	if (!is_alive(c->call))
		mem_deref(c);
	else if (c->lost ||
		 conf_apply(conf_cur(), "receptionist_ask", pick_handler,
			    &pick) != EALREADY)
		say_sorry(c);
	else
		tmr_start(&c->tmr, ask(c, &pick.uri) ? 0 :
			  config_time("receptionist_ring", RING_TIME),
			  next_handler, c);
}


static void ask_next(struct caller *c)
{
	tmr_start(&c->tmr, 0, next_handler, c);
}


/* After success both calls are ended by refer.so. Who cannot be transferred to
   one person cannot be to another either */
static void client_handler(const struct refer_event *ev, void *arg)
{
	struct caller *c = arg;

	if (ev->type != REFER_EV_REFER_ENDED)
		return;

	info("receptionist: transfer #%u %s: %u %s\n", ev->id,
	     refer_outcome_name(ev->outcome), ev->scode,
	     ev->reason ? ev->reason : "");

	refer_client_set_handler(c->client, NULL, NULL);
	c->client = mem_deref(c->client);
	c->lost   = ev->outcome == REFER_OUTCOME_REFUSED;

	if (ev->outcome == REFER_OUTCOME_ACCEPTED)
		mem_deref(c);
	else
		ask_next(c);
}


static void join(struct caller *c)
{
	int err;

	tmr_cancel(&c->tmr);

	err = refer_client_alloc_attended(&c->client, c->call, c->leg);
	if (!err) {
		refer_client_set_handler(c->client, client_handler, c);
		err = refer_client_refer(c->client, NULL);
	}
	if (!err)
		return;

	warning("receptionist: cannot join %s and %s: %m\n",
		call_peeruri(c->call), call_peeruri(c->leg), err);
	c->client = mem_deref(c->client);
	ask_next(c);
}


static struct caller *find(const struct call *call)
{
	struct le *le;

	LIST_FOREACH(&callerl, le) {
		struct caller *c = le->data;

		if (call == c->call || call == c->leg)
			return c;
	}

	return NULL;
}


static void welcome(struct call *call)
{
	struct caller *c = mem_zalloc(sizeof(*c), destructor);

	if (!c)
		return;

	info("receptionist: %s calls\n", call_peeruri(call));
	c->call = call;
	tmr_init(&c->tmr);
	list_append(&callerl, &c->le, c);
	ask_next(c);
}


/* While the two are being joined, the outcome tells how to go on */
static void closed(struct caller *c, const struct call *call)
{
	if (call == c->leg)
		c->leg = NULL;
	else
		c->call = NULL;

	if (c->client)
		return;

	if (!c->call)
		info("receptionist: %s has gone\n", call_peeruri(call));

	ask_next(c);
}


static void event_handler(enum bevent_ev ev, struct bevent *event, void *arg)
{
	struct call *call = bevent_get_call(event);
	struct caller *c = call ? find(call) : NULL;
	(void)arg;

	switch (ev) {

	case BEVENT_CALL_ESTABLISHED:
		if (c && call == c->leg)
			join(c);
		else if (!c && !call_is_outgoing(call))
			welcome(call);
		break;

	case BEVENT_CALL_CLOSED:
		if (c)
			closed(c, call);
		break;

	case BEVENT_SHUTDOWN:
		list_flush(&callerl);
		break;

	default:
		break;
	}
}


static int module_init(void)
{
	struct pick pick = {0};

	if (conf_apply(conf_cur(), "receptionist_ask", pick_handler,
		       &pick) != EALREADY) {
		warning("receptionist: there is nobody to ask, see"
			" receptionist_ask\n");
		return ENOENT;
	}

	return bevent_register(event_handler, NULL);
}


static int module_close(void)
{
	bevent_unregister(event_handler);
	list_flush(&callerl);

	return 0;
}


__attribute__((visibility("default")))
const struct mod_export exports = {
	"receptionist",
	"application",
	module_init,
	module_close
};
