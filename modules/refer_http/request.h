/**
 * @file request.h  One request, and its response
 */
#ifndef REFER_HTTP_REQUEST_H
#define REFER_HTTP_REQUEST_H

struct conn;
struct http;
struct route;

/** A request */
struct request {
	struct http *http;
	struct conn *conn;
	const struct http_msg *msg; /**< NULL if it is not understood    */
	const struct route *route;
	char *id;                  /**< Of the path, decoded, or NULL    */
	struct odict *body;        /**< Of a POST, maybe empty           */
	bool trusted;              /**< It has the token, or needs none  */
};

/**
 * Answers a request, or holds its connection
 *
 * @param req Request
 *
 * @return 0 if success, otherwise errorcode, which is the answer then
 */
typedef int (route_h)(struct request *req);


/* Responses; hdrs is whole lines, or NULL. They take the connection */

void reply(const struct request *req, unsigned scode, const char *ctype,
	   const char *hdrs, const struct mbuf *body);
int  reply_object(const struct request *req, unsigned scode,
		  const char *hdrs, const struct odict *od);
int  reply_text(const struct request *req, const char *ctype,
		const char *hdrs, re_printf_h *h, void *arg);
int  reply_head(struct mbuf *mb, const struct request *req, unsigned scode,
		const char *ctype, const char *hdrs);
int  problem(const struct request *req, unsigned scode, const char *property,
	     const char *fmt, ...);
int  problem_hdrs(const struct request *req, unsigned scode,
		  const char *hdrs, const char *fmt, ...);
int  problem_errno(const struct request *req, int err, const char *what);

bool query_param(struct pl *val, const struct http_msg *msg,
		 const char *name);


/* Properties of a body */

/** What a property can be */
enum prop_type {
	PROP_TEXT,                 /**< const char *                     */
	PROP_BOOL,                 /**< enum refer_choice                */
	PROP_CHOICE,               /**< the same: yes is the second name */
	PROP_NUMBER,               /**< uint32_t, in a range             */
	PROP_OBJECT,               /**< struct odict *: texts by name    */
	PROP_LIST,                 /**< struct odict *: texts            */
};

/** A property, and its place */
struct prop {
	const char *name;
	enum prop_type type;
	size_t offset;
	uint32_t first;            /**< Of a number; how many of a list  */
	uint32_t last;
	const char *namev[2];      /**< Of a choice                      */
};

int props_decode(void *dst, const struct prop *propv, size_t n,
		 const struct request *req);
int body_decode(struct odict **bodyp, const struct mbuf *mb);

#endif
