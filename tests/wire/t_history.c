/**
 * @file t_history.c  Transfers that have ended, and their numbers
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include "wire.h"
#include "harness.h"
#include "scene.h"
#include "channel.h"


static struct odict *json(const char *cmd, const char *prm)
{
	struct resp r = ctrl(t.bob, cmd, prm);
	struct odict *od;

	CHECK(!json_decode_odict(&od, 32, r.data, strlen(r.data), 8), "%s",
	      r.data);

	return od;
}


static void ended(unsigned id, const char *role, const char *outcome,
		  unsigned code)
{
	struct odict *od = json("referinfo", F("%u json", id));
	uint64_t num;

	EQ_STR("ENDED", odict_string(od, "state"));
	EQ_STR(role, odict_string(od, "role"));
	EQ_STR(outcome, odict_string(od, "outcome"));
	EQ_STR(t.call->callid, odict_string(od, "call"));
	CHECK(odict_get_number(od, &num, "code"), "code");
	EQ_INT((int)code, (int)num);
	CHECK(odict_get_number(od, &num, "ended"), "ended");
	CHECK(odict_lookup(od, "stages") != NULL, "stages");
	mem_deref(od);
}


static size_t count(const char *prm)
{
	struct odict *od = json("referlist", prm);
	size_t n = odict_count(odict_lookup(od, "transfers")->u.odict, false);

	mem_deref(od);

	return n;
}


static void refused(unsigned id)
{
	peer_reply(t.alice, transfer("carol"), 603, "Decline", NULL);
	event(t.bob, F("? ~ refer,referEnded,id=%u ", id), WAIT);
	answer_resume(t.call);
}


TEST(history_roles, "Who refers and who is referred finds the outcome by id",
     .secs = 4)
{
	struct msg *req;

	scene();
	refused(1);
	ended(1, "client", "refused", 603);

	(void)refer_carol("");
	peer_reply(t.carol, expect_any(t.carol, "INVITE", WAIT), 404,
		   "Not Found", NULL);
	event(t.bob, "? ~ refer,referEnded,id=2 ", WAIT);
	ended(2, "server", "rejected", 404);

	EQ_INT(0, (int)count("json"));
	EQ_INT(2, (int)count("ended json"));

	req = transfer("carol");
	EQ_INT(1, (int)count("json"));
	EQ_INT(2, (int)count("json ended"));
	EQ_INT(3, (int)count("all json"));
	peer_reply(t.alice, req, 603, "Decline", NULL);
	event(t.bob, "? ~ refer,referEnded,id=3 ", WAIT);
	answer_resume(t.call);
	HAS_TEXT(ctrl(t.bob, "referlist", "ended").data,
		 "   2 server ENDED ");

	/* the event has said so before: nothing can be done with it */
	EQ_STR("error: there is no transfer 1, see /referlist\n",
	       ctrl(t.bob, "refercancel", "1").data);
	EQ_STR("error: there is no REFER 2, see /referlist\n",
	       ctrl(t.bob, "referaccept", "2").data);
	ROW("command.history");
}


TEST(history_time, "One is forgotten after refer_history_time", .secs = 4)
{
	scene(.config = "refer_history_time 2\n");
	refused(1);
	wait_ms(1000);
	ended(1, "client", "refused", 603);
	wait_ms(1500);
	EQ_STR("error: there is no transfer 1, see /referlist\n",
	       ctrl(t.bob, "referinfo", "1").data);
	EQ_INT(0, (int)count("ended json"));
	ROW("command.history");
}


TEST(history_reload, "refer_history 1, then 0 by /referreload", .secs = 4)
{
	scene(.config = "refer_history 1\n");
	refused(1);
	refused(2);
	EQ_INT(1, (int)count("ended json"));
	ended(2, "client", "refused", 603);

	mend("refer_history 1", "refer_history 0");
	CHECK(ctrl(t.bob, "referreload", NULL).ok, "reload");
	EQ_INT(0, (int)count("ended json"));
	ROW("command.history");
}


/* An answer without what a channel puts around it, and before each quote */
static const char *asked(const struct channel *ch, const char *cmd,
			 const char *prm)
{
	return replaced(ch->ask(cmd, prm), "\\", "");
}


/* Over each channel: how it ended, at least so many seconds ago */
static void found(unsigned secs)
{
	static const struct channel *const chv[] = {
		&channel_console, &channel_raw, &channel_ctrl, &channel_mqtt,
	};
	const char *text;
	size_t i;
	int ago;

	for (i=0; i<ARRAY_SIZE(chv); i++) {
		text = asked(chv[i], "referinfo", "1");
		HAS_TEXT(text, "state       ENDED");
		HAS_TEXT(text, "code        603");
		HAS_TEXT(text, "outcome     refused");

		text = asked(chv[i], "referinfo", "1 json");
		HAS_TEXT(text, "{\"ok\":true,\"id\":1,\"role\":\"client\","
			 "\"state\":\"ENDED\",");
		HAS_TEXT(text, "\"code\":603,\"reason\":\"Decline\",");
		HAS_TEXT(text, "\"outcome\":\"refused\",\"ended\":");
		ago = atoi(strstr(text, "\"ended\":") + 8);
		CHECK(ago >= (int)secs && ago < (int)secs + 60, "%s: %d s",
		      chv[i]->name, ago);
	}
}


