/**
 * @file redirect.c  Where a 3xx sends us (RFC 3261 section 8.1.3.4)
 *
 * Its Contacts are tried one after the other, the highest q first, and each
 * once, also if it is named again by another 3xx.
 */
#include <ctype.h>
#include <re.h>
#include "core/redirect.h"
#include "syntax/token.h"
#include "syntax/uri.h"


enum {
	CONTACTS_MAX = 16,     /* more are not looked at */
	Q_MAX        = 1000,   /* q=1, or none           */
};

struct contact {
	struct le le;
	char *val;
	uint32_t q;            /* in thousandths */
	bool tried;
};


static void destructor(void *arg)
{
	struct contact *c = arg;

	list_unlink(&c->le);
	mem_deref(c->val);
}


/* "0", "0.25", "1.000"; what is none of these comes last */
static uint32_t decode_q(const struct sip_addr *addr)
{
	uint32_t q = 0, unit = Q_MAX;
	struct pl val;
	size_t i;

	if (msg_param_decode(&addr->params, "q", &val))
		return Q_MAX;

	for (i=0; i<val.l && unit; ++i) {
		const char ch = val.p[i];

		if (i == 1 ? ch != '.' : !isdigit((unsigned char)ch))
			return 0;

		if (i != 1) {
			q += (uint32_t)(ch - '0') * unit;
			unit /= 10;
		}
	}

	return q > Q_MAX ? 0 : q;
}


static bool is_known(const struct list *l, const struct pl *uri)
{
	struct le *le;

	LIST_FOREACH(l, le) {
		const struct contact *c = le->data;
		struct sip_addr addr;
		struct pl val;

		pl_set_str(&val, c->val);
		if (!sip_addr_decode(&addr, &val) && !pl_cmp(&addr.auri, uri))
			return true;
	}

	return false;
}


static void insert(struct list *l, struct contact *c)
{
	struct le *le;

	for (le = list_tail(l); le; le = le->prev) {
		if (((struct contact *)le->data)->q >= c->q)
			break;
	}

	if (le)
		list_insert_after(l, le, &c->le, c);
	else
		list_prepend(l, &c->le, c);
}


static int add(struct list *l, struct pl *val)
{
	struct sip_addr addr;
	struct contact *c;
	size_t n;

	/* libre would find a '<' in the display name */
	n = token_span(val, "<");
	if (n < val->l)
		pl_advance(val, (ssize_t)n);

	if (sip_addr_decode(&addr, val) || is_known(l, &addr.auri))
		return 0;

	c = mem_zalloc(sizeof(*c), destructor);
	if (!c)
		return ENOMEM;

	if (pl_strdup(&c->val, val)) {
		mem_deref(c);
		return ENOMEM;
	}

	c->q = decode_q(&addr);
	insert(l, c);

	return 0;
}


/** Add the Contacts of a 3xx to a list, which is flushed in the end. They are
    read from the lines: libre divides those at a comma in <> as well */
void redirect_add(struct list *l, const struct sip_msg *msg)
{
	struct le *le;
	int err = 0;

	LIST_FOREACH(&msg->hdrl, le) {
		const struct sip_hdr *hdr = le->data;
		struct pl rest = hdr->val, val;

		if (hdr->id != SIP_HDR_CONTACT)
			continue;

		while (!err && list_count(l) < CONTACTS_MAX &&
		       token_cut_addr(&val, &rest))
			err = add(l, &val);
	}
}


/** Take the best one that was not tried: its name-addr or URI with parameters,
    to be dereferenced; NULL if there is none */
char *redirect_take(struct list *l)
{
	struct le *le;

	LIST_FOREACH(l, le) {
		struct contact *c = le->data;

		if (!c->tried) {
			c->tried = true;
			return mem_ref(c->val);
		}
	}

	return NULL;
}


/** The same, but the best one that has a valid URI: that, without headers */
char *redirect_take_uri(struct list *l)
{
	char *val, *str = NULL;

	while (!str && (val = redirect_take(l))) {
		struct sip_addr addr;
		struct uri uri;
		struct pl pl;

		pl_set_str(&pl, val);
		if (!sip_addr_decode(&addr, &pl) &&
		    !uri_decode_strict(&uri, &addr.auri)) {
			uri.headers = pl_null;
			(void)re_sdprintf(&str, "%H", uri_encode, &uri);
		}
		mem_deref(val);
	}

	return str;
}


/** Tell whether others are tried after a final response. Not if it comes from
    the callee: busy (486), or a 6xx, which is for all places */
bool redirect_goes_on(uint16_t scode)
{
	return scode >= 300 && scode < 600 && scode != 486;
}
