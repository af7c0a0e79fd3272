/**
 * @file sanitizer.c  Reads what ASan, LSan and UBSan have found in a baresip
 *
 * baresip and libre have faults of their own. One is the module's if any frame
 * of its stacks is, as with valgrind's.
 */
#include <stdlib.h>
#include <string.h>
#include "wire.h"
#include "harness.h"


enum {
	FRAMES = 4,           /**< Of a summary */
};

static const char *const beginv[] = {
	"ERROR: AddressSanitizer", "irect leak of", "runtime error:",
};


/* Faults of the core that the module only has a part in, see docs/torture.md:
   how their summaries begin after the kind */
static const char *const knownv[] = {
	" in xfer_cleanup < ",
};


static char *next_line(char **pos)
{
	char *line = *pos, *eol = strchr(line, '\n');

	if (!*line)
		return NULL;

	*pos = eol ? eol + 1 : line + strlen(line);
	if (eol)
		*eol = '\0';

	return line;
}


static bool begins(const char *line)
{
	size_t i;

	for (i=0; i<ARRAY_SIZE(beginv); i++) {
		if (strstr(line, beginv[i]))
			return true;
	}

	return false;
}


static bool ends(const char *first, const char *line)
{
	return strstr(line, "SUMMARY: ") ||
		(!*line && !strstr(first, beginv[0]));
}


static bool is_frame(const char *line)
{
	line += strspn(line, " ");

	return line[0] == '#' && line[1] >= '0' && line[1] <= '9';
}


/* Each request and response passes these two on its way to the core: what
   goes wrong there is theirs only if they do it themselves */
static bool passes(const char *line)
{
	const unsigned n = (unsigned)atoi(line + strspn(line, " #"));

	return n > 1 && (strstr(line, "/core/intercept.c:") ||
			 strstr(line, "/core/core.c:"));
}


static bool is_mine(const char *line)
{
	if (!frame_is_mine(line))
		return false;

	return is_frame(line) ? !passes(line)
		: strstr(line, "runtime error:") != NULL;
}


/* "heap-use-after-free in f < g < h": the same fault has the same text */
static const char *summary(const char *block)
{
	char *pos = keep(block, strlen(block)), *line = next_line(&pos);
	const char *s = strstr(line, "Sanitizer: ");
	unsigned n = 0;

	s = s ? s + 11 : line;
	s = keep(s, strcspn(s, "0123456789"));

	while ((line = next_line(&pos)) && n < FRAMES) {

		const char *f = is_frame(line) ? strstr(line, " in ") : NULL;

		if (!f || strstr(line, "libasan") || strstr(line, "/mem.c"))
			continue;

		f += 4;
		s = F("%s%s%.*s", s, n++ ? " < " : " in ",
		      (int)strcspn(f, " "), f);
	}

	return s;
}


static unsigned judge(const char *block, bool own, struct mbuf *mine,
		      struct mbuf *others)
{
	const char *text = summary(block);
	size_t i;

	for (i=0; i<ARRAY_SIZE(knownv); i++)
		own &= !strstr(text, knownv[i]);

	if (own || others)
		(void)mbuf_printf(own ? mine : others, "%s\n%s\n", text,
				  block);

	return own;
}


/**
 * Sort the reports of a log
 *
 * @param log    The log
 * @param mine   Buffer that gets each report with a frame of the module
 * @param others Buffer that gets all else, or NULL
 *
 * @return Number of reports with a frame of the module
 */
unsigned sanitizer_check(const char *log, struct mbuf *mine,
			 struct mbuf *others)
{
	char *pos = keep(log, strlen(log)), *line;
	const char *first = NULL, *block = "";
	bool own = false;
	unsigned n = 0;

	while ((line = next_line(&pos))) {

		if (!first && begins(line)) {
			first = line;
			block = "";
			own = false;
		}

		if (!first)
			continue;

		block = F("%s  %s\n", block, line);
		own |= is_mine(line);

		if (ends(first, line)) {
			n += judge(block, own, mine, others);
			first = NULL;
		}
	}

	if (first)
		n += judge(block, own, mine, others);

	return n;
}
