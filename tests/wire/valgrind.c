/**
 * @file valgrind.c  Reads what valgrind has found in a baresip under test
 *
 * Stock baresip has faults of its own. An error or a leak is the module's if
 * any frame of its stack is in refer.so: with debug information the frame
 * shows a source file below modules/refer/, without it the object's path. The
 * examples count as well.
 */
#include <string.h>
#include "wire.h"
#include "harness.h"


#define LIBRE_SENDTO "  Syscall param socketcall.sendto(to."
#define LIBRE_LEN (sizeof(LIBRE_SENDTO "sin6_flowinfo)") - 1)

static const char *const framev[] = {
	"/refer.so)",
	"modules/refer/",
	"/refer_http.so)",
	"modules/refer_http/",
	"/guard.so)",
	"/receptionist.so)",
	"examples/",
};


/* libre's sip_request() makes an IPv6 address on its stack and leaves these
   two fields of it as they are, whoever calls it (self_udp6 has the same
   without the module). This very error alone is not the module's. */
static bool is_libres(const char *block)
{
	return strstr(block, ", created by sip_request (") &&
		(!strncmp(block, LIBRE_SENDTO "sin6_flowinfo)", LIBRE_LEN) ||
		 !strncmp(block, LIBRE_SENDTO "sin6_scope_id)", LIBRE_LEN));
}


static bool is_frame(const char *line)
{
	while (*line == ' ')
		++line;

	return !strncmp(line, "at 0x", 5) || !strncmp(line, "by 0x", 5);
}


/**
 * Tell whether a line of a report names the module
 *
 * @param line Line
 *
 * @return True if it does
 */
bool frame_is_mine(const char *line)
{
	size_t i;

	for (i=0; i<ARRAY_SIZE(framev); i++) {

		if (strstr(line, framev[i]))
			return true;
	}

	return false;
}


/* A line of the log without its "==123== ", cut off at its end */
static char *next_line(char **pos)
{
	char *line = *pos, *eol = strchr(line, '\n'), *p;

	if (!*line)
		return NULL;

	*pos = eol ? eol + 1 : line + strlen(line);
	if (eol)
		*eol = '\0';

	p = strncmp(line, "==", 2) ? NULL : strstr(line + 2, "==");

	return p ? p + 2 + strspn(p + 2, " ") : line;
}


/**
 * Look for the module's errors and leaks in a log of valgrind
 *
 * @param log  The log
 * @param mine Buffer that gets each block with a frame of the module
 *
 * @return Number of blocks with a frame of the module
 */
unsigned valgrind_check(const char *log, struct mbuf *mine)
{
	char *pos = keep(log, strlen(log)), *line;
	struct mbuf *block = mbuf_alloc(1024);
	bool own = false;
	unsigned n = 0;

	while ((line = next_line(&pos)) || block->end) {

		if (line && *line) {
			(void)mbuf_printf(block, "  %s\n", line);
			own |= is_frame(line) && frame_is_mine(line);
			continue;
		}

		(void)mbuf_write_u8(block, 0);
		--block->end;
		own = own && !is_libres((char *)block->buf);

		if (own) {
			(void)mbuf_write_mem(mine, block->buf, block->end);
			(void)mbuf_write_str(mine, "\n");
		}

		n += own;
		own = false;
		mbuf_rewind(block);
	}

	mem_deref(block);

	return n;
}
