/**
 * @file t_sipp.c  The straight paths with sipp on the other side
 */
#include "wire.h"
#include "scene.h"


TEST(sipp_referrer, "sipp refers bob to another sipp")
{
	struct sut *bob = sut_start("bob");
	struct proc *target, *referrer;
	const char *uri = F("sip:target@%s:5060", net_addr("carol", false));

	target   = sipp_start("carol", "target.xml", "-m", "1");
	referrer = sipp_start("alice", "referrer.xml", "-m", "1",
			      "-s", "bob", "-key", "target", uri,
			      F("%s:5060", net_addr("bob", false)));
	sipp_wait(referrer, WAIT);
	event(bob, "? ~ refer,referEnded ~ code=200", WAIT);
	(void)ctrl(bob, "hangup", NULL);
	sipp_wait(target, WAIT);
	ROW("peer.sipp");
}


TEST(sipp_referee, "bob calls sipp and transfers it")
{
	struct sut *bob = sut_start("bob");
	struct proc *referee = sipp_start("alice", "referee.xml", "-m", "1");

	(void)ctrl(bob, "dial", F("sip:referee@%s",
				  net_addr("alice", false)));
	event(bob, "CALL_ESTABLISHED", WAIT);
	CHECK(ctrl(bob, "transfer", "sip:target@127.0.0.9").ok, "transfer");
	sipp_wait(referee, WAIT);
	event(bob, "? ~ refer,referEnded ~ role=client code=200", WAIT);
	ROW("peer.sipp");
}


TEST(sipp_rude, "sipp breaks the rules when it is transferred")
{
	struct sut *bob = sut_start("bob");
	struct proc *rude = sipp_start("alice", "rude.xml", "-m", "1");

	(void)ctrl(bob, "dial", F("sip:rude@%s", net_addr("alice", false)));
	event(bob, "CALL_ESTABLISHED", WAIT);
	CHECK(ctrl(bob, "transfer", "sip:target@127.0.0.9").ok, "transfer");
	event(bob, "? ~ refer,referEnded ~ role=client code=486"
	      " outcome=rejected", WAIT);
	(void)seen("alice", "bob", "200 INVITE ~ o=- 1 3 IN", WAIT);
	(void)ctrl(bob, "hangup", NULL);
	sipp_wait(rude, WAIT);
	ROW("peer.sipp");
}
