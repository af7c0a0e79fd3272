/**
 * @file t_history.c  Transfers that have ended, and their numbers
 */
#include <string.h>
#include "wire.h"
#include "harness.h"
#include "scene.h"


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
	EQ_STR("error: there is no transfer 1\n",
	       ctrl(t.bob, "refercancel", "1").data);
	EQ_STR("error: there is no REFER 2\n",
	       ctrl(t.bob, "referaccept", "2").data);
	ROW("C5.history");
}


TEST(history_time, "One is forgotten after refer_history_time", .secs = 4)
{
	scene(.config = "refer_history_time 2\n");
	refused(1);
	wait_ms(1000);
	ended(1, "client", "refused", 603);
	wait_ms(1500);
	EQ_STR("error: there is no transfer 1\n",
	       ctrl(t.bob, "referinfo", "1").data);
	EQ_INT(0, (int)count("ended json"));
	ROW("C5.history");
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
	ROW("C5.history");
}
