/**
 * @file t_console.c  The commands as a user at the console meets them
 */
#include <string.h>
#include "wire.h"
#include "scene.h"

#define QUIET "statmode_default off\n"


TEST(console_help, "/help lists each command with its parameters")
{
	static const char *const linev[] = {
		"/atransfer ..                  Attended transfer CALL"
			" CALL",
		"/referaccept ..                Accept a REFER [ID]"
			" [follow=no] [code=200]",
		"/refercancel ..                Stop a transfer [ID]",
		"/referinfo ..                  Show a transfer [ID] [json]",
		"/referlist ..                  List transfers [json]",
		"/refernotify ..                Report on a REFER [ID] CODE"
			" [REASON]",
		"/referpolicy ..                REFER policy [ACCOUNT]"
			" [accept|ask|reject]",
		"/referprogress ..              Send 100 Trying to a REFER"
			" [ID]",
		"/referredirect ..              Redirect a REFER [ID]"
			" CONTACT ...",
		"/referreload                   Read the configuration again",
		"/referreject ..                Reject a REFER [ID] [CODE]"
			" [REASON]",
		"/refersend ..                  Send REFER PEER TARGET"
			" [sub=no]",
		"/transfer ..          t ..     Transfer call",
	};
	static const char *const oursv[] = {
		"/atransferabort                Give the attended transfer up",
		"/atransferexec                 Join the call and the target",
		("/atransferstart ..             Hold the call, and call"
		 " TARGET"),
	};
	static const char *const menusv[] = {
		"/atransferabort                Abort attended transfer",
		"/atransferexec                 Execute attended transfer",
		"/atransferstart ..    T ..     Start attended transfer",
	};
	const char *const *attendedv = host_menu_attends() ? menusv : oursv;
	const char *help;
	size_t i;

	scene(.console = true, .config = QUIET);
	help = console(t.bob, "/help");
	for (i=0; i<ARRAY_SIZE(linev); i++)
		HAS_TEXT(help, F("\n  %s\n", linev[i]));
	for (i=0; i<ARRAY_SIZE(oursv); i++)
		HAS_TEXT(help, F("\n  %s\n", attendedv[i]));

	/* the menu's and ours are one entry */
	CHECK(!strstr(strstr(help, "/transfer ..") + 1, "/transfer .."),
	      "%s", help);
	CHECK(!strstr(strstr(help, "/atransferstart") + 1, "/atransferstart"),
	      "%s", help);
	ROW("command.help");
}


TEST(console_tab, "TAB completes our commands, and lists those that match")
{
	const char *shown;

	scene(.console = true, .config = QUIET);
	shown = console_keys(t.bob, "/referl\t json");
	HAS_TEXT(shown, "TAB completion for \"referl\":\n"
		 "  /referladder ..             Messages of a transfer [ID]"
		 " [json]\n"
		 "  /referlist ..               List transfers [json]\n"
		 "\n\r/referl");
	shown = console_keys(t.bob, "/referlis\t json");
	HAS_TEXT(shown, "\n\r/referlist\r/referlist \r");
	HAS_TEXT(shown, "\r/referlist json\n{\"ok\":true,\"transfers\":[]}\n");

	shown = console_keys(t.bob, "/trans\t");
	HAS_TEXT(shown, "TAB completion for \"trans\":\n"
		 "  /transfer ..             Transfer call\n"
		 "\n\r/transfer\nerror: usage: /transfer ");

	shown = console_keys(t.bob, "/refer\tlist");
	HAS_TEXT(shown, "\n  /referaccept ..     ");
	HAS_TEXT(shown, "\n  /refersend ..     ");
	HAS_TEXT(shown, "\n\r/refer\r/referl\r");
	HAS_TEXT(shown, "\r/referlist\nrefer: no transfers\n");
	ROW("command.help");
}


TEST(console_key, "The key t transfers the call")
{
	scene(.console = true, .config = QUIET);
	HAS_TEXT(console_keys(t.bob, "tsip:carol@127.0.0.3"),
		 "\nrefer: #1 transferring alice to"
		 " sip:carol@127.0.0.3\n");
	(void)answer_hold(t.call);
	peer_reply(t.alice, expect_any(t.alice, "REFER", WAIT), 603,
		   "Decline", NULL);
	event(t.bob, "? ~ refer,referEnded,id=1", WAIT);
	answer_resume(t.call);
	ROW("command.help");
}
