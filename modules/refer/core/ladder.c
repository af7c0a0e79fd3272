/**
 * @file ladder.c  The messages of one transfer
 *
 * Of each message a short copy is kept: its first line, and what matters to a
 * transfer. Nobody can fill the memory with them: a text that is too long is
 * left out whole, and of too many messages those behind the first ones are.
 */
#include <string.h>
#include <re.h>
#include "core/ladder.h"
#include "host/libre.h"
#include "syntax/text.h"


enum {
	RUNGS_MAX = 64,        /* Messages of a transfer                  */
	FIRST     = 8,         /* of which the first ones always stay     */
	TEXT_MAX  = 1024,      /* Of one message [bytes]                  */
	SIZE_SUM  = 8192,      /* Of all its messages [bytes]             */
	SPARE     = 8,         /* For the ends of lines and texts         */
};

/** A message */
struct rung {
	struct le le;
	struct refer_message msg;  /**< Its texts are those below        */
	size_t size;
	char text[];
};

/** The texts of a message, one behind the other */
struct draft {
	struct refer_message msg;
	size_t begin;              /**< Of the one that is being added   */
	size_t size;
	char buf[TEXT_MAX];
};

/** The headers that matter */
static const struct {
	const char *name;
	enum sip_hdrid id;
} headerv[] = {
	{"Refer-To",           SIP_HDR_REFER_TO},
	{"Replaces",           SIP_HDR_REPLACES},
	{"Event",              SIP_HDR_EVENT},
	{"Subscription-State", SIP_HDR_SUBSCRIPTION_STATE},
	{"Warning",            SIP_HDR_WARNING},
};


REFER_API const char *refer_party_name(enum refer_party party)
{
	static const char *const namev[] = {
		[REFER_PARTY_ACCOUNT] = "account",
		[REFER_PARTY_PEER]    = "peer",
		[REFER_PARTY_TARGET]  = "target",
	};

	return (unsigned)party < ARRAY_SIZE(namev) ? namev[party] : "?";
}


/* A fold counts as a blank (RFC 3261 section 7.3.1), and so does what would
   end the text */
static void flatten(char *p, size_t len)
{
	static const char badv[] = {'\0', '\r', '\n'};
	char *bad;
	size_t i;

	for (i=0; i<ARRAY_SIZE(badv); ++i) {
		while ((bad = memchr(p, badv[i], len)))
			*bad = ' ';
	}
}


/* Add a line of some parts, behind which is pl_null, or nothing of it */
static void add_line(struct draft *d, const struct pl *partv)
{
	const struct pl *part;
	char *p = &d->buf[d->size];
	size_t len = 0;

	for (part = partv; part->p; ++part)
		len += part->l;

	if (len + SPARE > sizeof(d->buf) - d->size) {
		d->msg.cut = true;
		return;
	}

	if (d->size > d->begin)
		*p++ = '\n';

	d->size = (size_t)(p - d->buf) + len;
	for (part = partv; part->p; ++part) {
		memcpy(p, part->p, part->l);
		p += part->l;
	}
	flatten(p - len, len);
}


/* The lines that were added since the last text are one; NULL if there are
   none */
static const char *end_text(struct draft *d)
{
	const char *text = &d->buf[d->begin];

	if (d->size == d->begin)
		return NULL;

	d->buf[d->size++] = '\0';
	d->begin = d->size;

	return text;
}


static const char *add_text(struct draft *d, const struct pl *text)
{
	const struct pl partv[] = {*text, PL_INIT};

	add_line(d, partv);

	return end_text(d);
}


static void add_header(struct draft *d, const char *name,
		       const struct pl *val)
{
	struct pl partv[] = {PL_INIT, PL(": "), *val, PL_INIT};

	pl_set_str(&partv[0], name);
	add_line(d, partv);
}


static bool header_handler(const struct sip_hdr *hdr,
			   const struct sip_msg *msg, void *arg)
{
	size_t i;
	(void)msg;

	for (i=0; i<ARRAY_SIZE(headerv); ++i) {
		if (headerv[i].id == hdr->id)
			add_header(arg, headerv[i].name, &hdr->val);
	}

	return false;
}


/* Of lines that we have written; rest is left at the body */
static void add_own_headers(struct draft *d, struct pl *rest)
{
	struct pl name, val;
	size_t i;

	while (text_cut(&val, rest, '\n') && val.l > 1) {

		(void)text_cut(&name, &val, ':');
		text_trim(&val);

		for (i=0; i<ARRAY_SIZE(headerv); ++i) {
			if (text_is(&name, headerv[i].name))
				add_header(d, headerv[i].name, &val);
		}
	}
}


/* The first line of a body */
static const char *add_sipfrag(struct draft *d, struct pl body)
{
	struct pl line;

	(void)text_cut(&line, &body, '\n');
	text_trim(&line);

	return add_text(d, &line);
}


static void add_request_line(struct draft *d, const struct pl *met,
			     const struct pl *uri)
{
	const struct pl partv[] = {
		*met, PL(" "), *uri, PL(" SIP/2.0"), PL_INIT
	};

	d->msg.method = add_text(d, met);
	add_line(d, partv);
	d->msg.line = end_text(d);
}


