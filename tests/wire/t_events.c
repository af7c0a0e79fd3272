/**
 * @file t_events.c  The events as ctrl_tcp and mqtt pass them on
 */
#include <string.h>
#include "wire.h"
#include "harness.h"
#include "scene.h"
#include "channel.h"


#define PEER " peer=sip:alice@127.0.0.1"


/* As docs/events.md shows it of 1.0 */
static const char *json(const char *param)
{
	return F("\"type\":\"%s\",\"class\":\"other\","
		 "\"accountaor\":\"sip:bob@127.0.0.2\","
		 "\"direction\":\"incoming\","
		 "\"peeruri\":\"sip:alice@127.0.0.1\","
		 "\"id\":\"%s\","
		 "\"param\":\"refer,%s target=sip:carol@127.0.0.3\"}",
		 host_module_event(), t.call->callid,
		 replaced(param, "$call", t.call->callid));
}


static struct odict *object(const char *text)
{
	struct odict *od;

	CHECK(!json_decode_odict(&od, 32, text, strlen(text), 2),
	      "no JSON but: %s", text);

	return od;
}


/* Later releases tell more of the call, and have another class */
static void has_members(const char *text, const char *members)
{
	struct odict *all = object(text), *some = object(members);
	struct le *le;

	LIST_FOREACH(&some->lst, le) {
		const struct odict_entry *e = le->data;

		if (strcmp(e->key, "class"))
			EQ_STR(e->u.str, odict_string(all, e->key));
	}

	mem_deref(all);
	mem_deref(some);
}


/* The next event is this one, for each who listens */
static void passed_on(struct proc *client, const char *param)
{
	const struct event *ev = event(t.bob, "? ~ refer,", WAIT);
	const char *line;

	if (host_events_tell_more())
		has_members(ev->raw, F("{%s", json(param)));
	else
		EQ_STR(F("{\"event\":true,%s", json(param)), ev->raw);

	line = F("/bob/event {%s\n", ev->raw + strlen("{\"event\":true,"));
	CHECK(proc_log_wait(client, line, WAIT), "not by mqtt: %s", line);
}


TEST(events_passed_on, "ctrl_tcp and mqtt pass an event on, to the byte")
{
	struct proc *client = mqtt_start();

	scene(.config = "refer_policy ask\n" CONFIG_MQTT);
	(void)mqtt(t.bob, "referlist", NULL, "first");
	(void)refer_carol("");
	passed_on(client, "referRequested,id=1 role=server call=$call" PEER);
	(void)ctrl(t.bob, "referreject", "1 486 \"Busy Here\"");
	passed_on(client, "rejected,id=1 role=server code=486 call=$call"
		  PEER " reason=Busy Here");
	passed_on(client, "failed,id=1 role=server code=486 call=$call"
		  PEER " reason=Busy Here");
	passed_on(client, "referRequestRejected,id=1 role=server code=486"
		  " call=$call" PEER " reason=Busy Here");
	passed_on(client, "referEnded,id=1 role=server code=486 call=$call"
		  PEER " reason=Busy Here");
	ROW("transfer.passed-on command.mqtt");
}


TEST(events_fit, "The text of an event has 255 bytes at the most, and says so")
{
	const struct event *ev;
	const char *reason = "Nein";
	int i;

	for (i=0; i<150; i++)
		reason = F("%s\xc3\xa4", reason);

	scene();
	(void)refer_carol("");
	peer_reply(t.carol, expect(t.carol, "INVITE", WAIT), 486, reason,
		   NULL);

	ev = event(t.bob, "? ~ refer,referRejected,id=1", WAIT);
	EQ_STR(F("refer,referRejected,id=1 role=server code=486 call=%s"
		 PEER " cut=target,reason", t.call->callid), ev->param);
	ROW("transfer.event-size");
}


/* The names of the next events of a transfer, up to its last one */
static const char *names(unsigned id)
{
	const char *all = "", *name = "";

	while (strcmp(name, "referEnded")) {
		const struct event *ev;

		ev   = event(t.bob, F("? ~ refer, ~ ,id=%u role=", id), WAIT);
		name = ev->param + strlen("refer,");
		name = keep(name, strcspn(name, ","));
		all  = F("%s%s%s", all, *all ? " " : "", name);
	}

	return all;
}


