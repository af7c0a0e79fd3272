/**
 * @file t_asterisk.c  SIPp scenarios with REFER of Asterisk's test suite, with
 * baresip in Asterisk's place
 *
 * ASTERISK_TESTSUITE is its directory. sipp plays the transferor, as alice,
 * unmodified. There the target is an extension of Asterisk; here bob's user
 * names it (/referaccept target=). docs/torture.md has the scenarios that need
 * a B2BUA, too.
 */
#include <string.h>
#include <unistd.h>
#include "wire.h"
#include "scene.h"
#include "foreign.h"


enum {
	SCENARIO_WAIT = 30000,
};

/** A scenario */
struct scenario {
	const char *xml;      /**< File, without that of the suite           */
	const char *user;     /**< Whom it calls, NULL if bob calls it       */
	bool rejected;        /**< bob's policy is to say no                 */
	bool unaided;         /**< The target stays as it is in the scenario */
	uint16_t progress;    /**< The target sends that, and the scenario
				   ends before it has answered               */
	bool no_answer;       /**< It answers no NOTIFY: nothing is awaited  */
};

#define XFER "channels/pjsip/transfers/blind_transfer"


static struct proc *transferor(const struct scenario *sc, const char *dir)
{
	const char *path = F("%s/tests/%s", dir, sc->xml);
	const char *addr = F("%s:5060", net_addr("bob", false));

	/* what it plays as sound */
	if (symlink(F("%s/lib", dir), F("%s/lib", test_dir())))
		SETUP("no link to the sound");

	/* bob dials alice: her scenarios name him so */
	return sipp_start("alice", path, "-m", "1", "-s",
			  sc->user ? sc->user : "alice",
			  "-key", "custom_media_port", "6000", addr);
}


static struct msg *accept_refer(const struct scenario *sc)
{
	const char *params = sc->unaided ? "1" :
		F("1 target=%s", t.carol->uri);

	event(t.bob, "? ~ refer,referRequested", SCENARIO_WAIT);
	CHECK(ctrl_at(HERE, t.bob, "referaccept", params).ok, "referaccept");

	return sc->unaided ? NULL : expect(t.carol, "INVITE", WAIT);
}


/* Extensions of Asterisk are accounts of bob's. Under valgrind, and load, he
   takes longer than sipp waits before it sends a REFER again, and its
   scenarios do not expect the second response to that */
static void begin(const struct scenario *sc)
{
	t.bob = sut_start("bob", .memcheck = MEMCHECK_ASAN,
			  .config = sc->rejected ?
			  "refer_policy reject\n" : "refer_policy ask\n");
	t.carol = peer_new("carol");

	if (sc->user && strcmp(sc->user, "bob"))
		(void)ctrl(t.bob, "uanew", F("<sip:%s@%s>;regint=0;"
					     "answermode=auto", sc->user,
					     net_addr("bob", false)));
}


static void play(const struct scenario *sc)
{
	const char *dir = foreign("ASTERISK_TESTSUITE");
	struct msg *inv = NULL;
	struct proc *sipp;

	begin(sc);
	sipp = transferor(sc, dir);
	if (!sc->user)
		(void)ctrl(t.bob, "dial", F("sip:alice@%s",
					    net_addr("alice", false)));
	event(t.bob, "CALL_ESTABLISHED", WAIT);

	if (!sc->rejected)
		inv = accept_refer(sc);

	if (sc->progress)
		(void)peer_reply(t.carol, inv, sc->progress,
				 "Session Progress", NULL);
	else if (inv)
		(void)answer(t.carol, inv);

	sipp_wait(sipp, SCENARIO_WAIT);

	if (sc->progress)
		(void)answer(t.carol, inv);

	if (!sc->rejected && !sc->no_answer)
		event(t.bob, "? ~ refer,referEnded ~ role=server code=200",
		      WAIT);
}


#define SCENARIO(id, file, ...)						\
	TEST(id, file, .secs = 12)				\
	{								\
		play(&(const struct scenario){.xml = file,		\
					      ##__VA_ARGS__});		\
	}

SCENARIO(asterisk_callee_refer_only, XFER "/callee_refer_only/sipp/bob.xml")
SCENARIO(asterisk_callee_with_hold, XFER "/callee_with_hold/sipp/bob.xml")
SCENARIO(asterisk_caller_refer_only, XFER "/caller_refer_only/sipp/alice.xml",
	 .user = "bob")
SCENARIO(asterisk_caller_refer_only_two,
	 XFER "/caller_refer_only/sipp/alice_two.xml",
	 .user = "bob_two")
SCENARIO(asterisk_caller_with_hold, XFER "/caller_with_hold/sipp/alice.xml",
	 .user = "bob")
SCENARIO(asterisk_caller_with_hold_481,
	 XFER "/caller_with_hold_481/sipp/alice.xml",
	 .user = "bob", .progress = 183)
SCENARIO(asterisk_disallow, XFER "/disallow/sipp/bob.xml", .rejected = true)
SCENARIO(asterisk_no_target, XFER "/no_target_in_refer/sipp/transferer.xml",
	 .unaided = true, .no_answer = true)
SCENARIO(asterisk_send_to_vm, "channels/pjsip/refer_send_to_vm/sipp/refer.xml")
SCENARIO(asterisk_send_to_vm_unquoted,
	 "channels/pjsip/refer_send_to_vm/sipp/refer_unquoted_send_to_vm.xml")
