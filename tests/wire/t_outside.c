/**
 * @file t_outside.c  REFER out of a dialog: RFC 3515, RFC 4538, RFC 7647
 */
#include <string.h>
#include "wire.h"
#include "scene.h"


/* bob and alice, no call between them */
static struct dlg *outside(const char *config)
{
	t.bob   = sut_start("bob", .config = config);
	t.alice = peer_new("alice");
	t.carol = peer_new("carol");

	return dlg_new(t.alice, t.bob->uri);
}


static struct msg *refer_outside(struct dlg *d, const char *more)
{
	return dlg_request(d, "REFER", F("Refer-To: <%s>\r\n%s",
					 t.carol->uri, more));
}


TEST(outside_default, "REFER out of a dialog is refused by default, the same"
     " for each copy")
{
	struct msg *req, *m;

	req = refer_outside(outside(""), "");
	m = expect(t.alice, "603 REFER", WAIT);
	(void)peer_resend(t.alice, req);
	expect_again(t.alice, m, WAIT);
	CHECK(hdr_param(m, "To", "tag"), "a To-tag");
	EQ_STR("refer: no transfers\n", ctrl(t.bob, "referlist", NULL).data);
	expect_none(t.carol, "*", 0);
	ROW("sipjs.64 transfer.stateless refer.out-of-dialog");
}


TEST(outside_accept, "REFER out of a dialog makes a dialog for its NOTIFYs")
{
	struct dlg *d = outside("refer_out_of_dialog accept\n");
	struct msg *req, *m, *n;

	peer_auto(t.alice, "NOTIFY");
	req = refer_outside(d, "");
	m = expect(t.alice, "202 REFER", WAIT);
	EQ_INT(1, hdr_count(m, "Contact"));
	dlg_confirm(d, m);

	n = expect(t.alice, "NOTIFY", WAIT);
	check_notify(n, req, "active;expires=", "SIP/2.0 100 Trying");
	EQ_STR(d->rtag, hdr_param(n, "From", "tag"));
	EQ_STR(d->ltag, hdr_param(n, "To", "tag"));
	EQ_STR(d->callid, hdr(n, "Call-ID"));

	(void)answer(t.carol, expect(t.carol, "INVITE", WAIT));
	n = expect(t.alice, "NOTIFY", WAIT);
	check_notify(n, req, "terminated;reason=noresource",
		     "SIP/2.0 200 OK");
	ROW("sipjs.64 R59 refer.out-of-dialog");
}


TEST(outside_second, "Another REFER in the dialog of one has a subscription of"
     " its own")
{
	struct dlg *d = outside("refer_out_of_dialog accept\n");
	struct msg *first, *second, *inv;

	peer_auto(t.alice, "NOTIFY");
	first = refer_outside(d, "");
	dlg_confirm(d, expect(t.alice, "202 REFER", WAIT));
	inv = expect(t.carol, "INVITE", WAIT);

	/* 481 would end it */
	(void)dlg_request(d, "SUBSCRIBE", "Event: presence\r\n");
	expect_any(t.alice, "489 SUBSCRIBE", WAIT);
	ROW("refer.489");

	second = dlg_request(d, "REFER", "Refer-To: <sip:dave@127.0.0.3>\r\n");
	expect_any(t.alice, "202 REFER", WAIT);
	(void)answer(t.carol, expect(t.carol, "INVITE ~ sip:dave@", WAIT));
	check_notify(expect_any(t.alice, "NOTIFY ~ SIP/2.0 200", WAIT), second,
		     "terminated;reason=noresource", "SIP/2.0 200 OK");

	(void)dlg_request_cseq(d, "REFER", first->sip->cseq.num - 1,
			       "Refer-To: <sip:erin@127.0.0.3>\r\n");
	expect_any(t.alice, "500 REFER", WAIT);

	peer_reply(t.carol, inv, 486, "Busy Here", NULL);
	expect(t.carol, "ACK", WAIT);
	check_notify(expect_any(t.alice, "NOTIFY ~ SIP/2.0 486", WAIT), first,
		     "terminated;reason=noresource",
		     "SIP/2.0 486 Busy Here");

	/* and the dialog ended with the last one */
	(void)refer_outside(d, "");
	expect_any(t.alice, "481 REFER", WAIT);
	(void)dlg_request(d, "SUBSCRIBE", "Event: presence\r\n");
	expect_any(t.alice, "481 SUBSCRIBE", WAIT);
	ROW("refer.out-of-dialog");
}


TEST(outside_retransmitted, "A copy of an accepted one gets the same answer")
{
	struct dlg *d = outside("refer_out_of_dialog accept\n");
	struct msg *req, *m;

	peer_auto(t.alice, "NOTIFY");
	req = refer_outside(d, "");
	m = expect(t.alice, "202 REFER", WAIT);
	(void)peer_resend(t.alice, req);
	expect_again(t.alice, m, WAIT);
	(void)answer(t.carol, expect(t.carol, "INVITE", WAIT));
	expect_any(t.alice, "NOTIFY ~ SIP/2.0 200", WAIT);
	expect_none(t.carol, "INVITE", 0);
	ROW("transfer.retransmission");
}


