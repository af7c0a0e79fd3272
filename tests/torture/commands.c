/**
 * @file commands.c  What a user, or a program, commands
 *
 * In a template %T is a target, %P a peer, %C a call, %I the number of a
 * transfer, %S a status code.
 */
#include <string.h>
#include "torture.h"


enum {
	PARAMS_MAX = 900,     /**< ctrl_tcp has room for 1023 bytes */
};

static const struct {
	const char *cmd;
	const char *paramv[5];
} commandv[] = {
	{"transfer", {"%T", "call=%C %T", "%T sub=no", "%T Subject=\"a b\"",
		"call=%C %T after=keep"}},
	{"transfer", {"%T", "%T uri.X-A=\"a b\"", "call=%C %T"}},
	{"atransfer", {"%C %C"}},
	{"atransferstart", {"%T", "%T"}},
	{"atransferexec", {""}},
	{"atransferabort", {""}},
	{"refersend", {"%P %T", "%P %T sub=no", "%T %T",
		"%P %T Subject=x"}},
	{"referaccept", {"", "%I", "%I follow=no", "%I code=%S"}},
	{"referaccept", {"%I target=%T", "%I anonymous=yes", "%I name=Desk",
		"%I outbound=%P", "%I account=sip:bob@127.0.0.2"}},
	{"referreject", {"", "%I", "%I %S", "%I %S \"No Way\"", "%S"}},
	{"referredirect", {"%T", "%I %T", "%I %T %T %T"}},
	{"referprogress", {"", "%I"}},
	{"refernotify", {"%I %S", "%I 200 OK", "%S", "%I 180"}},
	{"refercancel", {"", "%I"}},
	{"referlist", {"", "json"}},
	{"referinfo", {"", "%I", "%I json"}},
	{"referpolicy", {"", "accept", "ask", "reject",
		"sip:bob@127.0.0.2 ask"}},
	{"referreload", {""}},
	{"listcalls", {""}},
	{"line", {"1", "2", "3"}},
	{"accept", {""}},
	{"hangup", {""}},
};


static const char *call_any(void)
{
	const struct leg *leg = leg_any();

	return leg && odds(70) ? leg->d->callid : F("%u", 1 + below(5));
}


static const char *value_of(char c)
{
	switch (c) {

	case 'T': return any_uri();
	case 'P': return peer_any()->uri;
	case 'C': return call_any();
	case 'I': return F("%u", 1 + below(odds(90) ? 30 : 1000));
	case 'S': return F("%u", odds(40) ? 202 : any_code());
	default:  return "";
	}
}


static const char *fill(const char *s)
{
	const char *res = "";

	for (; *s; s++) {
		if (*s == '%' && s[1])
			res = F("%s%s", res, value_of(*++s));
		else
			res = F("%s%c", res, *s);
	}

	return res;
}


/* What JSON in ctrl_tcp has no room for is another matter than ours */
static const char *printable(const char *s)
{
	char *res = keep(s, MIN(strlen(s), PARAMS_MAX)), *p;

	for (p = res; *p; p++) {
		if ((unsigned char)*p < ' ' || (unsigned char)*p > '~')
			*p = '?';
	}

	return res;
}


/**
 * Give a command and wait for its answer, without which the run has failed
 *
 * @param cmd    Command
 * @param params Parameters
 * @param r      Returned answer, or NULL
 *
 * @return True if it was carried out
 */
bool command_ask(const char *cmd, const char *params, struct resp *r)
{
	const struct resp resp = ctrl(tt.bob, cmd, params);

	(void)serve(NULL);

	if (r)
		*r = resp;

	return resp.ok;
}


/** Give any command */
void command_any(void)
{
	const unsigned i = below(ARRAY_SIZE(commandv));
	const char *const *v = commandv[i].paramv;
	const char *params;
	unsigned n = 0;

	while (n < ARRAY_SIZE(commandv[i].paramv) && v[n])
		++n;

	params = fill(v[below(n)]);
	/* the menu's own commands crash without a parameter (/line) */
	if (odds(12) && strstr(commandv[i].cmd, "fer"))
		params = mutate(params, PARAMS_MAX);

	/* the menu puts others on hold */
	if (!strcmp(commandv[i].cmd, "accept"))
		legs_spoil();

	(void)command_ask(commandv[i].cmd, printable(params), NULL);
}


/** Make bob's account, after it was deleted */
void account_make(void)
{
	tt.account = command_ask("uanew",
				 F("<%s>;regint=0;answermode=auto",
				   tt.bob->uri), NULL);

	/* the menu of 1.0 would use the deleted one as the current one */
	(void)command_ask("uafind", tt.bob->uri, NULL);
}
