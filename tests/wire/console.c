/**
 * @file console.c  The console of a baresip under test
 *
 * Its stdio module gets a terminal: a key is what a user types, and what comes
 * back is what he sees. The log goes to stdout and is not in it.
 */
#define _GNU_SOURCE 1
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>
#include "wire.h"
#include "harness.h"


#define MARK "x"                       /* a command that there is not */
#define MARK_ANSWER "command not found (" MARK ")\n"

/** Terminal of a baresip */
struct console {
	struct mbuf *mb;      /**< What it has printed                      */
	size_t pos;           /**< What is before was asked for             */
	int fd;
};


static void read_handler(int flags, void *arg)
{
	struct console *c = arg;
	uint8_t buf[4096];
	ssize_t n;
	(void)flags;

	n = read(c->fd, buf, sizeof(buf));
	if (n <= 0) {
		fd_close(c->fd);
		return;
	}

	c->mb->pos = c->mb->end;
	(void)mbuf_write_mem(c->mb, buf, (size_t)n);
	wake();
}


/**
 * Make the terminal of a baresip that is to be started
 *
 * @param s The baresip
 *
 * @return Its side of the terminal, to be closed
 */
int console_open(struct sut *s)
{
	struct console *c = calloc(1, sizeof(*c));
	struct termios raw;
	int term;

	if (!c)
		abort();

	c->mb = mbuf_alloc(1024);
	c->fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	if (c->fd < 0 || grantpt(c->fd) || unlockpt(c->fd))
		SETUP("no terminal");

	term = open(ptsname(c->fd), O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (term < 0 || tcgetattr(term, &raw))
		SETUP("no terminal");

	cfmakeraw(&raw);
	if (tcsetattr(term, TCSANOW, &raw) ||
	    fd_listen(c->fd, FD_READ, read_handler, c))
		SETUP("no terminal");

	s->console = c;

	return term;
}


static bool mark_cond(void *arg)
{
	const struct console *c = arg;

	return memmem(c->mb->buf + c->pos, c->mb->end - c->pos, MARK_ANSWER,
		      strlen(MARK_ANSWER)) != NULL;
}


/**
 * Type keys, see console_keys()
 *
 * @param file File of the test
 * @param line Line of it
 * @param s    The baresip
 * @param keys Keys, and Enter behind them
 *
 * @return All that is shown until the next prompt
 */
const char *console_keys_at(const char *file, int line, struct sut *s,
			    const char *keys)
{
	const char *all = F("%s\n/" MARK "\n", keys), *text, *end;
	struct console *c = s->console;

	test_here(file, line);
	c->pos = c->mb->end;

	if (write(c->fd, all, strlen(all)) != (ssize_t)strlen(all))
		test_fail(true, file, line, "cannot type");

	if (!wait_until(mark_cond, c, WAIT))
		test_fail(false, file, line, "%s: no answer to '%s' but:\n"
			  "%.*s", s->name, keys, (int)(c->mb->end - c->pos),
			  c->mb->buf + c->pos);

	text = keep((char *)c->mb->buf + c->pos, c->mb->end - c->pos);
	end  = strstr(text, "/\r/" MARK "\n" MARK_ANSWER);
	if (!end)
		test_fail(false, file, line, "'%s' shows: %s", keys, text);

	return keep(text, (size_t)(end - text));
}


/**
 * Type a line, see console()
 *
 * @param file File of the test
 * @param line Line of it
 * @param s    The baresip
 * @param text Line, without its end
 *
 * @return What is shown between the line and the next prompt
 */
const char *console_at(const char *file, int line, struct sut *s,
		       const char *text)
{
	const char *shown = console_keys_at(file, line, s, text), *begin;
	const char *echo = F("\r%s\n", text);

	/* each key shows the line so far; the last one all of it */
	begin = strstr(shown, echo);
	if (!begin)
		test_fail(false, file, line, "'%s' shows: %s", text, shown);

	return begin + strlen(echo);
}