TEST(outside_merged, "The same REFER over another way gets 482")
{
	struct dlg *d = outside("refer_out_of_dialog accept\n");
	struct msg *req, *m;
	const char *tag;

	peer_auto(t.alice, "NOTIFY");
	req = refer_outside(d, "");
	m = expect(t.carol, "INVITE", WAIT);
	(void)dlg_request_cseq(d, "REFER", req->sip->cseq.num,
			       F("Refer-To: <%s>\r\n", t.carol->uri));
	expect_any(t.alice, "482 REFER", WAIT);

	/* libre itself does not see it with another Request-URI */
	d->target = "sip:x@127.0.0.2";
	(void)dlg_request_cseq(d, "REFER", req->sip->cseq.num,
			       F("Refer-To: <%s>\r\n", t.carol->uri));
	tag = hdr_param(expect_any(t.alice, "482 REFER", WAIT), "To", "tag");
	(void)dlg_request_cseq(d, "REFER", req->sip->cseq.num,
			       F("Refer-To: <%s>\r\n", t.carol->uri));
	EQ_STR(tag, hdr_param(expect_any(t.alice, "482 REFER", WAIT), "To",
			      "tag"));
	(void)answer(t.carol, m);
	expect_any(t.alice, "NOTIFY ~ SIP/2.0 200", WAIT);
	expect_none(t.carol, "INVITE", 0);
	ROW("sipjs.10 refer.merged");
}


TEST(outside_unknown, "REFER to a user that is not here: 404")
{
	struct dlg *d = outside("refer_out_of_dialog accept\n");

	d->target = "sip:nobody@127.0.0.2";
	(void)refer_outside(d, "");
	expect(t.alice, "404 REFER", WAIT);
	ROW("sipjs.11");
}


TEST(target_dialog, "Target-Dialog counts as in the dialog, a wrong one not")
{
	struct dlg *d;
	const char *val;

	scene();
	peer_auto(t.alice, "NOTIFY");
	val = F("Target-Dialog: %s;local-tag=%s;remote-tag=%s\r\n"
		"Require: tdialog\r\n", t.call->callid, t.call->ltag,
		t.call->rtag);

	d = dlg_new(t.alice, t.bob->uri);
	(void)refer_outside(d, F("Target-Dialog: %s;local-tag=%s;"
				 "remote-tag=wrong\r\n", t.call->callid,
				 t.call->ltag));
	expect(t.alice, "603 REFER", WAIT);

	d = dlg_new(t.alice, t.bob->uri);
	(void)refer_outside(d, F("Target-Dialog: %s;local-tag=%s\r\n",
				 t.call->callid, t.call->ltag));
	expect(t.alice, "603 REFER", WAIT);

	d = dlg_new(t.alice, t.bob->uri);
	(void)refer_outside(d, val);
	expect(t.alice, "202 REFER", WAIT);
	(void)answer(t.carol, expect(t.carol, "INVITE", WAIT));
	expect_any(t.alice, "NOTIFY ~ SIP/2.0 200", WAIT);
	ROW("R54 refer.target-dialog");
}


TEST(outside_bad, "Out of a dialog the same is refused as inside")
{
	struct dlg *d = outside("refer_out_of_dialog accept\n");

	(void)dlg_request(d, "REFER", NULL);
	expect(t.alice, "400 REFER", WAIT);
	(void)dlg_request(d, "REFER", "Refer-To: <tel:1>\r\n");
	expect(t.alice, "416 REFER", WAIT);
	d->contact = NULL;
	(void)refer_outside(d, "");
	expect(t.alice, "400 REFER", WAIT);
	expect_none(t.carol, "*", 0);
}


TEST(outside_account, "It is for the account that the core finds: not for one"
     " of another transport",
     .na1 = "it finds an account by the user alone")
{
	struct dlg *d = outside("");

	(void)ctrl(t.bob, "uanew", "<sip:bert@127.0.0.7;transport=tcp>"
		   ";regint=0;refer_out_of_dialog=accept");
	(void)ctrl(t.bob, "uanew", "<sip:bert@127.0.0.8>;regint=0");
	d->target = "sip:bert@127.0.0.2";
	(void)refer_outside(d, "");
	expect(t.alice, "603 REFER", WAIT);
	expect_none(t.carol, "*", 0);
	ROW("refer.out-of-dialog");
}


TEST(outside_origin, "filter_registrar: nobody but the registrar may refer",
     .na1 = "it has no such setting")
{
	struct dlg *d = outside("filter_registrar udp\n"
				"refer_out_of_dialog accept\n");

	(void)refer_outside(d, "");
	expect(t.alice, "403 REFER", WAIT);
	expect_none(t.carol, "*", 0);
	ROW("refer.out-of-dialog");
}
