/**
 * @file module.c  The module: HTTP for transfers
 *
 * @defgroup refer_http refer_http
 *
 * REST resources, a stream of events, a webhook, metrics, and a page for
 * people, on the C API of refer.so, which is loaded first. See docs/http.md.
 *
 * Sample config:
 *
 \verbatim
  module_app            refer.so
  module_app            refer_http.so

  refer_http_listen     127.0.0.1:8090
  refer_http_token      SECRET-OF-16-CHARACTERS
  refer_webhook         http://127.0.0.1:9000/transfers
 \endverbatim
 */
#include <re.h>
#include <refer/baresip.h>
#include <refer/refer.h>
#include "http.h"


static struct http http;
static struct tmr tmr;


static void request_destructor(void *arg)
{
	struct request *req = arg;

	mem_deref(req->id);
	mem_deref(req->body);
}


static void *head_handler(struct conn *c, const struct http_msg *msg,
			  void *arg)
{
	struct request *req;

	req = mem_zalloc(sizeof(*req), request_destructor);
	if (!req) {
		conn_drop(c);
		return NULL;
	}

	req->http = arg;
	req->conn = c;
	req->msg  = msg;
	if (!guard_pass(req))
		req = mem_deref(req);

	return req;
}


static void request_handler(void *arg, const struct mbuf *body)
{
	struct request *req = arg;
	int err;

	err = body_decode(&req->body, body);
	if (err) {
		problem(req, err == EBADMSG ? 400 : 500, NULL,
			"the body is no object of JSON");
		return;
	}

	err = feed_carry_out(req);
	if (err)
		problem_errno(req, err, "request");
}


static void fault_handler(struct conn *c, unsigned scode, const char *why,
			  void *arg)
{
	const struct request req = {.http = arg, .conn = c};

	problem(&req, scode, NULL, "%s", why);
}


static const struct server_handlers handlers = {
	head_handler, request_handler, fault_handler
};


static void stop(void)
{
	feed_close();
	http.server  = mem_deref(http.server);
	http.waiters = mem_deref(http.waiters);
	http.events  = mem_deref(http.events);
	http.webhook = mem_deref(http.webhook);
	http.set     = mem_deref(http.set);
}


static int listen_on(const struct settings *set)
{
	int err;

	if (!sa_isset(&set->listen, SA_ALL))
		return 0;

	err = server_listen(&http.server, &set->listen, set->cert, &handlers,
			    &http);
	if (err)
		warning("refer_http: cannot listen on %J%s%s: %m\n",
			&set->listen, set->cert ? " with " : "",
			set->cert ? set->cert : "", err);
	else
		info("refer_http: listening on %s://%J\n",
		     set->cert ? "https" : "http", &set->listen);

	return err;
}


static int start(void)
{
	int err;

	err = settings_read(&http.set);
	if (err || (!sa_isset(&http.set->listen, SA_ALL) &&
		    !http.set->webhook))
		return err;

	err  = events_alloc(&http.events);
	err |= waiters_alloc(&http.waiters);
	if (!err && http.set->webhook)
		err = webhook_alloc(&http.webhook, http.set);
	if (!err)
		err = listen_on(http.set);
	if (!err)
		err = feed_init(&http);

	return err;
}


/* All modules are loaded, so that refer.so has read the configuration */
static void tmr_handler(void *arg)
{
	(void)arg;

	if (start()) {
		warning("refer_http: not started\n");
		stop();
	}
}


static int module_init(void)
{
	tmr_init(&tmr);
	tmr_start(&tmr, 0, tmr_handler, NULL);

	return 0;
}


static int module_close(void)
{
	tmr_cancel(&tmr);
	stop();

	return 0;
}


__attribute__((visibility("default")))
const struct mod_export DECL_EXPORTS(refer_http) = {
	"refer_http",
	"application",
	module_init,
	module_close
};
