/**
 * @file answer.c  The answer of a command on its way to httpd
 *
 * httpd of baresip 1.x puts it into an HTML page as it is, and does not reply
 * at all when a command returns an error. Both are seen to here.
 */
#include <string.h>
#include <re.h>
#include "console/command.h"


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


/** Carry a command out whose answer goes to a channel, without its error where
    that would swallow the answer */
int answer_run(command_h *h, struct command *cmd, struct re_printf *pf)
{
	struct page page = {{html_handler, &page}, pf};
	int err;

	/* what comes from others is not to be read as HTML */
	cmd->pf = is_html(pf) ? &page.pf : pf;
	err = h(cmd);

	return is_mbuf_printf(pf) ? 0 : err;
}
