/**
 * @file t_steps.c  Peers that fall silent, at each step of a transfer
 *
 * bob's time goes faster. Each row ends with one outcome, and nothing is left.
 */
#include <string.h>
#include "torture.h"

#define ACTIVE "active;expires=5"
#define OVER "terminated;reason=noresource"

static struct peer *alice, *carol;
static struct dlg *call;
static struct msg *req;       /* bob's REFER */

struct row {
	const char *name;
	void (*play)(void);
	const char *end;      /* what referEnded has, with a ~ before each */
};


static void ok_notify(void)
{
	peer_reply(alice, expect_any(alice, "NOTIFY", WAIT), 200, "OK", NULL);
}


/* alice refers bob to carol */
static struct msg *refer_sent(void)
{
	(void)dlg_request(call, "REFER", F("Refer-To: <%s>\r\n", carol->uri));
	expect_any(alice, "202 REFER", WAIT);

	return expect_any(carol, "INVITE", WAIT);
}


static struct msg *referred(void)
{
	struct msg *inv = refer_sent();

	ok_notify();

	return inv;
}


static void ring(uint16_t code)
{
	struct msg *inv = referred();

	peer_reply(carol, inv, code, "Progress", code == 183 ? sdp(carol)
		   : NULL);
}


static void server_invite(void)   { (void)referred();           }
static void server_100(void)      { ring(100);                  }
static void server_180(void)      { ring(180);                  }
static void server_183(void)      { ring(183);                  }
static void server_notify(void)   { answer(carol, refer_sent()); }
static void server_last(void)     { answer(carol, referred());  }


static void server_refused(void)
{
	peer_reply(carol, referred(), 486, "Busy Here", NULL);
}


static void server_cancel(void)
{
	ring(180);
	event(tt.bob, "? ~ refer,referProgress", WAIT);
	(void)ctrl(tt.bob, "refercancel", NULL);
}


static void server_bye(void)
{
	(void)referred();
	++call->lseq;
	(void)dlg_request(call, "BYE", NULL);
}


static void hold(bool taken)
{
	struct resp r = ctrl(tt.bob, "transfer", carol->uri);
	struct msg *inv;

	CHECK(r.ok, "%s", r.data);
	inv = expect_any(alice, "INVITE ~ a=sendonly", WAIT);
	if (!taken)
		return;

	peer_reply(alice, inv, 200, "OK", sdp_dir(alice, "recvonly"));
	req = expect_any(alice, "REFER", WAIT);
}


static void reply(uint16_t code)
{
	hold(true);
	peer_reply(alice, req, code, "As Told", NULL);
}


static void notify(const char *state, const char *frag)
{
	(void)dlg_request(call, "NOTIFY",
			  F("Event: refer;id=%u\r\nSubscription-State: %s\r\n"
			    "Content-Type: message/sipfrag\r\n\r\n%s\r\n",
			    req->sip->cseq.num, state, frag));
	expect_any(alice, "200 NOTIFY", WAIT);
}


static void reported(const char *state, const char *frag)
{
	reply(202);
	notify(state, frag);
}


static void client_hold(void)     { hold(false);                }
static void client_refer(void)    { hold(true);                 }
static void client_100(void)      { reply(100);                 }
static void client_202(void)      { reply(202);                 }
static void client_refused(void)  { reply(503);                 }
static void client_401(void)      { reply(401);                 }
static void client_active(void)   { reported(ACTIVE, "SIP/2.0 100 Trying"); }
static void client_pending(void)  { reported("pending;expires=60",
					     "SIP/2.0 100 Trying"); }
static void client_ringing(void)  { reported("active;expires=60",
					     "SIP/2.0 180 Ringing"); }
static void client_success(void)  { reported(OVER, "SIP/2.0 200 OK");    }
static void client_busy(void)     { reported(OVER, "SIP/2.0 486 Busy");  }
static void client_nothing(void)  { reported(OVER, "SIP/2.0 100 Trying"); }


static void client_refreshed(void)
{
	client_active();
	peer_reply(alice, expect_any(alice, "SUBSCRIBE", WAIT), 200, "OK",
		   "Expires: 600\r\n");
}


static void client_early(void)
{
	hold(true);
	notify("active;expires=60", "SIP/2.0 100 Trying");
}


static void client_bye(void)
{
	reply(202);
	++call->lseq;
	(void)dlg_request(call, "BYE", NULL);
}


static void client_cancel(void)
{
	reply(202);
	event(tt.bob, "? ~ refer,referRequestAccepted ~ role=client", WAIT);
	(void)ctrl(tt.bob, "refercancel", NULL);
}


