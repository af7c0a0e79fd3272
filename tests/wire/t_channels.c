/**
 * @file t_channels.c  Every command, over every channel
 *
 * One table of commands, with good, missing and bad input, in an order in
 * which what one does can be seen in the next; and what happens on the wire
 * between them. Each channel goes through all of it, and each answer is
 * compared byte for byte.
 */
#include <ctype.h>
#include <string.h>
#include "wire.h"
#include "scene.h"
#include "channel.h"


#define CAROL "sip:carol@127.0.0.3"
#define DIGIT "\x01"
#define MS    "\x02"
#define MS6   "\x03\x03\x03\x03\x03\x03"

/** A command */
struct step {
	void (*before)(void);  /**< What happens first, or NULL             */
	const char *cmd;
	const char *prm;
	const char *answer;    /**< $call and $other are the calls' Call-IDs,
				    also in prm; $bob is what alice calls;
				    $age is one digit, $ms a number behind a
				    word, $ms6 one of six columns           */
};

static struct dlg *with_carol;
static struct msg *invite;


static void alice_calls(void)
{
	t.call = call_in(t.alice, t.bob);
	peer_auto(t.alice, "NOTIFY");
	peer_auto(t.alice, "SUBSCRIBE");
}


static void asks(void)
{
	(void)refer("<" CAROL ">", "Referred-By: <sip:al@a.org>\r\n");
	event(t.bob, "? ~ refer,referRequested", WAIT);
}


/* over UDP it goes out after 3.5 s */
static void is_tried(void)
{
	event(t.bob, "? ~ refer,progress,id=1 ", WAIT);
}


static void asks_twice(void)
{
	asks();
	asks();
}


static void carol_rings(void)
{
	invite = expect(t.carol, "INVITE", WAIT);
	peer_reply(t.carol, invite, 180, "Ringing", NULL);
	event(t.bob, "? ~ refer,referProgress ~ code=180", WAIT);
}


static void carol_is_cancelled(void)
{
	(void)expect(t.carol, "CANCEL", WAIT);
	event(t.bob, "? ~ refer,referEnded ~ code=487", WAIT);
}


static void alice_accepts(void)
{
	struct msg *req;

	(void)answer_hold(t.call);
	req = expect_any(t.alice, "REFER", WAIT);
	peer_reply(t.alice, req, 202, "Accepted", NULL);
	event(t.bob, "? ~ refer,referRequestAccepted ~ role=client", WAIT);
}


static void alice_is_resumed(void)
{
	event(t.bob, "? ~ refer,referEnded ~ outcome=cancelled", WAIT);
	answer_resume(t.call);
}


static void carol_refuses(void)
{
	peer_reply(t.carol, expect_any(t.carol, "REFER", WAIT), 603,
		   "Decline", NULL);
	event(t.bob, "? ~ refer,referEnded ~ outcome=refused", WAIT);
}


static void carol_answers(void)
{
	(void)answer_hold(t.call);
	with_carol = answer(t.carol, expect_any(t.carol, "INVITE", WAIT));
	event(t.bob, "CALL_ESTABLISHED ~ " CAROL, WAIT);
}


static void carol_is_hung_up(void)
{
	peer_reply(t.carol, expect_any(t.carol, "BYE", WAIT), 200, "OK",
		   NULL);
	alice_is_resumed();
}


static void carol_calls(void)
{
	carol_is_hung_up();
	with_carol = call_in(t.carol, t.bob);
}


static void alice_refuses(void)
{
	struct msg *req = expect_any(t.alice, "REFER ~ Replaces=", WAIT);

	peer_reply(t.alice, req, 603, "Decline", NULL);
	event(t.bob, "? ~ refer,referRequestRejected,id=11 ", WAIT);
}


static void alice_declines(void)
{
	(void)answer_hold(t.call);
	peer_reply(t.alice, expect_any(t.alice, "REFER ~ Replaces=", WAIT),
		   603, "Decline", NULL);
	event(t.bob, "? ~ refer,referEnded,id=12 ", WAIT);
	answer_resume(t.call);
}


static void alice_is_held(void)
{
	(void)answer_hold(t.call);
}


static void alice_talks(void)
{
	answer_resume(t.call);
}


