/**
 * @file libre.h  What differs between the releases of libre and baresip
 */
#ifndef REFER_HTTP_LIBRE_H
#define REFER_HTTP_LIBRE_H

#ifndef ARRAY_SIZE
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#endif

#if LIBRE_MAJOR > 1
/* Exported, but declared for those only that are compiled with USE_TLS */
int http_client_add_ca(struct http_cli *cli, const char *tls_ca);
#endif

#if LIBRE_MAJOR < 3
#define LIBRE_TLS TLS_METHOD_SSLV23

/** Whether the client verifies the certificate of an https server */
static inline bool libre_verifies(void)
{
	return false;
}


/** Whether the client takes a URL: it needs a path, and cannot read the
    address in [::1] */
static inline bool libre_takes(const char *url)
{
	return !re_regex(url, str_len(url), "[a-z]+://[^:/]+[:]*[0-9]*/[^]*",
			 NULL, NULL, NULL, NULL, NULL);
}


/** Send a request; 3.x and 4.x can have the body from a handler, too */
#define libre_request(reqp, cli, met, uri, resph, arg, ...)		\
	http_request(reqp, cli, met, uri, resph, NULL, arg, __VA_ARGS__)
#else
/** A call that we make is an event: BEVENT_CALL_OUTGOING, in an enum */
#define HAVE_OUTGOING

#define LIBRE_TLS TLS_METHOD_TLS

static inline bool libre_verifies(void)
{
	return true;
}

static inline bool libre_takes(const char *url)
{
	(void)url;

	return true;
}

#define libre_request(reqp, cli, met, uri, resph, arg, ...)		\
	http_request(reqp, cli, met, uri, resph, NULL, NULL, arg,	\
		     __VA_ARGS__)
#endif

#endif
