/**
 * @file conn.h  A connection, as the files that make up the server see it
 */
#ifndef REFER_HTTP_CONN_H
#define REFER_HTTP_CONN_H

#include "server.h"

enum conn_state {
	CONN_READING,
	CONN_SERVING,            /* It has all of its request  */
	CONN_HELD,               /* A stream, or it waits      */
	CONN_WRITING,            /* The response, then its end */
	CONN_ENDING,             /* Nothing more is read      */
};

struct server {
	struct list connl;       /**< struct conn, the oldest first */
	struct tcp_sock *ts;
	struct tls *tls;             /**< NULL without TLS */
	const struct server_handlers *hs;
	void *arg;
	unsigned heldc;
};

struct conn {
	struct le le;
	struct server *srv;
	struct tcp_conn *tc;
	struct tls_conn *sc;
	struct tmr tmr;
	struct mbuf *mb;         /* What has come of the head, or body  */
	struct http_msg *msg;    /* The head, once it is there          */
	void *req;               /* What the head handler made of it    */
	struct mbuf *out;        /* What libre has not been given yet   */
	uint64_t written;        /* Of one that is held [bytes]         */
	enum conn_state state;
	bool unread;             /* Some of the request may still come  */
	conn_h *readyh;          /* Of one that is held                 */
	conn_h *goneh;
	void *arg;
};

void conn_close(struct conn *c);
void conn_receive(struct mbuf *mb, void *arg);
void conn_late(void *arg);

#endif