static void asks_again(void)
{
	peer_reply(t.carol, expect_any(t.carol, "BYE", WAIT), 200, "OK",
		   NULL);
	asks();
}


#define USAGE_TRANSFER "error: usage: /transfer [call=ID|LINE] TARGET" \
	" [HEADER=VALUE ...]\n"
#define USAGE_SEND "error: usage: /refersend PEER TARGET [sub=no]"   \
	" [HEADER=VALUE ...]\n"
#define GUARD								\
	"refer: guard: in force\n"					\
	"refer: version " RELEASE "\n"					\
	"refer: policy accept, out of a dialog reject, digest no,"	\
	" replaces accept\n"						\
	"refer: waiting 0 of 64, 10 a second and peer, depth 5,"	\
	" tel auto, redirects no\n"					\
	"refer: of each call 8 waiting, 2 referred calls\n"		\
	"refer: copied headers User-to-User, passed headers"		\
	" User-to-User\n"						\
	"refer: sip:bob@127.0.0.2: accept, out of a dialog reject\n"

#define USAGE_POLICY "error: usage: /referpolicy [ACCOUNT]"		   \
	" [accept|ask|reject]\n"
#define USAGE_NOTIFY "error: usage: /refernotify [ID] CODE [REASON]\n"
#define NO_CONSULT "error: there is no attended transfer, see"		   \
	" /atransferstart\n"
#define NO_ADDRESS "error: the target is no SIP address\n"
#define NO_STATE "error: not in this state, see /referlist\n"
#define SEVERAL "error: several REFERs wait: 5 6; which one?\n"
#define UNDER_WAY "error: a transfer is under way, see"	   \
	" /referlist\n"
#define HEAD "  id role   state        age peer                     "	   \
	"        target                           code\n"
#define STAGES ",\"stages\":{\"referRequested\":$ms,\"progress\":$ms}"
#define OBJECT "\"id\":1,\"role\":\"server\",\"state\":\"WAITING\","	   \
	"\"age\":$age,\"account\":\"sip:bob@127.0.0.2\","		   \
	"\"peer\":\"sip:alice@127.0.0.1\",\"target\":\"" CAROL "\","	   \
	"\"code\":100,\"reason\":\"Trying\",\"call\":\"$call\","	   \
	"\"referred_by\":\"<sip:al@a.org>\""
#define PAD "              "

/* alice's REFER, as JSON */
#define WHO(code) "\"age\":$age,\"account\":\"sip:bob@127.0.0.2\","	   \
	"\"peer\":\"sip:alice@127.0.0.1\",\"target\":\"" CAROL "\","	   \
	"\"code\":" #code
#define ASKED(id, state, code) "\"id\":" #id ",\"role\":\"server\","	   \
	"\"state\":\"" state "\"," WHO(code)
#define BY ",\"call\":\"$call\",\"referred_by\":\"<sip:al@a.org>\""
#define REFUSED ",\"stages\":{\"referRequested\":$ms,\"rejected\":$ms,"  \
	"\"failed\":$ms,\"referRequestRejected\":$ms,\"referEnded\":$ms}"

/* The counters before there was anything to count */
#define TIMES_TEXT " count 0, sum 0, p50 0, p95 0\n"
#define ROLE_TEXT(role, blanks) role blanks "accepted 0, rejected 0,"	   \
	" refused 0, failed 0, timeout 0, unknown 0, cancelled 0\n"	   \
	role "_answer" TIMES_TEXT role "_outcome" TIMES_TEXT
#define STATS_TEXT "refused     \n" ROLE_TEXT("server", "      ")	   \
	ROLE_TEXT("client", "      ") ROLE_TEXT("target", "      ")
#define TIMES_JSON ":{\"count\":0,\"sum\":0,\"p50\":0,\"p95\":0}"
#define ROLE_JSON(role) ",\"" role "\":{\"accepted\":0,\"rejected\":0,"   \
	"\"refused\":0,\"failed\":0,\"timeout\":0,\"unknown\":0,"	   \
	"\"cancelled\":0},\"" role "_answer\"" TIMES_JSON		   \
	",\"" role "_outcome\"" TIMES_JSON
#define STATS_JSON "\"refused\":{}" ROLE_JSON("server")		   \
	ROLE_JSON("client") ROLE_JSON("target")

