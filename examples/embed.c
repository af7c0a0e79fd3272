/**
 * @file embed.c  A program with baresip and this module inside
 *
 * Links libbaresip, and refer statically; no config file, console or menu.
 * Calls somebody, transfers the call to each target that it reads from stdin,
 * and prints what comes of it. Its status is that of the last transfer.
 * usage: embed ACCOUNT WHOM [CONFIG]
 */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <re.h>
#include <refer/baresip.h>
#include <refer/refer.h>


/* A module that is a file of its own has this as "exports" */
extern const struct mod_export exports_refer;

static const char config[] =
	"module_path " MODULES "\n"
	"module g711.so\nmodule ausine.so\n"
	"audio_source ausine,440\n%s\n";

static struct {
	struct mqueue *mq;
	struct call *call;           /**< NULL once it is closed  */
	struct refer_client *client; /**< Ours until release()    */
	int status;
} embed = {.status = 1};


/* Valid until here; no handler is called from here on */
static void release(void)
{
	refer_client_set_handler(embed.client, NULL, NULL);
	embed.client = mem_deref(embed.client);
}


static void client_handler(const struct refer_event *ev, void *arg)
{
	(void)arg;
	(void)re_printf("%s %u %s\n", refer_event_name(ev->type), ev->scode,
			refer_outcome_name(ev->outcome));

	if (ev->type == REFER_EV_REFER_ENDED) {
		embed.status = ev->outcome != REFER_OUTCOME_ACCEPTED;
		release();
	}
}


static void event_handler(enum bevent_ev ev, struct bevent *event, void *arg)
{
	(void)arg;

	if (ev == BEVENT_CALL_ESTABLISHED)
		embed.call = bevent_get_call(event);

	if (ev == BEVENT_CALL_CLOSED) {
		embed.call = NULL;
		ua_stop_all(false);       /* then exit_handler() */
	}
}


/* In the main thread, the only one that may use baresip and refer */
static void order_handler(int id, void *target, void *arg)
{
	int err = embed.client ? EALREADY
		: refer_client_alloc(&embed.client, embed.call, target);
	(void)id;
	(void)arg;

	if (!err) {
		refer_client_set_handler(embed.client, client_handler, NULL);
		err = refer_client_refer(embed.client, NULL);
		if (err)
			release();
	}
	if (err)
		(void)re_fprintf(stderr, "error: %s: %m\n", target, err);
	mem_deref(target);
}


/* A thread that may block, and calls nothing of them but mqueue_push() */
static void *input_thread(void *arg)
{
	char line[512], *target;
	(void)arg;

	while (fgets(line, sizeof(line), stdin)) {
		line[strcspn(line, "\n")] = '\0';
		if (!str_dup(&target, line))
			(void)mqueue_push(embed.mq, 0, target);
	}

	return NULL;
}


static void exit_handler(void *arg)
{
	(void)arg;
	re_cancel();
}


int main(int argc, char *argv[])
{
	struct mod *mod;
	struct ua *ua;
	pthread_t input;
	char conf[1024];
	int err, len;

	len = re_snprintf(conf, sizeof(conf), config, argc > 3 ? argv[3] : "");
	err = argc < 3 || len < 0 ? EINVAL : libre_init();
	err = err ? err : conf_configure_buf((const uint8_t *)conf, len);
	err = err ? err : baresip_init(conf_config());
	err = err ? err : ua_init("embed", true, true, true);
	err = err ? err : conf_modules();
	err = err ? err : mod_add(&mod, &exports_refer);
	err = err ? err : bevent_register(event_handler, NULL);
	err = err ? err : mqueue_alloc(&embed.mq, order_handler, NULL);
	err = err ? err : ua_alloc(&ua, argv[1]);
	err = err ? err : ua_connect(ua, NULL, NULL, argv[2], VIDMODE_OFF);
	err = err ? err : pthread_create(&input, NULL, input_thread, NULL);
	if (err) {
		(void)re_fprintf(stderr, "embed: %m\n", err);
		return 2;
	}

	uag_set_exit_handler(exit_handler, NULL);
	(void)re_main(NULL);
	(void)pthread_cancel(input);
	(void)pthread_join(input, NULL);
	mem_deref(embed.mq);
	bevent_unregister(event_handler);
	ua_close();
	module_app_unload();
	conf_close();
	baresip_close();
	mod_close();
	libre_close();

	return embed.status;
}
