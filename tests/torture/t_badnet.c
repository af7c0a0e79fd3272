/**
 * @file t_badnet.c  A few transfers over a bad network, for make test
 */
#include "badnet.h"

enum {
	TIMER_J = 33000,      /**< libre has forgotten a request, bob's ms */
};


TEST(badnet_5, "Transfers while 5 % of all messages are lost, seed 1",
     .secs = 12, .limit = 240)
{
	badnet_run(1, 5, 1);
}


TEST(badnet_20, "Transfers while 20 % of all messages are lost, seed 2",
     .secs = 15, .limit = 240)
{
	badnet_run(2, 20, 1);
}


TEST(badnet_40, "Transfers while 40 % of all messages are lost, seed 3",
     .secs = 15, .limit = 240)
{
	badnet_run(3, 40, 1);
}


TEST(badnet_copy, "A copy of a REFER that comes after 33 s is not served",
     .secs = 8)
{
	struct peer *alice, *carol;
	struct dlg *call;
	struct msg *req;

	tt.bob = fast_start("refer_old_call_timeout 600\n");
	alice = peer_new("alice");
	carol = peer_new("carol");
	call  = call_in(alice, tt.bob);
	peer_auto(alice, "NOTIFY");
	req = dlg_request(call, "REFER", F("Refer-To: <%s>\r\n", carol->uri));
	peer_reply(carol, expect(carol, "INVITE", WAIT), 486, "Busy", NULL);
	event(tt.bob, "? ~ refer,referEnded,id=1 ", WAIT);

	wait_ms(FAST(TIMER_J));
	(void)peer_resend(alice, req);
	(void)dlg_request(call, "OPTIONS", NULL);
	expect_any(alice, "200 OPTIONS", WAIT);
	EQ_INT(0, event_count(tt.bob, "? ~ refer,accepted,id=2 "));
	expect_none(carol, "INVITE", FAST(4000));
	ROW("refer.copies");
}
