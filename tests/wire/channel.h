/**
 * @file channel.h  A command over any of the channels of baresip
 */
#ifndef CHANNEL_H
#define CHANNEL_H

/** A way for a command to get to baresip, and for its answer to come back */
struct channel {
	const char *name;
	/** All bytes that come back, with those that are of this one time
	    replaced: the token by "T" */
	const char *(*ask)(const char *cmd, const char *prm);
	/** What they should be, for this answer of the module */
	const char *(*wrap)(const char *answer, bool ok);
};

extern const struct channel channel_console;
extern const struct channel channel_http;
extern const struct channel channel_raw;
extern const struct channel channel_ctrl;
extern const struct channel channel_mqtt;

const char *replaced(const char *text, const char *what, const char *by);

#endif