#define NO "rejected failed referRequestRejected referEnded"
#define YES "accepted referRequestAccepted "


/* alice refers; what is decided, if anything */
static void ask(const char *cmd, const char *prm)
{
	(void)refer_carol("");
	event(t.bob, "? ~ refer,referRequested", WAIT);
	if (cmd)
		CHECK(ctrl(t.bob, cmd, prm).ok, "%s", cmd);
}


TEST(events_decided, "The events in order, for each decision on a REFER",
     .secs = 4)
{
	scene(.config = "refer_policy ask\n");
	ask("referreject", "1 486");
	EQ_STR(NO, names(1));
	ask("referredirect", "2 sip:dave@127.0.0.4");
	EQ_STR(NO, names(2));

	ask("referaccept", "3");
	peer_reply(t.carol, expect_any(t.carol, "INVITE", WAIT), 486,
		   "Busy Here", NULL);
	EQ_STR(YES "referInviteSent referRejected"
	       " referEnded", names(3));

	ask("referaccept", "4 follow=no");
	(void)ctrl(t.bob, "refernotify", "183");
	(void)seen("bob", "alice", "NOTIFY ~ SIP/2.0 183", WAIT);
	(void)ctrl(t.bob, "refernotify", "200");
	EQ_STR(YES "referProgress referAccepted referEnded",
	       names(4));

	ask("referaccept", "5 follow=no");
	(void)ctrl(t.bob, "refercancel", "5");
	EQ_STR(YES "referRejected referEnded", names(5));

	ask(NULL, NULL);
	(void)ctrl(t.bob, "uadel", "sip:bob@127.0.0.2");
	EQ_STR("referEnded", names(6));
	ROW("transfer.events");
}


TEST(events_pending, "The events in order, when the decision comes late",
     .secs = 6)
{
	scene(.config = "refer_policy ask\nrefer_decide_time 1\n"
	      "refer_ask_timeout 3\n");
	ask(NULL, NULL);
	event(t.bob, "? ~ refer,referPending,id=1", WAIT);
	(void)ctrl(t.bob, "referreject", "1");
	EQ_STR(NO, names(1));

	ask(NULL, NULL);
	EQ_STR("referPending referTimeout " NO, names(2));
	ROW("transfer.events");
}


TEST(events_unreported, "The events in order, when nobody reports", .secs = 10)
{
	scene(.config = "refer_policy ask\nrefer_ring_timeout 1\n"
	      "refer_expires 9\n");
	ask("referaccept", "1 follow=no");
	(void)ctrl(t.bob, "refernotify", "183");
	EQ_STR(YES "referProgress referTimeout referEnded", names(1));
	ROW("transfer.events");
}


TEST(events_attended, "The events in order, of an attended transfer")
{
	struct dlg *d;

	scene();
	(void)ctrl(t.bob, "atransferstart", t.carol->uri);
	(void)answer_hold(t.call);
	peer_reply(t.carol, expect_any(t.carol, "INVITE", WAIT), 486,
		   "Busy Here", NULL);
	EQ_STR("failed referEnded", names(1));
	answer_resume(t.call);

	(void)ctrl(t.bob, "atransferstart", t.carol->uri);
	(void)answer_hold(t.call);
	d = answer(t.carol, expect_any(t.carol, "INVITE", WAIT));
	event(t.bob, F("CALL_ESTABLISHED ~ %s", d->callid), WAIT);
	(void)ctrl(t.bob, "atransferexec", NULL);
	peer_reply(t.alice, expect_any(t.alice, "REFER", WAIT), 202,
		   "Accepted", NULL);
	(void)dlg_request(t.call, "NOTIFY", "Event: refer\r\n"
			  "Subscription-State: terminated;reason=noresource"
			  "\r\nContent-Type: message/sipfrag\r\n"
			  "Content-Length: 16\r\n\r\nSIP/2.0 200 OK\r\n");
	EQ_STR("referRequestAccepted notify referAccepted referEnded",
	       names(2));
	ROW("transfer.events");
}
