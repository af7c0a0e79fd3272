/**
 * @file ladder.c  The messages of a transfer, as JSON or as a picture
 *
 * In the picture time goes down; each end has a line, and each message is an
 * arrow between two of them.
 */
#include <string.h>
#include <re.h>
#include <refer/baresip.h>
#include <refer/refer.h>
#include "http.h"
#include "libre.h"


enum {
	HASH_SIZE  = 32,
	LANE_FIRST = 120,        /* of the picture [px]         */
	LANE_WIDTH = 320,
	ROW_FIRST  = 60,
	ROW_HEIGHT = 36,
	LABEL_MAX  = 44,         /* of a label [bytes]          */
	PARTIES    = REFER_PARTY_TARGET + 1,
};

/** A ladder that is being written */
struct ladder {
	const struct refer_transfer *t;
	struct odict *array;
	struct re_printf *pf;
	uint32_t n;
};


static int object_handler(const struct refer_message *msg, void *arg)
{
	struct ladder *l = arg;
	struct odict *od;
	int err;

	err = odict_alloc(&od, HASH_SIZE);
	if (err)
		return err;

	err  = refer_message_encode(od, l->t, msg);
	err |= array_add(l->array, l->n++, ODICT_OBJECT, od);
	mem_deref(od);

	return err;
}


static int reply_json(const struct request *req,
		      const struct refer_transfer *t)
{
	struct ladder l = {.t = t};
	struct odict *od = NULL;
	int err;

	err = odict_alloc(&od, HASH_SIZE);
	if (!err)
		err = odict_alloc(&l.array, HASH_SIZE);
	if (!err)
		err = transfer_encode(od, t, false);
	if (!err)
		err = refer_ladder_apply(t->id, object_handler, &l);
	if (!err)
		err = odict_entry_add(od, "messages", ODICT_ARRAY, l.array);
	if (!err)
		err = reply_object(req, 200, NULL, od);

	mem_deref(l.array);
	mem_deref(od);

	return err;
}


/** Text to print, and how much of it */
struct label {
	const char *str;
	size_t max;
};


/* Nothing of a peer is markup; what is too long ends at a whole character */
static int print_label(struct re_printf *pf, const struct label *label)
{
	struct pl pl;
	char *str;
	size_t i;
	int err;

	pl_set_str(&pl, label->str ? label->str : "");
	err = re_sdprintf(&str, "%H", refer_text_print, &pl);
	if (err)
		return err;

	for (i=0; str[i]; ++i) {

		if (i >= label->max && (str[i] & 0xc0) != 0x80)
			break;

		switch (str[i]) {

		case '<': err |= re_hprintf(pf, "&lt;");   break;
		case '>': err |= re_hprintf(pf, "&gt;");   break;
		case '&': err |= re_hprintf(pf, "&amp;");  break;
		case '"': err |= re_hprintf(pf, "&quot;"); break;
		default:  err |= pf->vph(&str[i], 1, pf->arg);
		}
	}

	if (str[i])
		err |= re_hprintf(pf, "..");
	mem_deref(str);

	return err;
}


static unsigned lane(enum refer_party party)
{
	return LANE_FIRST + LANE_WIDTH * (party == REFER_PARTY_PEER ? 0 :
			    party == REFER_PARTY_ACCOUNT ? 1 : 2);
}


static int arrow_handler(const struct refer_message *msg, void *arg)
{
	struct ladder *l = arg;
	const unsigned y = ROW_FIRST + ROW_HEIGHT * ++l->n;
	const unsigned x1 = lane(msg->from), x2 = lane(msg->to);
	const struct label label = {msg->line ? msg->line : msg->method,
				    LABEL_MAX};

	return re_hprintf(l->pf, "<text x=\"8\" y=\"%u\" class=\"t\">%llu ms"
			  "</text><path d=\"M%u %uH%u\" class=\"%s\"/>"
			  "<text x=\"%u\" y=\"%u\" class=\"m\">%H</text>\n",
			  y, (unsigned long long)(msg->ts - l->t->ts), x1, y,
			  x2 + (x1 < x2 ? -6 : 6), msg->scode >= 300 ? "f" :
			  "a", (x1 + x2) / 2, y - 6, print_label, &label);
}


static int count_handler(const struct refer_message *msg, void *arg)
{
	uint32_t *n = arg;
	(void)msg;

	++*n;

	return 0;
}


static int print_lane(struct re_printf *pf, enum refer_party party,
		      const struct pl *name, unsigned bottom)
{
	char buf[LABEL_MAX + 8] = "";
	const struct label label = {buf, LABEL_MAX};
	struct pl pl = *name;

	pl.l = min(pl.l, sizeof(buf) - 1);
	(void)pl_strcpy(&pl, buf, sizeof(buf));

	return re_hprintf(pf, "<text x=\"%u\" y=\"28\" class=\"p\">%H</text>"
			  "<path d=\"M%u 40V%u\" class=\"l\"/>\n",
			  lane(party), print_label, &label, lane(party),
			  bottom);
}


static int print_svg(struct re_printf *pf, const struct refer_transfer *t)
{
	struct ladder l = {.t = t, .pf = pf};
	struct pl account, target;
	unsigned bottom;
	uint32_t n = 0;
	int err;

	(void)refer_ladder_apply(t->id, count_handler, &n);
	bottom = ROW_FIRST + ROW_HEIGHT * (n + 1);
	pl_set_str(&account, t->account ? t->account : "");
	pl_set_str(&target, t->target ? t->target : "");

	err = re_hprintf(pf, "<svg xmlns=\"http://www.w3.org/2000/svg\""
			 " width=\"%u\" height=\"%u\">\n"
			 "<style>text{font:12px sans-serif;"
			 "text-anchor:middle}.t{text-anchor:start;fill:#777}"
			 ".p{font-weight:bold}path{stroke:#333}"
			 ".l{stroke:#bbb}.f{stroke:#b00020}"
			 ".a,.f{marker-end:url(#h)}</style>\n"
			 "<defs><marker id=\"h\" orient=\"auto\" refX=\"2\""
			 " refY=\"3\" markerWidth=\"8\" markerHeight=\"6\">"
			 "<path d=\"M0 0L8 3L0 6z\"/></marker></defs>\n"
			 "<rect width=\"100%%\" height=\"100%%\""
			 " fill=\"#fff\"/>\n",
			 2 * LANE_FIRST + 2 * LANE_WIDTH, bottom);
	err |= print_lane(pf, REFER_PARTY_PEER, &t->peer, bottom);
	err |= print_lane(pf, REFER_PARTY_ACCOUNT, &account, bottom);
	err |= print_lane(pf, REFER_PARTY_TARGET, &target, bottom);
	err |= refer_ladder_apply(t->id, arrow_handler, &l);
	err |= re_hprintf(pf, "</svg>\n");

	return err;
}


static bool accept_handler(const struct http_hdr *hdr, void *arg)
{
	struct pl type;
	(void)arg;

	return !re_regex(hdr->val.p, hdr->val.l, "[^; ,]+", &type) &&
		!pl_strcasecmp(&type, "image/svg+xml");
}


int transfer_ladder(struct request *req)
{
	struct refer_transfer t;

	if (!transfer_find(&t, req))
		return 0;

	/* libre makes a header of each part of a list */
	if (!http_msg_xhdr_apply(req->msg, true, "Accept", accept_handler,
				 NULL))
		return reply_json(req, &t);

	return reply_text(req, "image/svg+xml",
			  "Content-Security-Policy: default-src 'none';"
			  " style-src 'unsafe-inline'\r\n",
			  (re_printf_h *)print_svg, &t);
}
