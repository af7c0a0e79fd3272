/**
 * @file t_asterisk.c  SIPp scenarios with REFER of Asterisk's test suite, with
 * baresip in Asterisk's place
 *
 * ASTERISK_TESTSUITE is its directory. sipp plays the transferor, as alice,
 * unmodified. There the target is an extension of Asterisk; here bob's user
 * names it (/referaccept target=). docs/torture.md has the scenarios that need
 * a B2BUA, too.
 */
#include <stdlib.h>
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
	const char *service;  /**< Its -s                                    */
	bool calls;           /**< It calls bob, otherwise bob calls it      */
	bool rejected;        /**< bob's policy is to say no                 */
	bool unaided;         /**< The target stays as it is in the scenario */
	uint16_t code;        /**< The outcome, default 200                  */
	const char *inf;      /**< Line of its -inf, or NULL                 */
};

#define XFER "channels/pjsip/transfers/blind_transfer"
#define REST "rest_api/external_interaction/blind_transfer"


static struct proc *transferor(const struct scenario *sc, const char *dir)
{
	const char *path = F("%s/tests/%s", dir, sc->xml);
	const char *addr = F("%s:5060", net_addr("bob", false));

	/* what it plays as sound */
	if (symlink(F("%s/lib", dir), F("%s/lib", test_dir())))
		SETUP("no link to the sound");

	if (!sc->inf)
		return sipp_start("alice", path, "-m", "1", "-s", sc->service,
				  "-key", "custom_media_port", "6000", addr);

	spew(F("%s/calls.csv", test_dir()), sc->inf);

	return sipp_start("alice", path, "-m", "1", "-s", sc->service, "-inf",
			  "calls.csv", addr);
}


static void accept_and_answer(const struct scenario *sc)
{
	const char *params = sc->unaided ? "1" :
		F("1 target=%s", t.carol->uri);

	event(t.bob, "? ~ refer,referRequested", SCENARIO_WAIT);
	CHECK(ctrl(t.bob, "referaccept", params).ok, "referaccept");

	if (!sc->unaided)
		(void)answer(t.carol, expect(t.carol, "INVITE", WAIT));
}


static void play(const struct scenario *sc)
{
	const char *dir = foreign("ASTERISK_TESTSUITE");
	struct proc *sipp;

	t.bob = sut_start("bob", .config = sc->rejected ?
			  "refer_policy reject\n" : "refer_policy ask\n");
	t.carol = peer_new("carol");
	sipp = transferor(sc, dir);
	if (!sc->calls)
		(void)ctrl(t.bob, "dial", F("sip:%s@%s", "alice",
					    net_addr("alice", false)));
	event(t.bob, "CALL_ESTABLISHED", WAIT);

	if (!sc->rejected)
		accept_and_answer(sc);

	sipp_wait(sipp, SCENARIO_WAIT);
	if (!sc->rejected)
		event(t.bob, F("? ~ refer,referEnded ~ role=server code=%u",
			       sc->code ? sc->code : 200), WAIT);
}


#define SCENARIO(id, file, serv, ...)					\
	TEST(asterisk_##id, file, .secs = 12)				\
	{								\
		play(&(const struct scenario){.xml = file,		\
					      .service = serv,		\
					      ##__VA_ARGS__});		\
	}

SCENARIO(callee_refer_only, XFER "/callee_refer_only/sipp/bob.xml", "alice")
SCENARIO(callee_with_hold, XFER "/callee_with_hold/sipp/bob.xml", "alice")
SCENARIO(callee_direct_media, XFER "/callee_direct_media/sipp/bob_v13_8_0.xml",
	 "alice")
SCENARIO(caller_direct_media,
	 XFER "/caller_direct_media/sipp/alice_v13_8_0.xml", "bob",
	 .calls = true)
SCENARIO(caller_refer_only, XFER "/caller_refer_only/sipp/alice.xml", "bob",
	 .calls = true)
SCENARIO(caller_refer_only_two, XFER "/caller_refer_only/sipp/alice_two.xml",
	 "bob", .calls = true)
SCENARIO(caller_with_hold, XFER "/caller_with_hold/sipp/alice.xml", "bob",
	 .calls = true)
SCENARIO(caller_with_hold_481, XFER "/caller_with_hold_481/sipp/alice.xml",
	 "bob", .calls = true)
SCENARIO(caller_drop_options,
	 XFER "/caller_with_hold_drop_options/sipp/alice.xml", "bob",
	 .calls = true)
SCENARIO(disallow, XFER "/disallow/sipp/bob.xml", "alice", .rejected = true)
SCENARIO(immediate_ok, XFER "/immediate_ok_notify/sipp/transferer.xml",
	 "alice")
SCENARIO(no_target, XFER "/no_target_in_refer/sipp/transferer.xml", "alice",
	 .unaided = true)
SCENARIO(transferer_reinvite,
	 XFER "/off_nominal/transferer_reinvite/sipp/transferer.xml", "alice",
	 .unaided = true)
SCENARIO(send_to_vm, "channels/pjsip/refer_send_to_vm/sipp/refer.xml", "alice")
SCENARIO(send_to_vm_unquoted,
	 "channels/pjsip/refer_send_to_vm/sipp/refer_unquoted_send_to_vm.xml",
	 "alice")
SCENARIO(stasis_same, REST "/stasis_bridge_to_same_stasis_app/sipp/"
	 "alice-calls.xml", "bob", .calls = true)
SCENARIO(stasis_other, REST "/stasis_bridge_to_different_stasis_app/sipp/"
	 "alice-calls.xml", "bob", .calls = true)
SCENARIO(stasis_none, REST "/stasis_bridge_to_non_stasis_app/sipp/"
	 "alice-calls.xml", "bob", .calls = true)
SCENARIO(queue_blind, "apps/queues/transfer/caller_blind/sipp/"
	 "alice-calls-101.xml", "bob", .calls = true)
SCENARIO(cdr_blind, "cdr/cdr_properties/blind-transfer-accountcode/sipp/"
	 "call-then-blind-transfer.xml", "bob", .calls = true,
	 .inf = "SEQUENTIAL\nalice;5060;bob;carol\n")
