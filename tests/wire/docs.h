/**
 * @file docs.h  The pages for users: their lines, for a test to run
 */
#ifndef DOCS_H
#define DOCS_H

const char *page_text(const char *name);
const char *page_block(const char *name, const char *begin);
bool page_sample(const char **p, const char *prompt, const char **cmd,
		 const char **out);
struct proc *page_shell(const char *cmd);
void page_like(const char *file, int line, const char *want,
	       const char *got);

/** What came is what a page shows, in which `...` stands for anything and
    times are examples */
#define LIKE(want, got) page_like(HERE, (want), (got))

#endif