/* Its clocks are moved, so that all its timers are due as after that time */
static void jump(void)
{
	CHECK(!kill(t.bob->proc->pid, SIGUSR1), "kill");
}


TEST(history_channels, "An outcome is found by its number after 1 s and 500 s"
     " over every channel", .secs = 6)
{
	char *env[] = {"TIME_FACTOR=1", "TIME_JUMP=500", NULL};

	(void)mqtt_start();
	scene(.console = true, .env = env, .preloads = built("clock.so"),
	      .config = "statmode_default off\n" CONFIG_HTTP CONFIG_MQTT);
	refused(1);
	wait_ms(1000);
	found(1);
	jump();
	found(500);
	check_alive(t.call);
	jump();
	EQ_STR("error: there is no transfer 1, see /referlist\n",
	       ctrl(t.bob, "referinfo", "1").data);
	ROW("command.history command.channels");
}


/* A number of an object of /referstats */
static int of(const struct odict *od, const char *obj, const char *key)
{
	const struct odict_entry *e = odict_lookup(od, obj);
	uint64_t num = 0;

	CHECK(e, "%s is missing", obj);
	(void)odict_get_number(e->u.odict, &num, key);

	return (int)num;
}


static int number(const struct odict *od, const char *key)
{
	uint64_t num;

	CHECK(odict_get_number(od, &num, key), "%s is missing", key);

	return (int)num;
}


TEST(stats, "/referstats counts transfers by role and outcome", .secs = 5)
{
	struct odict *od;
	struct msg *req;

	scene(.config = "refer_deny sip:dave@*\n");
	refused(1);

	(void)refer("<sip:dave@127.0.0.4>", "");
	expect_any(t.alice, "603 REFER", WAIT);

	req = transfer("carol after=keep");
	peer_reply(t.alice, req, 202, "Accepted", NULL);
	notify_status(t.call, req, "terminated;reason=noresource",
		      "SIP/2.0 486 Busy Here");
	event(t.bob, "? ~ refer,referEnded,id=2 ", WAIT);
	answer_resume(t.call);

	(void)refer_carol("");
	(void)answer(t.carol, expect_any(t.carol, "INVITE", WAIT));
	event(t.bob, "? ~ refer,referEnded,id=3 ", WAIT);

	od = json("referstats", "json");
	EQ_INT(1, of(od, "client", "refused"));
	EQ_INT(1, of(od, "client", "rejected"));
	EQ_INT(0, of(od, "client", "accepted"));
	EQ_INT(1, of(od, "server", "accepted"));
	EQ_INT(1, of(od, "refused", "603"));
	EQ_INT(1, of(od, "client_answer", "count"));
	EQ_INT(1, of(od, "client_outcome", "count"));
	EQ_INT(1, of(od, "server_answer", "count"));
	EQ_INT(1, of(od, "server_outcome", "count"));
	EQ_INT(2, number(od, "notify_sent"));
	EQ_INT(1, number(od, "notify_received"));
	EQ_INT(0, number(od, "waiting"));
	EQ_INT(0, number(od, "timeouts"));
	mem_deref(od);
	HAS_TEXT(ctrl(t.bob, "referstats", NULL).data,
		 "client      accepted 0, rejected 1, refused 1, failed 0,"
		 " timeout 0, unknown 0, cancelled 0\n");
	EQ_STR("error: usage: /referstats [json]\n",
	       ctrl(t.bob, "referstats", "x").data);
	ROW("command.stats");
}


TEST(history_api, "A module sees the transfers, their messages and counters")
{
	scene(.app = "handlers.so", .config = "refer_policy ask\n");
	refused(1);
	(void)refer_carol("");
	event(t.bob, "? ~ refer,referRequested,id=2 ", WAIT);
	EQ_STR(F("#1 ENDED refused 603\n"
		 "  account -> peer: REFER %s SIP/2.0\n"
		 "  peer -> account: SIP/2.0 603 Decline\n"
		 "#2 WAITING  0\n"
		 "  peer -> account: REFER %s SIP/2.0\n"
		 "refused 1, waiting 1\n", t.alice->uri, t.call->target),
	       ctrl(t.bob, "applist", NULL).data);
	ROW("command.history command.stats");
}
