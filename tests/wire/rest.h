/**
 * @file rest.h  Client of the HTTP interface of a baresip under test: curl
 */
#ifndef REST_H
#define REST_H

/** Where bob's interface is */
#define REST_URL "http://127.0.0.2:8090"

/** Configuration of a baresip that is asked by rest() */
#define REST_TOKEN "0123456789abcdef"
#define CONFIG_REST "refer_http_listen 127.0.0.2:8090\n"

/** What its log says when it can be asked */
#define REST_LISTENS "refer_http: listening on "

/** A response */
struct rest {
	unsigned scode;
	const char *head;     /**< Its head, with the status line */
	const char *body;
	struct odict *od;     /**< Its body, NULL if it is no JSON */
};

struct rest rest_at(const char *file, int line, unsigned scode,
		    const char *method, const char *path, const char *body,
		    ...);
struct rest rest_raw_at(const char *file, int line, unsigned scode,
			const char *method, const char *path,
			const char *more);
int  rest_connect(void);
void rest_put(int fd, const char *text);
const char *rest_take(int fd);
const char *rest_str(const struct rest *r, const char *key);
int  rest_receiver(const char *addr);
void rest_wait(struct proc *p, const char *text);
void rest_refuse(unsigned id);

/** What curl gets, with more arguments of curl behind the body; the status
    code must be this one */
#define rest(scode, method, path, ...)					\
	rest_at(HERE, scode, method, path, __VA_ARGS__, NULL)

/** The same without curl; more is the request behind its first line */
#define rest_raw(scode, method, path, more)				\
	rest_raw_at(HERE, scode, method, path, more)

#endif
