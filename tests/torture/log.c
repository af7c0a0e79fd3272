/**
 * @file log.c  What a run that has failed says
 */
#include <string.h>
#include <re.h>
#include "torture.h"
#include "harness.h"


/**
 * Get what has failed: the first line that tells it, without its numbers
 *
 * @param log File with the output of a run
 *
 * @return Text, "" if nothing has failed
 */
const char *fault_of(const char *log)
{
	struct mbuf *mb = mbuf_alloc(8192);
	const char *p, *end, *s = "";
	char *fault, *out;

	if (slurp(mb, log))
		s = keep((char *)mb->buf, mb->end);
	mem_deref(mb);

	/* FILE.c:LINE: TEXT */
	for (p = s; *p; p = *end ? end + 1 : end) {

		const char *c;

		end = p + strcspn(p, "\n");
		c = strstr(p, ".c:");
		if (c && c < end && !memchr(p, ' ', (size_t)(c - p)) &&
		    strncmp(p, "played", 6))
			break;
	}

	fault = out = keep(p, strcspn(p, "\n"));
	for (p = fault; *p; p++) {
		if (*p < '0' || *p > '9')
			*out++ = *p;
	}
	*out = '\0';

	return fault;
}


static bool is_mine(const char *report)
{
	struct mbuf *mb = mbuf_alloc(8192);
	const bool mine = sanitizer_check(report, mb, NULL) > 0;

	mem_deref(mb);

	return mine;
}


/**
 * Get the fault of the core by which bob has ended: its function is in the
 * first report, and all that comes later may be its consequence
 *
 * @param log File with the output of a run
 *
 * @return Text, or NULL if it was none of those that are known
 */
const char *core_fault(const char *log)
{
	static const char *const knownv[] = {
		"xfer_cleanup",      /* 4.10.0 */
		"ua_event",          /* 1.x, as the others */
		"tmrstat_handler",
		"cmd_ua_delete",
		"set_current_call",
		"netstring_send_handler",
	};
	struct mbuf *mb = mbuf_alloc(8192);
	const char *first = NULL, *end;
	size_t i;

	if (slurp(mb, log))
		first = strstr(keep((char *)mb->buf, mb->end),
			       "ERROR: AddressSanitizer");
	mem_deref(mb);
	if (!first)
		return NULL;

	end   = strstr(first, "\n\n");
	first = keep(first, end ? (size_t)(end - first) : strlen(first));
	if (is_mine(first))
		return NULL;

	for (i=0; i<ARRAY_SIZE(knownv); i++) {
		if (strstr(first, F(" in %s ", knownv[i])))
			return F("ended by a fault of the core: %s",
				 knownv[i]);
	}

	return NULL;
}