/* nobody has called, and the menu has no commands of these names */
static const struct step alonev[] = {
{NULL, "atransferstart", NULL, "error: usage: /atransferstart TARGET\n"},
{NULL, "atransferstart", CAROL, "error: there is no call, see /listcalls\n"},
{NULL, "atransferexec", NULL, NO_CONSULT},
{NULL, "atransferabort", NULL, NO_CONSULT},
};

static const struct step stepv[] = {

/* nobody has called */
{NULL, "atransfer", NULL, "error: usage: /atransfer CALL CALL\n"},
{NULL, "atransfer", "1 2", "error: there is no call 1, see /listcalls\n"},
{NULL, "refersend", NULL, USAGE_SEND},
{NULL, "refersend", CAROL, USAGE_SEND},
{NULL, "refersend", CAROL " \"", NO_ADDRESS},
{NULL, "refersend", CAROL " sip:dave@127.0.0.4 & <b>x</b>",
	"error: & is not header=value\n"},
{NULL, "referaccept", NULL, "error: no REFER waits\n"},
{NULL, "referaccept", "7", "error: there is no REFER 7, see /referlist\n"},
{NULL, "referreject", NULL, "error: no REFER waits\n"},
{NULL, "referreject", "7 486", "error: there is no REFER 7, see /referlist\n"},
{NULL, "referprogress", NULL, "error: no REFER waits\n"},
{NULL, "referprogress", "7", "error: there is no REFER 7, see /referlist\n"},
{NULL, "referredirect", NULL, "error: no REFER waits\n"},
{NULL, "referredirect", "7 " CAROL,
	"error: there is no REFER 7, see /referlist\n"},
{NULL, "refernotify", NULL, USAGE_NOTIFY},
{NULL, "refernotify", "OK", USAGE_NOTIFY},
{NULL, "refernotify", "200", "error: no REFER waits for a report\n"},
{NULL, "refernotify", "7 200", "error: there is no REFER 7, see /referlist\n"},
{NULL, "refercancel", NULL, "error: no transfer is under way\n"},
{NULL, "refercancel", "7", "error: there is no transfer 7, see /referlist\n"},
{NULL, "refercancel", "x", "error: usage: /refercancel [ID]\n"},
{NULL, "referlist", NULL, "refer: no transfers\n"},
{NULL, "referlist", "json", "{\"ok\":true,\"transfers\":[]}\n"},
{NULL, "referlist", "xml", "error: usage: /referlist [all|ended] [json]\n"},
{NULL, "referinfo", NULL, "error: no transfers\n"},
{NULL, "referinfo", "7", "error: there is no transfer 7, see /referlist\n"},
{NULL, "referladder", NULL, "error: no transfers\n"},
{NULL, "referladder", "7", "error: there is no transfer 7, see /referlist\n"},
{NULL, "referstats", "x", "error: usage: /referstats [json]\n"},
{NULL, "referstats", NULL, "age         $ms\nwaiting     0\n"
	"notify_sent 0\nnotify_received 0\ntimeouts    0\n" STATS_TEXT},
{NULL, "referstats", "json", "{\"ok\":true,\"age\":$ms,\"waiting\":0,"
	"\"notify_sent\":0,\"notify_received\":0,\"timeouts\":0,"
	STATS_JSON "}\n"},
{NULL, "refersend", CAROL " sip:dave@127.0.0.4 hold=no",
	"error: hold= is for a call, and out of a dialog there is none"
	" (sub= timeout=)\n"},
{NULL, "referpolicy", NULL, GUARD},
{NULL, "referpolicy", "x", USAGE_POLICY},
{NULL, "referreload", NULL, GUARD},
{NULL, "referpolicy", "bob@127.0.0.2 x",
	"error: the policy is accept, ask or reject\n"},
{NULL, "referpolicy", "bob@127.0.0.2 reject",
	"refer: sip:bob@127.0.0.2: reject, out of a dialog reject\n"},
{NULL, "referpolicy", "sip:bob@127.0.0.2 ask",
	"refer: sip:bob@127.0.0.2: ask, out of a dialog reject\n"},

/* 1 waits, and is rejected */
{alice_calls, "transfer", NULL, USAGE_TRANSFER},
{NULL, "transfer", "\"", NO_ADDRESS},
{NULL, "transfer", CAROL " x",
	"error: x is not header=value\n"},
{NULL, "transfer", CAROL " sub=maybe",
	"error: maybe is no value of sub= (yes or no)\n"},
{NULL, "transfer", CAROL " x=y",
	"error: x= is no option (call= sub= hold= after= timeout=);"
	" a header begins with a capital letter\n"},
{NULL, "transfer", CAROL " timeout=0",
	"error: 0 is no value of timeout= (1 to 86400 s)\n"},
{NULL, "transfer", CAROL " after=drop",
	"error: drop is no value of after= (keep or hangup)\n"},
{NULL, "transfer", CAROL " hold=no hold=no",
	"error: hold= is given twice\n"},
{NULL, "transfer", "call=2 " CAROL,
	"error: there is no call 2, see /listcalls\n"},
{NULL, "transfer", CAROL " call=2",
	"error: there is no call 2, see /listcalls\n"},
{NULL, "callanswer", NULL, "error: usage: /callanswer ID|LINE\n"},
{NULL, "callanswer", "2", "error: there is no call 2, see /listcalls\n"},
{NULL, "callanswer", "1",
	"error: the call does not wait for an answer\n"},
{NULL, "callend", NULL, "error: usage: /callend ID|LINE\n"},
{NULL, "callend", "1 2", "error: usage: /callend ID|LINE\n"},
{NULL, "callend", "2", "error: there is no call 2, see /listcalls\n"},
{NULL, "callhold", NULL, "error: usage: /callhold ID|LINE\n"},
{NULL, "callresume", NULL, "error: usage: /callresume ID|LINE\n"},
{NULL, "callhold", "2", "error: there is no call 2, see /listcalls\n"},
{NULL, "callresume", "2", "error: there is no call 2, see /listcalls\n"},
{NULL, "atransfer", "1 1",
	"error: a call cannot be transferred to itself\n"},
{NULL, "atransfer", "1", "error: usage: /atransfer CALL CALL\n"},
{NULL, "atransfer", "1 call=1",
	"error: a call cannot be transferred to itself\n"},
{NULL, "atransferstart", "\"", NO_ADDRESS},
{NULL, "atransferstart", CAROL " hold=no", "error: hold=no: the call is"
	" always on hold while the target is asked\n"},
{asks, "referprogress", NULL, "refer: #1 100 Trying\n"},
{NULL, "referprogress", "1", "error: that was done before\n"},
{NULL, "referprogress", "now", "error: usage: /referprogress [ID]\n"},
{is_tried, "referlist", NULL, HEAD
	"   1 server WAITING       $ages sip:alice@127.0.0.1" PAD
	CAROL PAD "100\n"},
{NULL, "referlist", "json", "{\"ok\":true,\"transfers\":[{" OBJECT
	"}]}\n"},
{NULL, "referinfo", NULL, "id          1\nrole        server\n"
	"state       WAITING\nage         $age\n"
	"account     sip:bob@127.0.0.2\npeer        sip:alice@127.0.0.1\n"
	"target      " CAROL "\ncode        100\nreason      Trying\n"
	"call        $call\nreferred_by <sip:al@a.org>\n"},
{NULL, "referinfo", "1 json", "{\"ok\":true," OBJECT STAGES "}\n"},
{NULL, "referinfo", "1 xml", "error: usage: /referinfo [ID] [json]\n"},
{NULL, "referaccept", "follow=maybe",
	"error: maybe is no value of follow= (yes or no)\n"},
{NULL, "referaccept", "1 x=y", "error: x=y is no option (follow= code="
	" target= account= outbound= name= anonymous=)\n"},
{NULL, "referaccept", "1 code=302",
	"error: 302 is no status code (200-299)\n"},
{NULL, "refernotify", "1 200", NO_STATE},
{NULL, "refercancel", "1",
	"error: it waits for a decision, see /referreject\n"},
{NULL, "referreject", "1 Busy",
	"error: Busy is no status code (300-699)\n"},
{NULL, "referreject", "1 6", "error: 6 is no status code (300-699)\n"},
{NULL, "referreject", "1 200", "error: 200 is no status code (300-699)\n"},
{NULL, "referreject", "1 486 \"Busy & Here\"", "refer: #1 rejected\n"},

/* 2 is sent elsewhere, 3 and 4 are executed by hand */
{asks, "referredirect", NULL,
	"error: usage: /referredirect [ID] CONTACT ...\n"},
{NULL, "referredirect", "2 \"no uri\"", "error: no uri is no URI\n"},
{NULL, "referredirect", "2 " CAROL " sip:dave@127.0.0.4;a=b?c=d%20e",
	"refer: #2 redirected\n"},
{asks, "referaccept", "3 follow=no code=200", "refer: #3 accepted\n"},
{NULL, "referaccept", "3", NO_STATE},
{NULL, "refernotify", "99", "error: 99 is no status code (100-699)\n"},
{NULL, "refernotify", "183 Half way", "refer: #3 notified\n"},
{NULL, "refernotify", "3 200 Fine", "refer: #3 notified\n"},
{asks, "referaccept", "follow=no", "refer: #4 accepted\n"},
{NULL, "refercancel", NULL, "refer: #4 cancelled\n"},

/* of 5 and 6, which one? */
{asks_twice, "referaccept", NULL, SEVERAL},
{NULL, "referreject", NULL, SEVERAL},
{NULL, "referredirect", CAROL, SEVERAL},
{NULL, "referprogress", NULL, SEVERAL},
{NULL, "referinfo", NULL, "error: several transfers: 5 6; which one?\n"},
{NULL, "referreject", "5", "refer: #5 rejected\n"},
{NULL, "referaccept", NULL, "refer: #6 accepted\n"},
{carol_rings, "refercancel", "6", "refer: #6 cancelled\n"},

/* bob transfers, and gives it up */
{carol_is_cancelled, "transfer", "Carol <" CAROL ";a=b> Subject=\"a & b\"",
	"refer: #7 transferring alice to " CAROL ";a=b\n"},
{alice_accepts, "refercancel", NULL, "refer: #7 cancelled\n"},
{alice_is_resumed, "refersend", CAROL " sip:dave@127.0.0.4 sub=no",
	"refer: #8 asking " CAROL " to call sip:dave@127.0.0.4\n"},

/* attended */
{carol_refuses, "atransferstart", "carol@127.0.0.3",
	"refer: #9 calling " CAROL ", alice is put on hold\n"},
{carol_answers, "atransferstart", CAROL, UNDER_WAY},
{NULL, "atransferabort", NULL,
	"refer: #9 given up, the call is resumed\n"},
{carol_is_hung_up, "atransferstart", CAROL,
	"refer: #10 calling " CAROL ", alice is put on hold\n"},
{carol_answers, "refercancel", NULL, "refer: #10 cancelled\n"},
{carol_is_hung_up, "atransferstart", CAROL,
	"refer: #11 calling " CAROL ", alice is put on hold\n"},
{carol_answers, "referinfo", "11", "id          11\nrole        client\n"
	"state       TALKING\nage         $age\n"
	"account     sip:bob@127.0.0.2\npeer        sip:alice@127.0.0.1\n"
	"target      " CAROL "\ncode        0\ncall        $call\n"
	"new_call    $other\n"},
{NULL, "atransferexec", NULL, "refer: #11 joining the two\n"},
{alice_refuses, "atransfer", "1 2", UNDER_WAY},
{NULL, "atransferabort", NULL,
	"refer: #11 given up, the call is resumed\n"},
{carol_calls, "atransfer", "1 2", "refer: #12 transferring"
	" alice to " CAROL "\n"},

/* the same, for programs */
{alice_declines, "callhold", "$call json", "{\"ok\":true,"
	"\"call\":\"$call\",\"peer\":\"sip:alice@127.0.0.1\"}\n"},
{alice_is_held, "callresume", "json $call", "{\"ok\":true,"
	"\"call\":\"$call\",\"peer\":\"sip:alice@127.0.0.1\"}\n"},
{alice_talks, "callend", "$other json", "{\"ok\":true,"
	"\"call\":\"$other\",\"peer\":\"" CAROL "\"}\n"},
{asks_again, "referprogress", "json", "{\"ok\":true," ASKED(13, "WAITING", 0)
	BY ",\"stages\":{\"referRequested\":$ms}}\n"},
{NULL, "referreject", "13 486 \"json\" json", "{\"ok\":true,"
	ASKED(13, "ENDED", 486) ",\"reason\":\"json\"" BY
	",\"outcome\":\"refused\",\"ended\":$age" REFUSED "}\n"},
{NULL, "referinfo", "13", "id          13\nrole        server\n"
	"state       ENDED\nage         $age\n"
	"account     sip:bob@127.0.0.2\npeer        sip:alice@127.0.0.1\n"
	"target      " CAROL "\ncode        486\nreason      json\n"
	"call        $call\nreferred_by <sip:al@a.org>\n"
	"outcome     refused\nended       $age\n"
	"stages      referRequested $ms, rejected $ms, failed $ms,"
	" referRequestRejected $ms, referEnded $ms [ms]\n"},
{NULL, "referladder", "13", "account bob             sip:bob@127.0.0.2\n"
	"peer    alice           sip:alice@127.0.0.1\n"
	"target  carol           " CAROL "\n"
	"    ms  who                message\n"
	"$ms6  alice -> bob       REFER $bob\n"
	"          Refer-To: <" CAROL ">\n"
	"$ms6  bob -> alice       486 json (REFER)\n"},
{NULL, "referladder", "13 xml",
	"error: usage: /referladder [ID] [json]\n"},
{NULL, "referladder", "13 json", "{\"ok\":true," ASKED(13, "ENDED", 486)
	",\"reason\":\"json\"" BY ",\"outcome\":\"refused\",\"ended\":$age,"
	"\"messages\":[{\"ms\":$ms,\"from\":\"peer\",\"to\":\"account\","
	"\"method\":\"REFER\",\"line\":\"REFER $bob SIP\\/2.0\","
	"\"headers\":{\"Refer-To\":\"<" CAROL ">\"}},"
	"{\"ms\":$ms,\"from\":\"account\",\"to\":\"peer\","
	"\"method\":\"REFER\",\"code\":486,"
	"\"line\":\"SIP\\/2.0 486 json\"}]}\n"},
{asks, "referredirect", "json 14 sip:dave@127.0.0.4", "{\"ok\":true,"
	ASKED(14, "ENDED", 302) ",\"reason\":\"Moved Temporarily\"" BY
	",\"outcome\":\"refused\",\"ended\":$age" REFUSED "}\n"},
{asks, "referaccept", "15 json follow=no", "{\"ok\":true,"
	"\"id\":15,\"role\":\"server\",\"state\":\"ACCEPTED\","
	"\"follow\":\"no\"," WHO(202) ",\"reason\":\"Accepted\"" BY
	",\"stages\":{\"referRequested\":$ms,\"accepted\":$ms,"
	"\"referRequestAccepted\":$ms}}\n"},
{NULL, "referpolicy", "json", "{\"ok\":true,\"lines\":["
	"\"guard: in force\","
	"\"version " RELEASE "\","
	"\"policy accept, out of a dialog reject, digest no,"
	" replaces accept\","
	"\"waiting 0 of 64, 10 a second and peer, depth 5,"
	" tel auto, redirects no\","
	"\"of each call 8 waiting, 2 referred calls\","
	"\"copied headers User-to-User, passed headers User-to-User\","
	"\"sip:bob@127.0.0.2: ask, out of a dialog reject\"]}\n"},
};


