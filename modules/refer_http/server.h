/**
 * @file server.h  Connections: one request each
 */
#ifndef REFER_HTTP_SERVER_H
#define REFER_HTTP_SERVER_H

struct conn;
struct server;

enum {
	CONNS_MAX    = 64,      /**< Connections                            */
	HELD_MAX     = 48,      /**< of these streams and those that wait   */
	HEAD_MAX     = 16384,   /**< Of a request [bytes]                   */
	BODY_MAX     = 65536,
	REQUEST_TIME = 10000,   /**< For a request, for a response to go on
				     [ms]                                   */
};

/** What becomes of requests */
struct server_handlers {

	/** The head has come: returns an object, which is dereferenced when
	    the connection is closed, as the message is; or has answered, and
	    returns NULL */
	void *(*headh)(struct conn *c, const struct http_msg *msg, void *arg);

	/** All of it has come. It answers, or holds the connection */
	void (*requesth)(void *req, const struct mbuf *body);

	/** It cannot be understood, or does not come: answer with this */
	void (*faulth)(struct conn *c, unsigned scode, const char *why,
		       void *arg);
};

typedef void (conn_h)(void *arg);

int  server_listen(struct server **sp, const struct sa *laddr,
		   const char *cert, const struct server_handlers *hs,
		   void *arg);
bool server_is_tls(const struct server *srv);
unsigned server_count(const struct server *srv);

void conn_send(struct conn *c, struct mbuf *resp);
int  conn_hold(struct conn *c, conn_h *readyh, conn_h *goneh, void *arg);
bool conn_ready(const struct conn *c);
uint64_t conn_taken(const struct conn *c);
int  conn_write(struct conn *c, struct mbuf *mb);
void conn_end(struct conn *c);
void conn_drop(struct conn *c);

#endif
