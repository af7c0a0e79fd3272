/**
 * @file answer.c  The answer of a command on its way out
 *
 * As text, or as a JSON object when the word "json" is among the parameters.
 * httpd of baresip 1.x puts it into an HTML page as it is, and does not reply
 * at all when a command returns an error. Both are seen to here.
 */
#include <string.h>
#include <re.h>
#include "console/command.h"
#include "console/fields.h"
#include "core/core.h"
#include "core/transfers.h"
#include "host/libre.h"
#include "syntax/text.h"


/** An answer on its way to a page */
struct page {
	struct re_printf pf;
	struct re_printf *to;
};


static int probe(struct re_printf *pf, re_vprintf_h **vphp)
{
	*vphp = pf->vph;

	return 0;
}


/*
 * httpd prints with mbuf_printf("%H"), and is known by the print function of
 * it; the channels that can carry an error have one of their own.
 */
static bool is_mbuf_printf(const struct re_printf *pf)
{
	re_vprintf_h *vph = NULL;
	struct mbuf *mb;

	mb = mbuf_alloc(8);
	if (!mb)
		return false;

	(void)mbuf_printf(mb, "%H", probe, &vph);
	mem_deref(mb);

	return pf->vph == vph;
}


static int html_handler(const char *p, size_t size, void *arg)
{
	const struct page *page = arg;
	struct re_printf *to = page->to;
	size_t i;
	int err = 0;

	for (i=0; i<size && !err; ++i) {

		switch (p[i]) {

		case '&':
			err = to->vph("&amp;", 5, to->arg);
			break;

		case '<':
			err = to->vph("&lt;", 4, to->arg);
			break;

		case '>':
			err = to->vph("&gt;", 4, to->arg);
			break;

		default:
			err = to->vph(&p[i], 1, to->arg);
			break;
		}
	}

	return err;
}


/* The head of the page is in the buffer already; /raw/ has none */
static bool is_html(const struct re_printf *pf)
{
	static const char head[] = "<html>";
	const struct mbuf *mb;

	if (!is_mbuf_printf(pf))
		return false;

	mb = pf->arg;

	return mb->end >= str_len(head) &&
		!memcmp(mb->buf, head, str_len(head));
}


/* Behind what stands in quotes, or in <> that begin a word or follow a name in
   quotes; or else behind a character */
static char *skip(char *p, bool first)
{
	char *end = NULL;

	if (*p == '"')
		end = strchr(p + 1, '"');
	else if (*p == '<' && (first || strchr(" \t\"", p[-1])))
		end = strchr(p + 1, '>');

	return (end ? end : p) + 1;
}


/* Take the word "json" out of the parameters */
static bool take_json(char *prm)
{
	static const char json[] = "json";
	const size_t len = sizeof(json) - 1;
	bool found = false;
	char *p = prm;

	while (*p) {
		if ((p == prm || strchr(" \t", p[-1])) &&
		    !strncasecmp(p, json, len) && strchr(" \t", p[len])) {
			found = true;
			memmove(p, p + len, strlen(p + len) + 1);
		}
		else {
			p = skip(p, p == prm);
		}
	}

	return found;
}


static const char *errno_name(int err)
{
	static const struct {
		int err;
		const char *name;
	} namev[] = {
		{EACCES,    "EACCES"},
		{EAGAIN,    "EAGAIN"},
		{EALREADY,  "EALREADY"},
		{EBADMSG,   "EBADMSG"},
		{E2BIG,     "E2BIG"},
		{EINVAL,    "EINVAL"},
		{ENOENT,    "ENOENT"},
		{ENOMEM,    "ENOMEM"},
		{ENOSYS,    "ENOSYS"},
		{ENOTSUP,   "ENOTSUP"},
		{EOVERFLOW, "EOVERFLOW"},
		{EPERM,     "EPERM"},
		{EPROTO,    "EPROTO"},
		{ETIMEDOUT, "ETIMEDOUT"},
	};
	size_t i;

	for (i=0; i<ARRAY_SIZE(namev); ++i) {
		if (namev[i].err == err)
			return namev[i].name;
	}

	return "EIO";
}


