/**
 * @file mqtt.c  A broker for the mqtt module of a baresip under test, and its
 * peer: mosquitto and its clients
 */
#include <string.h>
#include "wire.h"
#include "harness.h"


#define SUBSCRIBED ": Sending SUBACK to baresip"

static struct proc *broker, *client;


/**
 * Start the broker and a client that listens, see mqtt_start()
 *
 * @param file File of the test
 * @param line Line of it
 *
 * @return The client, which listens to all
 */
struct proc *mqtt_start_at(const char *file, int line)
{
	const char *conf = F("%s/mosquitto.conf", test_dir());
	const char *ip = net_addr("proxy", false);

	/* it is to stay who it is: in a user namespace there is no other */
	spew(conf, F("listener 1883 %s\nallow_anonymous true\n"
		     "persistence false\nuser root\nlog_type all\n", ip));

	broker = proc_run_at(file, line, "mosquitto", "/usr/sbin/mosquitto",
			     "-c", conf, NULL);
	if (!proc_log_wait(broker, " running", WAIT_START))
		test_fail(true, file, line, "mosquitto does not get ready");

	client = proc_run_at(file, line, "mosquitto_sub", "mosquitto_sub",
			     "-h", ip, "-v", "-t", "/bob/event", "-t",
			     "/bob/command_resp/+", NULL);
	if (!proc_log_wait(broker, "Sending SUBACK", WAIT_START))
		test_fail(true, file, line, "mosquitto_sub is not ready");

	return client;
}


/**
 * Run a command, see mqtt()
 *
 * @param file   File of the test
 * @param line   Line of it
 * @param s      The baresip
 * @param cmd    Command, without the slash
 * @param params Parameters, or NULL
 * @param token  Token, another one each time
 *
 * @return The answer: topic, blank, JSON; without one the test ends
 */
const char *mqtt_at(const char *file, int line, struct sut *s,
		    const char *cmd, const char *params, const char *token)
{
	const char *topic = F("/bob/command_resp/%s {", token), *begin;
	struct odict *od = NULL;
	struct proc *pub;
	char *json;
	int err;

	err  = odict_alloc(&od, 8);
	err |= odict_entry_add(od, "command", ODICT_STRING, cmd);
	err |= odict_entry_add(od, "token", ODICT_STRING, token);
	if (params)
		err |= odict_entry_add(od, "params", ODICT_STRING, params);
	err |= re_sdprintf(&json, "%H", json_encode_odict, od);
	if (err)
		test_fail(true, file, line, "out of memory");

	/* the module subscribes some time after baresip is ready */
	if (!strstr(proc_log(broker), SUBSCRIBED) &&
	    !proc_log_wait(broker, SUBSCRIBED, WAIT))
		test_fail(true, file, line, "%s does not subscribe", s->name);

	ladder_note(s->name, F("mqtt: %s", json));
	pub = proc_run_at(file, line, "mosquitto_pub", "mosquitto_pub", "-h",
			  net_addr("proxy", false), "-t", "/bob/command/x",
			  "-m", json, NULL);
	mem_deref(json);
	mem_deref(od);

	if (!proc_wait(pub, WAIT) || pub->status ||
	    !proc_log_wait(client, topic, WAIT) ||
	    !proc_log_wait(client, "}\n", WAIT))
		test_fail(false, file, line, "%s: no answer to '%s' by mqtt",
			  s->name, cmd);

	begin = strstr(proc_log(client), topic);

	return first_line(begin);
}
