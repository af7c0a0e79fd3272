/**
 * @file docs.c  The pages for users: their lines, for a test to run
 *
 * A test takes what it types from the page, and compares what comes with what
 * the page shows. NAME@example.org is NAME of the namespace in blocks.
 */
#include <string.h>
#include "wire.h"
#include "harness.h"
#include "docs.h"


#define INDENT "    "

/* Behind these stands a time */
static const char *const timev[] = {
	"\"age\":", "\"duration\":", "\"ended\":", "\nage         ",
	"WAITING       ", "\"referRequested\":",
};


/**
 * Read a file of the tree
 *
 * @param name Its path
 *
 * @return Its text
 */
const char *page_text(const char *name)
{
	struct mbuf *mb = mbuf_alloc(16384);
	const char *text;

	if (!slurp(mb, F("%s/%s", top_dir(), name)))
		SETUP("%s cannot be read", name);

	text = keep((char *)mb->buf, mb->end);
	mem_deref(mb);

	return text;
}


/**
 * Get a block of code from a page
 *
 * @param name  Path of the page
 * @param begin How the first line of it begins that is wanted
 *
 * @return From this line on the lines of the block, as they are typed
 */
const char *page_block(const char *name, const char *begin)
{
	const char *p = strstr(page_text(name), F("\n" INDENT "%s", begin));
	const char *block = "";

	if (!p)
		FAIL("%s has no line that begins with: %s", name, begin);

	for (; !strncmp(p, "\n" INDENT, 5); p = strchr(p + 1, '\n')) {
		block = F("%s%s\n", block, first_line(p + 5));
		if (!strncmp(strchr(p + 1, '\n'), "\n\n" INDENT, 6))
			p = strchr(p + 1, '\n');
	}

	return net_names(block);
}


/**
 * Get the next command of a block
 *
 * @param p      The block, then the rest of it
 * @param prompt What a line with a command begins with
 * @param cmd    The command, without prompt
 * @param out    What it prints
 *
 * @return False if there is no more
 */
bool page_sample(const char **p, const char *prompt, const char **cmd,
		 const char **out)
{
	const char *begin = *p, *end, *next;

	if (strncmp(begin, prompt, strlen(prompt)))
		return false;

	*cmd  = first_line(begin + strlen(prompt));
	begin = strchr(begin, '\n') + 1;
	next  = !strncmp(begin, prompt, strlen(prompt)) ? begin :
		strstr(begin, F("\n%s", prompt));
	end   = !next ? begin + strlen(begin) : next + (next != begin);
	*out  = keep(begin, (size_t)(end - begin));
	*p    = end;

	return true;
}


/**
 * Start a command in a shell, as a user types it in the top directory
 *
 * @param cmd Command; what it prints for errors goes nowhere
 *
 * @return Process
 */
struct proc *page_shell(const char *cmd)
{
	struct proc *p = proc_run("shell", "sh", "-c",
				  F("cd %s && { %s\n} 2>/dev/null", top_dir(),
				    cmd), NULL);

	p->may_end = true;

	return p;
}


static bool like(const char *want, const char *got)
{
	const char *gap = strstr(want, "...");
	const size_t n = gap ? (size_t)(gap - want) : strlen(want);

	if (strncmp(want, got, n))
		return false;

	if (!gap)
		return !got[n];

	for (got += n; !like(gap + 3, got); ++got) {
		if (!*got)
			return false;
	}

	return true;
}


/* All times are one */
static const char *timeless(const char *text)
{
	size_t i;

	for (i=0; i<ARRAY_SIZE(timev); ++i) {
		const char *p = text, *all = "", *hit;

		while ((hit = strstr(p, timev[i]))) {
			hit += strlen(timev[i]);
			all = F("%s%.*sTIME", all, (int)(hit - p), p);
			p = hit + strspn(hit, "0123456789");
		}
		text = F("%s%s", all, p);
	}

	return text;
}


/**
 * Compare with what a page shows, see LIKE()
 *
 * @param file File of the test
 * @param line Line of it
 * @param want Text of the page
 * @param got  What came
 */
void page_like(const char *file, int line, const char *want, const char *got)
{
	if (!like(timeless(want), timeless(got)))
		test_fail(false, file, line, "the page has:\n%s\nbut it is:\n"
			  "%s", want, got);
}