static const char *expand(const char *answer)
{
	const char *text = replaced(answer, "$age", DIGIT);

	text = replaced(text, "$ms6", MS6);
	text = replaced(text, "$ms", MS);

	if (t.call) {
		text = replaced(text, "$call", t.call->callid);
		text = replaced(text, "$bob", t.call->target);
	}
	if (with_carol)
		text = replaced(text, "$other", with_carol->callid);

	return text;
}


static bool same(const char *want, const char *got)
{
	for (; *want && *got; ++want, ++got) {
		const bool digit = isdigit((unsigned char)*got);

		if (*want != *got && (*want != *DIGIT || !digit) &&
		    (*want != *MS6 || (!digit && *got != ' ')))
			return false;
	}

	return *want == *got;
}


/* With the times that it tells, each behind the last word before it */
static const char *with_times(const char *want, const char *got)
{
	const char *p = got, *ms, *end, *word;

	while ((ms = strstr(want, MS))) {
		size_t n;

		for (end = ms; !isalpha((unsigned char)end[-1]); --end)
			;
		for (word = end; isalpha((unsigned char)word[-1]); --word)
			;

		p = strstr(p, F("%.*s", (int)(end - word), word));
		if (!p)
			return want;

		p   += strcspn(p, "0123456789");
		n    = strspn(p, "0123456789");
		want = F("%.*s%.*s%s", (int)(ms - want), want, (int)n, p,
			 ms + 1);
		p   += n;
	}

	return want;
}


