/**
 * @file host.c  The version of baresip that is under test
 *
 * What the harness has to do in its own way for some of them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "wire.h"
#include "harness.h"


enum {
	ENV_MAX = 12,
};


/**
 * Get the first number of the version
 *
 * @return 1, 3 or 4
 */
unsigned host_major(void)
{
	return (unsigned)atoi(HOST);
}


static bool is_1_0(void)
{
	return !strncmp(HOST, "1.0.", 4);
}


/**
 * Tell why a test is nothing for this baresip
 *
 * @param t     Test
 * @param stock True for its .stock half
 *
 * @return Reason, or NULL
 */
const char *host_na(const struct test *t, bool stock)
{
	const bool one = host_major() < 3;
	const char *minor = is_1_0() ? t->na10 : t->na11;

	if (one && minor)
		return minor;

	if (host_major() == 3 && t->na3)
		return t->na3;

	if (one ? t->na1 : t->na4)
		return one ? t->na1 : t->na4;

	if (stock && t->of && one != (t->of == 1))
		return t->of == 1 ? "a fault of baresip 1.x"
			: "a fault of baresip 3.x and 4.x";

	return NULL;
}


/**
 * Get the text that a .stock half must fail with
 *
 * @param t Test
 *
 * @return Text, or NULL for any
 */
const char *host_fault(const struct test *t)
{
	return host_major() >= 3 && t->fault4 ? t->fault4 : t->fault;
}


/**
 * Tell whether the menu puts a call on hold before it transfers it
 *
 * @return True if it does: at the same time as the REFER
 */
bool host_menu_holds(void)
{
	return host_major() >= 3;
}


/**
 * Tell whether the menu puts a call on hold when another is answered by hand
 *
 * @return True if it does, whatever call_hold_other_calls says
 */
bool host_accept_holds(void)
{
	return is_1_0();
}


/**
 * Tell whether the core resumes a call when another one ends
 *
 * @return True if it does
 */
bool host_resumes(void)
{
	return is_1_0();
}


/**
 * Tell whether the menu has commands for attended transfer, in a call only
 *
 * @return True if it has
 */
bool host_menu_attends(void)
{
	return host_major() >= 3;
}


/**
 * Tell whether mqtt has no room for a command of more than 255 bytes
 *
 * @return True if it has none
 */
bool host_mqtt_cuts(void)
{
	return host_major() < 3;
}


/**
 * Get what httpd adds to the answer of a command
 *
 * @return Text
 */
const char *host_http_tail(void)
{
	return host_major() >= 4 ? "err: Success [0]\n" : "";
}


/**
 * Get the type that an event of a module has; 1.0 has none for it
 *
 * @return Type
 */
const char *host_module_event(void)
{
	return is_1_0() ? "?" : "MODULE";
}


/**
 * Tell whether an event has more of its call than docs/events.md shows
 *
 * @return True if it has
 */
bool host_events_tell_more(void)
{
	return !is_1_0();
}


/* The menu of 3.x, and of 4.x before 4.8, does not answer beside a call */
static bool menu_answers_all(void)
{
	unsigned major = 0, minor = 0;

	(void)sscanf(HOST, "%u.%u", &major, &minor);

	return major > 4 || (major == 4 && minor >= 8);
}


/**
 * Get the module that answers calls where nobody else does: without the menu,
 * and beside another call, if the menu does not
 *
 * @param no_menu True if the menu is left out
 *
 * @return File name, NULL if they are answered
 */
const char *host_answer_app(bool no_menu)
{
	return host_major() >= 3 && (no_menu || !menu_answers_all())
		? "answer.so" : NULL;
}


/**
 * Get lines for the config: what 1.0 does without being told
 *
 * @param config  What the test adds to it, or NULL
 * @param no_menu True if the menu is left out
 *
 * @return Lines
 */
const char *host_config(const char *config, bool no_menu)
{
	const bool holds = config && strstr(config, "call_hold_other_calls");

	if (is_1_0())
		return "";

	/* the menu would hold the old call when another is established; in
	   3.x and 4.x it is the menu that takes calls, and resampling is a
	   module */
	return F("sip_verify_server no\n%s%s%s",
		 holds ? "" : "call_hold_other_calls no\n",
		 no_menu ? "call_accept yes\n" : "",
		 host_major() < 3 ? "" :
		 "ausrc_srate 8000\nausrc_channels 1\n");
}


/**
 * Get the environment for a baresip
 *
 * @param s The baresip
 * @param o How it is started
 *
 * @return NULL-terminated VAR=value
 */
char *const *host_env(const struct sut *s, const struct sut_opts *o)
{
	static const char *v[ENV_MAX];
	const char *preloads = o->preloads;
	char *const *env = o->env;
	unsigned n = 0;

	for (; env && *env && n < ENV_MAX - 6; ++env)
		v[n++] = *env;

	if (host_major() >= 3) {
		preloads = F("%s%s%s", preloads ? preloads : "",
			     preloads ? ":" : "", built("address.so"));
		v[n++] = F("ADDRESS4=%s", net_addr(s->name, false));
		v[n++] = F("ADDRESS6=%s", net_addr(s->name, true));
	}

	n += memcheck_env(&v[n], &preloads, s);
	if (preloads)
		v[n++] = F("LD_PRELOAD=%s", preloads);

	v[n] = NULL;

	return (char *const *)v;
}
