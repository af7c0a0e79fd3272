/**
 * @file settings.h  What the configuration says
 */
#ifndef REFER_HTTP_SETTINGS_H
#define REFER_HTTP_SETTINGS_H

/** Settings; texts are NULL where there are none */
struct settings {
	struct sa listen;        /**< Not set: do nothing                */
	char *token;
	char *origin;
	char *cert;
	char *webhook;
	char *webhook_token;
	char *webhook_ca;
	bool webhook_all;        /**< All events, not referEnded only    */
};

int  settings_read(struct settings **setp);
bool settings_host(const struct pl *name);

#endif