static void client_outside(void)
{
	struct resp r = ctrl(tt.bob, "refersend", F("%s %s", carol->uri,
						    alice->uri));

	CHECK(r.ok, "%s", r.data);
}


static void target_ack(void)
{
	struct dlg *d = dlg_new(carol, tt.bob->uri);

	(void)dlg_request(d, "INVITE",
			  F("Replaces: %s;to-tag=%s;from-tag=%s\r\n%s",
			    call->callid, call->rtag, call->ltag,
			    sdp(carol)));
	expect_any(carol, "200 INVITE", WAIT);
}


static const struct row rowv[] = {
	{"INVITE to the target",        server_invite,  "code=408"         },
	{"target: 100",                 server_100,     "code=408"         },
	{"target: 180",                 server_180,     "code=408"         },
	{"target: 183",                 server_183,     "code=408"         },
	{"target: 486, no NOTIFY 200",  server_refused, "code=486"         },
	{"first NOTIFY",                server_notify,  "code=200"         },
	{"last NOTIFY, BYE",            server_last,    "code=200"         },
	{"CANCEL to the target",        server_cancel,  "code=487"         },
	{"after the referrer's BYE",    server_bye,     "code=408"         },
	{"hold",                        client_hold,    "role=client"      },
	{"REFER",                       client_refer,   "outcome=failed"   },
	{"REFER: 100",                  client_100,     "outcome=failed"   },
	{"REFER: 202",                  client_202,     "outcome=timeout"  },
	{"REFER: 503, resume",          client_refused, "outcome=refused"  },
	{"REFER: 401, resume",          client_401,     "outcome=refused"  },
	{"NOTIFY 100, SUBSCRIBE",       client_active,  "outcome=timeout"  },
	{"SUBSCRIBE: 200, no NOTIFY",   client_refreshed, "outcome=timeout"},
	{"NOTIFY pending",              client_pending, "outcome=timeout"  },
	{"NOTIFY 180",                  client_ringing, "outcome=timeout"  },
	{"NOTIFY 200, BYE",             client_success, "outcome=accepted" },
	{"NOTIFY 486, resume",          client_busy,    "outcome=rejected" },
	{"NOTIFY terminated, resume",   client_nothing, "outcome=failed"   },
	{"NOTIFY before the 202",       client_early,   "role=client"      },
	{"REFER: 202, BYE",             client_bye,     "outcome=timeout"  },
	{"SUBSCRIBE after /refercancel", client_cancel,
	 "outcome=cancelled"},
	{"REFER out of a dialog",       client_outside, "outcome=failed"   },
	{"ACK of INVITE with Replaces", target_ack,     "role=target"      },
};


/* Whoever is silent does not answer the BYE either */
static void clear(void)
{
	const uint64_t end = now_ms() + 4 * WAIT;

	while (has_calls(ctrl(tt.bob, "listcalls", NULL).data)) {
		CHECK(now_ms() < end, "a call is left");
		(void)ctrl(tt.bob, "hangup", NULL);
		wait_ms(100);
	}

	while (strcmp(ctrl(tt.bob, "referlist", NULL).data,
		      "refer: no transfers\n")) {
		CHECK(now_ms() < end, "a transfer is left");
		wait_ms(100);
	}

	peer_flush(alice);
	peer_flush(carol);
}


static void run(size_t from, size_t to)
{
	size_t i;

	tt.bob = fast_start("call_max_calls 20\n"
			    "refer_ring_timeout 20\nrefer_expires 60\n"
			    "refer_old_call_timeout 5\nrefer_rate 0\n"
			    "refer_max_calls 0\nrefer_notify_timeout 20\n");
	alice = peer_new("alice");
	carol = peer_new("carol");

	for (i=from; i<to; i++) {
		ladder_note("bob", F("== %s", rowv[i].name));
		call = call_in(alice, tt.bob);
		rowv[i].play();
		event(tt.bob, F("? ~ refer,referEnded,id=%zu  ~ %s",
				i - from + 1, rowv[i].end), 3 * WAIT);
		clear();
		EQ_INT(1, event_count(tt.bob, F("? ~ refer,referEnded,id=%zu ",
						i - from + 1)));
	}

	final_check();
}


TEST(steps_server, "The peers fall silent: as a referee, at 9 steps",
     .secs = 40, .limit = 300)
{
	run(0, 9);
}


TEST(steps_client, "The peers fall silent: as a referrer, at 18 steps",
     .secs = 60, .limit = 400)
{
	run(9, ARRAY_SIZE(rowv));
}
