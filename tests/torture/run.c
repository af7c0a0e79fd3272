/**
 * @file run.c  Plays a script
 */
#include <string.h>
#include "torture.h"
#include "harness.h"


struct torture tt;

static const char *const peerv[PEERS] = {"alice", "carol", "dave", "erin"};


/* No name has an address */
static void query_handler(const struct sa *src, struct mbuf *mb, void *arg)
{
	struct udp_sock **us = arg;
	uint8_t *p = mbuf_buf(mb);

	if (mbuf_get_left(mb) < 12)
		return;

	p[2] |= 0x80;         /* a response */
	p[3]  = 0x83;         /* NXDOMAIN   */
	(void)udp_send(*us, src, mb);
}


/** Without one, baresip waits for each name, at quit too */
void name_server(void)
{
	static struct udp_sock *us;
	struct sa sa;

	(void)sa_set_str(&sa, "127.0.0.1", 53);
	if (udp_listen(&us, &sa, query_handler, &us))
		SETUP("no name server");
}


/**
 * Start a bob whose time goes faster, with a module that is instrumented
 *
 * @param config Lines to add to the config
 *
 * @return The baresip
 */
struct sut *fast_start(const char *config)
{
	const char *heap = tt.heap = F("%s/heap", test_dir());
	char *const env[] = {
		(char *)F("TIME_FACTOR=%d", FACTOR),
		(char *)F("TIME_HEAP=%s", heap),
		NULL
	};

	tt.loaded = tt.account = true;

	/* the menu of 1.0 crashes when its only account is deleted and made
	   again: there is another one to go to */
	return sut_start("bob", .memcheck = MEMCHECK_ASAN, .config = config,
			 .env = env, .preloads = built("clock.so"),
			 .account = "\n<sip:spare@127.0.0.2>;regint=0");
}


/**
 * Play a script; a failure ends the process
 *
 * @param s Script
 */
void torture_run(const struct script *s)
{
	unsigned i;

	tt.script = *s;
	name_server();
	rnd_seed(s->seed);
	tt.bob = fast_start(any_config());
	for (i=0; i<PEERS; i++)
		tt.peerv[i] = peer_new(peerv[i]);

	for (i=0; i<s->actc; i++)
		deed_do(&s->actv[i]);

	if (!i || strcmp(s->actv[i - 1].name, "settle"))
		settle();

	final_check();
	(void)printf("played %u\n", tt.sent);
}