static void add_status_line(struct draft *d, const struct pl *met,
			    uint16_t scode, const struct pl *reason)
{
	const char code[] = {
		(char)('0' + scode / 100), (char)('0' + scode / 10 % 10),
		(char)('0' + scode % 10), ' '
	};
	const struct pl partv[] = {
		PL("SIP/2.0 "), {code, sizeof(code)}, *reason, PL_INIT
	};

	d->msg.method = add_text(d, met);
	d->msg.scode  = scode;
	add_line(d, partv);
	d->msg.line = end_text(d);
}


static void destructor(void *arg)
{
	struct rung *r = arg;

	list_unlink(&r->le);
}


/* Make room for the newest one: of those behind the first ones the oldest
   goes */
static void drop(struct ladder *l)
{
	struct le *le = l->l.head;
	struct rung *r, *next;
	unsigned i;

	for (i=0; i<FIRST && le->next->next; ++i)
		le = le->next;

	r    = le->data;
	next = le->next->data;
	next->msg.skipped += r->msg.skipped + 1;
	l->size -= r->size;
	--l->n;
	mem_deref(r);
}


static const char *moved(const struct rung *r, const struct draft *d,
			 const char *text)
{
	return text ? r->text + (text - d->buf) : NULL;
}


/* A response that comes again: libre has not seen it yet */
static bool is_copy(const struct ladder *l, const struct draft *d)
{
	const struct rung *r = list_ledata(l->l.tail);

	return r && d->msg.scode && d->msg.to == REFER_PARTY_ACCOUNT &&
		r->msg.from == d->msg.from && r->size == d->size &&
		!memcmp(r->text, d->buf, d->size);
}


static void append(struct ladder *l, const struct draft *d)
{
	struct rung *r;

	if (is_copy(l, d))
		return;

	r = mem_zalloc(sizeof(*r) + d->size, destructor);
	if (!r)
		return;

	memcpy(r->text, d->buf, d->size);
	r->size = d->size;
	r->msg  = d->msg;
	r->msg.ts      = tmr_jiffies();
	r->msg.method  = moved(r, d, d->msg.method);
	r->msg.line    = moved(r, d, d->msg.line);
	r->msg.headers = moved(r, d, d->msg.headers);
	r->msg.sipfrag = moved(r, d, d->msg.sipfrag);

	list_append(&l->l, &r->le, r);
	l->size += r->size;
	++l->n;

	while (l->n > RUNGS_MAX || l->size > SIZE_SUM)
		drop(l);
}


/** Add a request or a response that has come; l may be NULL */
void ladder_received(struct ladder *l, enum refer_party from,
		     const struct sip_msg *msg)
{
	struct draft d = {.begin = 0, .size = 0};
	size_t i;

	if (!l)
		return;

	d.msg.from = from;
	d.msg.to   = REFER_PARTY_ACCOUNT;
	if (msg->req)
		add_request_line(&d, &msg->met, &msg->ruri);
	else
		add_status_line(&d, &msg->cseq.met, msg->scode, &msg->reason);

	for (i=0; i<ARRAY_SIZE(headerv); ++i)
		(void)sip_msg_hdr_apply(msg, true, headerv[i].id,
					header_handler, &d);
	d.msg.headers = end_text(&d);

	if (msg->req && !pl_strcmp(&msg->met, "NOTIFY")) {
		const struct pl body = {
			(const char *)mbuf_buf(msg->mb),
			mbuf_get_left(msg->mb)
		};

		d.msg.sipfrag = add_sipfrag(&d, body);
	}

	append(l, &d);
}


/** Add a request that was sent; text has its headers, and the body of a
    NOTIFY. l may be NULL */
void ladder_request(struct ladder *l, enum refer_party to, const char *met,
		    const char *uri, const struct pl *text)
{
	struct draft d = {.begin = 0, .size = 0};
	struct pl pl, ruri, rest = *text;

	if (!l)
		return;

	pl_set_str(&pl, met);
	pl_set_str(&ruri, uri);

	d.msg.from = REFER_PARTY_ACCOUNT;
	d.msg.to   = to;
	add_request_line(&d, &pl, &ruri);
	add_own_headers(&d, &rest);
	d.msg.headers = end_text(&d);
	if (!strcmp(met, "NOTIFY"))
		d.msg.sipfrag = add_sipfrag(&d, rest);

	append(l, &d);
}


/** Add a response that was sent to the peer; text has its headers. l may be
    NULL */
void ladder_response(struct ladder *l, const struct pl *met,
		     uint16_t scode, const char *reason,
		     const struct pl *text)
{
	struct draft d = {.begin = 0, .size = 0};
	struct pl pl, rest = *text;

	if (!l)
		return;

	pl_set_str(&pl, reason);

	d.msg.from = REFER_PARTY_ACCOUNT;
	d.msg.to   = REFER_PARTY_PEER;
	add_status_line(&d, met, scode, &pl);
	add_own_headers(&d, &rest);
	d.msg.headers = end_text(&d);

	append(l, &d);
}


/** Show all to a handler */
int ladder_apply(const struct ladder *l, refer_message_h *h, void *arg)
{
	struct le *le;
	int err = 0;

	LIST_FOREACH(&l->l, le) {
		const struct rung *r = le->data;

		err |= h(&r->msg, arg);
	}

	return err;
}
