/**
 * @file settings.c  What the configuration says
 *
 * A guard that cannot be what was asked for is shut: with any fault the module
 * does not listen. refer.so tells which keys are misspelt.
 */
#include <stdio.h>
#include <string.h>
#include <re.h>
#include <refer/baresip.h>
#include <refer/refer.h>
#include "libre.h"
#include "settings.h"


enum {
	TOKEN_MIN = 16,
	TOKEN_MAX = 128,
	LINE_SIZE = 512,
};


static void destructor(void *arg)
{
	struct settings *set = arg;

	mem_deref(set->token);
	mem_deref(set->origin);
	mem_deref(set->cert);
	mem_deref(set->webhook);
	mem_deref(set->webhook_token);
	mem_deref(set->webhook_ca);
}


static int fault(const char *key, const char *fmt, ...)
{
	char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	(void)re_vsdprintf(&text, fmt, ap);
	va_end(ap);

	warning("refer_http: %s: %s\n", key, text ? text : "out of memory");
	mem_deref(text);

	return EINVAL;
}


static int read_text(char **textp, const char *key)
{
	char buf[LINE_SIZE];
	int err;

	err = conf_get_str(conf_cur(), key, buf, sizeof(buf));
	if (err == ENOENT)
		return 0;

	if (err || !buf[0])
		return fault(key, "there is no value, or it is too long");

	return str_dup(textp, buf);
}


static int read_token_file(char **textp)
{
	char *path = NULL, line[LINE_SIZE] = "";
	FILE *f;
	int err;

	err = read_text(&path, "refer_http_token_file");
	if (err || !path)
		return err;

	if (*textp) {
		err = fault("refer_http_token_file", "there is"
			    " refer_http_token, too");
		goto out;
	}

	f = fopen(path, "r");
	if (!f || !fgets(line, sizeof(line), f))
		err = fault("refer_http_token_file", "%s cannot be read",
			    path);
	if (f)
		(void)fclose(f);

	line[strcspn(line, "\r\n")] = '\0';
	if (!err)
		err = str_dup(textp, line);

 out:
	mem_deref(path);

	return err;
}


/* As it may stand behind "Bearer" (RFC 6750 section 2.1) */
static int check_token(const char *token)
{
	static const char *const charv = "abcdefghijklmnopqrstuvwxyz"
		"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~+/=";
	const size_t len = str_len(token);

	if (!token)
		return 0;

	if (len < TOKEN_MIN || len > TOKEN_MAX || token[strspn(token, charv)])
		return fault("refer_http_token", "a token has %u to %u"
			     " characters of a-z A-Z 0-9 - . _ ~ + / =",
			     TOKEN_MIN, TOKEN_MAX);

	return 0;
}


static bool is_loopback(const struct sa *sa)
{
	static const struct in6_addr loop6 = IN6ADDR_LOOPBACK_INIT;

	if (sa_af(sa) == AF_INET)
		return sa_in(sa) >> 24 == 127;

	return !memcmp(&sa->u.in6.sin6_addr, &loop6, sizeof(loop6));
}


static int read_listen(struct settings *set, const char *text)
{
	if (!text)
		return 0;

	if (sa_decode(&set->listen, text, str_len(text)) ||
	    !sa_port(&set->listen))
		return fault("refer_http_listen", "%s is no address and port"
			     " (127.0.0.1:8090)", text);

	if (!is_loopback(&set->listen) && !set->token)
		return fault("refer_http_listen", "%s is no loopback address:"
			     " that needs refer_http_token", text);

	return 0;
}


static int check_origin(const char *origin)
{
	struct pl scheme, rest;

	if (!origin)
		return 0;

	if (re_regex(origin, str_len(origin), "[a-z]+://[^/]+", &scheme,
		     &rest) || scheme.p != origin ||
	    rest.p + rest.l != origin + str_len(origin))
		return fault("refer_http_origin", "%s is no origin"
			     " (https://desk.example.org)", origin);

	return 0;
}


static int check_webhook(struct settings *set, const char *events)
{
	const char *url = set->webhook;
	const bool tls = url && !strncmp(url, "https://", 8);

	if (url && !tls && strncmp(url, "http://", 7))
		return fault("refer_webhook", "%s is no http or https URL",
			     url);

	if (url && !libre_takes(url))
		return fault("refer_webhook", "this libre sends nothing to"
			     " %s: it needs http://HOST:PORT/PATH", url);

	if (tls && !libre_verifies())
		return fault("refer_webhook", "this libre does not verify"
			     " the certificate of %s: use http", url);

	if (tls && !set->webhook_ca)
		return fault("refer_webhook", "https needs refer_webhook_ca");

	set->webhook_all = !str_cmp(events, "all");
	if (events && !set->webhook_all && str_cmp(events, "ended"))
		return fault("refer_webhook_events", "%s is not allowed"
			     " (ended or all)", events);

	return 0;
}


/* refer.so has looked at each line of the file: of ours none may be wrong, and
   one that is unknown may be */
static int check_keys(void)
{
	char *text = NULL;
	bool in_force;
	int err;

	err = re_sdprintf(&text, "%H", refer_guard_print, &in_force);
	if (err)
		return err == ENOENT ? fault("refer.so", "it is not started")
			: err;

	if (strstr(text, "refer_http_") || strstr(text, "refer_webhook") ||
	    strstr(text, "this key is unknown"))
		err = fault("config", "%s", text);
	mem_deref(text);

	return err;
}


/**
 * Read the configuration; each fault is logged
 *
 * @param setp Pointer to allocated settings
 *
 * @return 0 if success, EINVAL with a fault, otherwise errorcode
 */
int settings_read(struct settings **setp)
{
	char *laddr = NULL, *events = NULL;
	struct settings *set;
	int err;

	set = mem_zalloc(sizeof(*set), destructor);
	if (!set)
		return ENOMEM;

	sa_init(&set->listen, AF_UNSPEC);

	err  = read_text(&laddr, "refer_http_listen");
	err |= read_text(&set->token, "refer_http_token");
	err |= read_token_file(&set->token);
	err |= read_text(&set->origin, "refer_http_origin");
	err |= read_text(&set->cert, "refer_http_cert");
	err |= read_text(&set->webhook, "refer_webhook");
	err |= read_text(&set->webhook_token, "refer_webhook_token");
	err |= read_text(&set->webhook_ca, "refer_webhook_ca");
	err |= read_text(&events, "refer_webhook_events");
	if (!err)
		err = check_token(set->token);
	if (!err)
		err = read_listen(set, laddr);
	if (!err)
		err = check_origin(set->origin);
	if (!err)
		err = check_webhook(set, events);
	if (!err && (laddr || set->webhook))
		err = check_keys();

	mem_deref(laddr);
	mem_deref(events);
	if (err)
		mem_deref(set);
	else
		*setp = set;

	return err;
}


static int host_handler(const struct pl *val, void *arg)
{
	return pl_casecmp(val, arg) ? 0 : EALREADY;
}


/** Tell whether refer_http_host has a name */
bool settings_host(const struct pl *name)
{
	struct pl pl = *name;

	return conf_apply(conf_cur(), "refer_http_host", host_handler, &pl)
		== EALREADY;
}
