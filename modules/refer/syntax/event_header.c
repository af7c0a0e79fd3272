/**
 * @file event_header.c  The headers of a subscription (RFC 6665 section 8.4)
 *
 * libre has decoders of its own, which look for a parameter in quoted strings
 * too.
 */
#include <string.h>
#include <re.h>
#include "host/libre.h"
#include "syntax/event_header.h"
#include "syntax/token.h"


/**
 * Decode the value of an Event header
 *
 * @return 0 if success, EBADMSG if it has no event
 */
int event_decode(struct sipevent_event *event, const struct pl *val)
{
	struct pl name, value, rest;

	memset(event, 0, sizeof(*event));

	rest = *val;
	(void)token_cut(&event->event, &rest, ';');
	event->params = rest;

	while (token_param(&name, &value, &rest)) {
		if (!pl_strcasecmp(&name, "id") && value.l)
			event->id = value;
	}

	return event->event.l ? 0 : EBADMSG;
}


static enum sipevent_subst substate(const struct pl *word)
{
	static const enum sipevent_subst statev[] = {
		SIPEVENT_ACTIVE, SIPEVENT_PENDING, SIPEVENT_TERMINATED,
	};
	size_t i;

	for (i=0; i<ARRAY_SIZE(statev); ++i) {
		if (!pl_strcasecmp(word, sipevent_substate_name(statev[i])))
			return statev[i];
	}

	return (enum sipevent_subst)-1;
}


static enum sipevent_reason reason(const struct pl *word)
{
	static const enum sipevent_reason reasonv[] = {
		SIPEVENT_DEACTIVATED, SIPEVENT_PROBATION, SIPEVENT_REJECTED,
		SIPEVENT_TIMEOUT, SIPEVENT_GIVEUP, SIPEVENT_NORESOURCE,
	};
	size_t i;

	for (i=0; i<ARRAY_SIZE(reasonv); ++i) {
		if (!pl_strcasecmp(word, sipevent_reason_name(reasonv[i])))
			return reasonv[i];
	}

	return (enum sipevent_reason)-1;
}


/**
 * Decode the value of a Subscription-State header
 *
 * @return 0 if success, EBADMSG if it has no state
 */
int substate_decode(struct sipevent_substate *state, const struct pl *val)
{
	struct pl name, value, rest;

	memset(state, 0, sizeof(*state));
	state->reason = (enum sipevent_reason)-1;

	rest = *val;
	(void)token_cut(&value, &rest, ';');
	value.l = token_span(&value, " \t\r\n,");
	if (!value.l)
		return EBADMSG;

	state->state  = substate(&value);
	state->params = rest;

	while (token_param(&name, &value, &rest)) {
		token_unquote(&value);
		if (!pl_strcasecmp(&name, "reason"))
			state->reason = reason(&value);
		else if (!pl_strcasecmp(&name, "expires"))
			state->expires = value;
		else if (!pl_strcasecmp(&name, "retry-after"))
			state->retry_after = value;
	}

	return 0;
}