static void ask(const struct channel *ch, const char *cmd, const char *prm,
		const char *answer, bool ok)
{
	const char *got, *want;

	got  = ch->ask(cmd, prm);
	want = ch->wrap(with_times(answer, got), ok);
	CHECK(same(want, got), "%s: /%s %s\nshould give: %s\ngives:"
	      "       %s", ch->name, cmd, prm ? prm : "", want, got);
}


/* What an error means to a program */
static const char *errno_of(const char *text)
{
	static const char *const v[][2] = {
		{"there is no ", "ENOENT"}, {"no REFER", "ENOENT"},
		{"no transfer", "ENOENT"}, {"several ", "ENOENT"},
		{"not in this state", "EPROTO"}, {"it waits", "EPROTO"},
		{"the call does not wait", "EPROTO"},
		{"that was done", "EALREADY"},
		{"a transfer is under way", "EALREADY"},
	};
	size_t i;

	for (i=0; i<ARRAY_SIZE(v); i++) {
		if (!strncmp(text, v[i][0], strlen(v[i][0])))
			return v[i][1];
	}

	return "EINVAL";
}


/* An error of which there is JSON, too */
static void ask_json(const struct channel *ch, const struct step *s)
{
	const size_t len = strlen("error: ");
	const char *text = keep(s->answer + len, strlen(s->answer) - len - 1);
	const char *name = errno_of(text);

	text = replaced(text, "\\", "\\\\");
	text = replaced(text, "\"", "\\\"");
	text = replaced(text, "/", "\\/");
	ask(ch, s->cmd, s->prm ? F("%s json", s->prm) : "json",
	    F("{\"ok\":false,\"error\":\"%s\",\"errno\":\"%s\"}\n", text,
	      name), false);
}


