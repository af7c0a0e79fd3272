/**
 * @file t_events.c  The events as ctrl_tcp and mqtt pass them on
 */
#include <string.h>
#include "wire.h"
#include "scene.h"
#include "channel.h"


/* As docs/events.md shows it */
static const char *json(const char *param)
{
	return F("\"type\":\"?\",\"class\":\"other\","
		 "\"accountaor\":\"sip:bob@127.0.0.2\","
		 "\"direction\":\"incoming\","
		 "\"peeruri\":\"sip:alice@127.0.0.1\","
		 "\"id\":\"%s\","
		 "\"param\":\"refer,%s target=sip:carol@127.0.0.3\"}",
		 t.call->callid, replaced(param, "$call", t.call->callid));
}


/* The next event is this one, for each who listens */
static void passed_on(struct proc *client, const char *param)
{
	const struct event *ev = event(t.bob, "? ~ refer,", WAIT);
	const char *line = F("/bob/event {%s\n", json(param));

	EQ_STR(F("{\"event\":true,%s", json(param)), ev->raw);
	CHECK(proc_log_wait(client, line, WAIT), "not by mqtt: %s", line);
}


TEST(events_passed_on, "ctrl_tcp and mqtt pass an event on, to the byte")
{
	struct proc *client = mqtt_start();

	scene(.config = "refer_policy ask\n" CONFIG_MQTT);
	(void)mqtt(t.bob, "referlist", NULL, "first");
	(void)refer_carol("");
	passed_on(client, "referRequested,id=1 role=server call=$call");
	(void)ctrl(t.bob, "referreject", "1 486 \"Busy Here\"");
	passed_on(client, "rejected,id=1 role=server code=486 call=$call"
		  " reason=Busy Here");
	passed_on(client, "failed,id=1 role=server code=486 call=$call"
		  " reason=Busy Here");
	passed_on(client, "referRequestRejected,id=1 role=server code=486"
		  " call=$call reason=Busy Here");
	passed_on(client, "referEnded,id=1 role=server code=486 call=$call"
		  " reason=Busy Here");
	ROW("C1.passed-on C5.mqtt");
}


TEST(events_fit, "The text of an event is UTF-8, of 255 bytes at the most")
{
	const struct event *ev;
	const char *reason = "Nein", *head;
	int n, i;

	for (i=0; i<150; i++)
		reason = F("%s\xc3\xa4", reason);

	scene();
	(void)refer_carol("");
	peer_reply(t.carol, expect(t.carol, "INVITE", WAIT), 486, reason,
		   NULL);

	ev   = event(t.bob, "? ~ refer,referRejected,id=1", WAIT);
	head = F("refer,referRejected,id=1 role=server code=486 call=%s"
		 " reason=Nein", t.call->callid);
	n = (255 - (int)strlen(head)) / 2 * 2;
	EQ_STR(F("%s%.*s", head, n, reason + strlen("Nein")), ev->param);
	ROW("C1.event-size");
}
