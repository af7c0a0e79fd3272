/**
 * @file connection.c  The connection that a REFER came over, while it waits
 *
 * When it is closed the response goes to the address in Via (RFC 3261 section
 * 18.2.2), where nobody may listen: libre does not report that. It reports the
 * end of a connection that is kept alive, as this one is until the answer, for
 * an application that wants to know. Its timer of pings goes on after that.
 */
#include <re.h>
#include "core/core.h"
#include "host/host.h"
#include "host/libre.h"
#include "refer.h"
#include "referee/server.h"


enum {
	/* 1.x multiplies it with up to 1000, in 32 bits: 40 days or more */
	PING_INTERVAL = UINT32_MAX / 1000,     /* [s] */
};


static void lost_handler(void *arg)
{
	struct refer_server *srv = arg;

	info("refer: #%u the connection of the referrer is closed\n", srv->id);

	if (srv->delegate && srv->delegate->errorh)
		srv->delegate->errorh(srv, ECONNRESET, srv->arg);
}


/* libre goes through a list, of which an application could end others */
static void keepalive_handler(int err, void *arg)
{
	struct refer_server *srv = arg;
	(void)err;

	tmr_start(&srv->tmr_lost, 0, lost_handler, srv);
}


/** Report to the delegate of a REFER that waits if its connection is closed;
    over UDP there is none */
void server_watch_connection(struct refer_server *srv)
{
	if (srv->state != REFER_WAITING || srv->keepalive ||
	    !srv->delegate || !srv->delegate->errorh)
		return;

	if (srv->msg->tp == SIP_TRANSP_TCP || srv->msg->tp == SIP_TRANSP_TLS)
		(void)sip_keepalive_start(&srv->keepalive, srv->refer->sip,
					  srv->msg, PING_INTERVAL,
					  keepalive_handler, srv);
}


/** The REFER is answered, or over */
void server_unwatch_connection(struct refer_server *srv)
{
	tmr_cancel(&srv->tmr_lost);
	srv->keepalive = mem_deref(srv->keepalive);
}