static void run(const struct channel *ch, const struct step *s)
{
	const bool ok = strncmp(s->answer, "error:", 6) != 0;

	if (s->before)
		s->before();

	ask(ch, s->cmd, s->prm ? expand(s->prm) : NULL, expand(s->answer),
	    ok);
	if (!ok)
		ask_json(ch, s);
}


static void run_all(const struct channel *ch, const struct sut_opts *opts)
{
	size_t i;

	t.bob   = sut_start_at(HERE, opts);
	t.alice = peer_new("alice");
	t.carol = peer_new("carol");

	for (i=0; i<ARRAY_SIZE(alonev) && !host_menu_attends(); i++)
		run(ch, &alonev[i]);
	for (i=0; i<ARRAY_SIZE(stepv); i++)
		run(ch, &stepv[i]);
}


/** bob and the options that all channels have in common */
#define RUN(channel, ...)						\
	run_all(channel, &(const struct sut_opts){.name = "bob",	\
						  ##__VA_ARGS__})


TEST(channel_console, "Every command at the console, to the byte", .secs = 16,
     .limit = 180)
{
	RUN(&channel_console, .console = true,
	    .config = "statmode_default off\n");
	ROW("command.channels command.json");
}


TEST(channel_http, "Every command over httpd, to the byte", .secs = 16,
     .limit = 180)
{
	RUN(&channel_http, .config = CONFIG_HTTP);
	ROW("command.channels command.http command.json");
}


TEST(channel_raw, "Every command over httpd as plain text, to the byte",
     .secs = 16, .limit = 180)
{
	RUN(&channel_raw, .config = CONFIG_HTTP);
	ROW("command.channels command.http command.json");
}


TEST(channel_ctrl, "Every command over ctrl_tcp, to the byte", .secs = 16,
     .limit = 180)
{
	RUN(&channel_ctrl);
	ROW("command.channels command.errors command.json");
}


TEST(channel_mqtt, "Every command over mqtt, to the byte", .secs = 16,
     .limit = 180)
{
	(void)mqtt_start();
	RUN(&channel_mqtt, .config = CONFIG_MQTT);
	ROW("command.channels command.mqtt command.json");
}