static int print_error(struct re_printf *pf, const struct command *cmd,
		       int err)
{
	struct odict *od;
	int e;

	e = odict_alloc(&od, FIELDS_HASH);
	if (e)
		return e;

	e  = odict_entry_add(od, "ok", ODICT_BOOL, false);
	e |= odict_entry_add(od, "error", ODICT_STRING,
			     cmd->error ? cmd->error : "out of memory");
	e |= odict_entry_add(od, "errno", ODICT_STRING, errno_name(err));
	if (!e)
		e = re_hprintf(pf, "%H\n", json_encode_odict, od);
	mem_deref(od);

	return e;
}


/* Each line of a text, without "refer: " */
static int add_lines(struct odict *od, const struct mbuf *mb)
{
	static const char ours[] = "refer: ";
	const size_t len = sizeof(ours) - 1;
	struct odict *lines;
	struct pl rest = {(char *)mb->buf, mb->end}, line;
	uint32_t n = 0;
	int err;

	err = odict_alloc(&lines, FIELDS_HASH);

	while (!err && text_cut(&line, &rest, '\n')) {
		char key[16];

		if (line.l >= len && !memcmp(line.p, ours, len))
			pl_advance(&line, len);

		(void)re_snprintf(key, sizeof(key), "%u", n++);
		err = fields_add_text(lines, key, &line);
	}

	if (!err)
		err = odict_entry_add(od, "lines", ODICT_ARRAY, lines);
	mem_deref(lines);

	return err;
}


/* What there is to know of a transfer; one that has ended may be forgotten */
static int add_transfer(struct odict *od, const struct command *cmd)
{
	struct refer_transfer row;

	if (refer_find(&row, cmd->refer, cmd->id))
		return fields_add(od, &row) |
			fields_add_stages(od, cmd->refer->transfers, cmd->id);

	return odict_entry_add(od, "id", ODICT_INT, (int64_t)cmd->id);
}


static int print_answer(struct re_printf *pf, const struct command *cmd,
			const struct mbuf *text)
{
	int err = 0;

	if (cmd->id)
		err = add_transfer(cmd->od, cmd);
	else if (odict_count(cmd->od, false) == 1)
		err = add_lines(cmd->od, text);

	return err ? err : re_hprintf(pf, "%H\n", json_encode_odict, cmd->od);
}


static int write_handler(const char *p, size_t size, void *arg)
{
	return mbuf_write_mem(arg, (const uint8_t *)p, size);
}


/* The text goes to a buffer */
static int run_json(command_h *h, struct command *cmd, struct mbuf *mb,
		    struct re_printf *pf)
{
	int err, e;

	text_trim(&cmd->rest);
	err = h(cmd);
	e   = err ? print_error(pf, cmd, err) : print_answer(pf, cmd, mb);

	return err ? err : e;
}


static int run_text(command_h *h, struct command *cmd, struct re_printf *pf)
{
	const int err = h(cmd);

	if (cmd->error)
		(void)re_hprintf(pf, "error: %s\n", cmd->error);

	return err;
}


static int run(command_h *h, struct refer *refer, char *prm,
	       struct re_printf *pf)
{
	struct mbuf *mb = take_json(prm) ? mbuf_alloc(256) : NULL;
	struct re_printf text = {write_handler, mb};
	struct command cmd = {.refer = refer, .pf = mb ? &text : pf};
	int err;

	err = odict_alloc(&cmd.od, FIELDS_HASH);
	if (err)
		goto out;

	(void)odict_entry_add(cmd.od, "ok", ODICT_BOOL, true);
	pl_set_str(&cmd.rest, prm);
	err = mb ? run_json(h, &cmd, mb, pf) : run_text(h, &cmd, pf);

 out:
	mem_deref(cmd.od);
	mem_deref(cmd.error);
	mem_deref(mb);

	return err;
}


/** Carry a command out whose answer goes to a channel, without its error where
    that would swallow the answer */
int answer_run(command_h *h, struct refer *refer, const char *prm,
	       struct re_printf *pf)
{
	struct page page = {{html_handler, &page}, pf};
	char *copy;
	int err;

	err = str_dup(&copy, prm ? prm : "");
	if (err)
		return err;

	/* what comes from others is not to be read as HTML */
	err = run(h, refer, copy, is_html(pf) ? &page.pf : pf);
	mem_deref(copy);

	return is_mbuf_printf(pf) ? 0 : err;
}
