/**
 * @file t_other_events.c  NOTIFYs of other events still reach the core
 *
 * bob subscribes at carol to something else; her NOTIFYs must get there,
 * also while he transfers alice, whose NOTIFYs are for the module.
 */
#include "wire.h"
#include "scene.h"


static struct dlg *sub;


/* bob, alice, and carol, who is there first */
static void players(const struct sut_opts *opts)
{
	t.carol = peer_new("carol");
	t.bob   = sut_start_at(HERE, opts);
	t.alice = peer_new("alice");
}


#define PLAYERS(...) \
	players(&(const struct sut_opts){.name = "bob", ##__VA_ARGS__})


/* carol takes the subscription */
static void subscribed(const char *name)
{
	struct msg *req = expect(t.carol, F("SUBSCRIBE ~ Event: %s", name),
				 WAIT);

	peer_reply(t.carol, req, 200, "OK", F("Contact: <%s>\r\n"
					      "Expires: 600\r\n",
					      t.carol->uri));
	sub = dlg_accept(t.carol, req);
}


static void tell(const char *name, const char *type, const char *text)
{
	(void)dlg_request(sub, "NOTIFY",
			  F("Event: %s\r\n"
			    "Subscription-State: active;expires=600\r\n"
			    "Content-Type: %s\r\n"
			    "\r\n%s", name, type, text));
	expect_any(t.carol, "200 NOTIFY", WAIT);
}


static void refer_notify(const struct msg *req, const char *state,
			 const char *frag)
{
	(void)dlg_request(t.call, "NOTIFY",
			  F("Event: refer;id=%u\r\n"
			    "Subscription-State: %s\r\n"
			    "Content-Type: message/sipfrag\r\n"
			    "\r\n%s\r\n", req->sip->cseq.num, state, frag));
	expect_any(t.alice, "200 NOTIFY", WAIT);
}


/* bob transfers alice, who accepts and tells that it rings */
static struct msg *begin(void)
{
	struct msg *req;

	t.call = call_in(t.alice, t.bob);
	req = transfer("sip:dave@127.0.0.4");
	peer_reply(t.alice, req, 202, "Accepted", NULL);
	refer_notify(req, "active;expires=60", "SIP/2.0 180 Ringing");

	return req;
}


/* the transfer has not suffered */
static void end(const struct msg *req)
{
	EQ_INT(1, event_count(t.bob, "? ~ refer,notify,"));
	refer_notify(req, "terminated;reason=noresource", "SIP/2.0 486 Busy");
	event(t.bob, "? ~ refer,referEnded,id=1 role=client code=486"
	      " outcome=rejected", WAIT);
	answer_resume(t.call);
	check_alive(t.call);
}


static void messages(unsigned n)
{
	tell("message-summary", "application/simple-message-summary",
	     F("Messages-Waiting: yes\r\nVoice-Message: %u/0\r\n", n));
	event(t.bob, F("MWI_NOTIFY ~ Voice-Message: %u/0", n), WAIT);
}


TEST(other_mwi, "NOTIFYs of message-summary reach mwi, in a transfer too")
{
	const struct msg *req;

	PLAYERS(.config = "module_app mwi.so\n", .account = ";mwi=yes",
		.outbound = "sip:127.0.0.3", .registers = true);

	/* not before mwi's timer at start: 4.10 never gets out of it then */
	(void)ctrl(t.bob, "referlist", NULL);
	peer_reply(t.carol, expect(t.carol, "REGISTER", WAIT), 200, "OK",
		   NULL);
	subscribed("message-summary");
	messages(1);
	req = begin();
	messages(2);
	end(req);
	messages(3);
	EQ_INT(3, event_count(t.bob, "MWI_NOTIFY"));
	ROW("transfer.other-events");
}


static void status(const char *basic)
{
	tell("presence", "application/pidf+xml",
	     F("<presence><tuple><status><basic>%s</basic></status></tuple>"
	       "</presence>", basic));
}


TEST(other_presence, "NOTIFYs of presence reach it, in a transfer too")
{
	const struct msg *req;

	PLAYERS(.config = "module_app contact.so\nmodule_app presence.so\n",
		.contacts = "<sip:carol@127.0.0.3>;presence=p2p\n");
	subscribed("presence");
	status("open");
	req = begin();
	status("closed");
	sut_log_wait(t.bob, "<sip:carol@127.0.0.3> changed status from", WAIT);
	end(req);
	status("open");
	sut_log_wait(t.bob, "<sip:carol@127.0.0.3> changed status from", WAIT);
	ROW("transfer.other-events");
}
