/**
 * @file unit_http_events.c  Tests of refer_http's stream of events
 *
 * The server, its connections and the ring are those of the module; the
 * readers are TCP clients in the same main loop.
 */
#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include "unit.h"
#include "../refer_http/http.h"

#include "../refer_http/conn.h"

enum {
	READERS = 20,
	EVENTS  = 10000,
	RING    = 1000,          /* of the module                    */
	TEXT    = 600,           /* of an event, about [bytes]       */
	BATCH   = 50,            /* events in a turn                 */
	MEMORY  = 6 << 20,       /* more than before, of all of this */
	BEAT    = 15000,         /* of the module [ms]               */
	LATE    = 30000,         /* when a test gives up [ms]        */
};

/** A client that reads */
struct reader {
	struct tcp_conn *tc;
	const char *more;        /* Header line of the request       */
	struct mbuf *mb;         /* What has come of a line          */
	uint32_t next;           /* Event that is to come            */
	char id[64];             /* Of the last one                  */
	unsigned resets;
	unsigned beats;
	bool closed;
};

static struct http http;
static struct settings set;
static struct sa laddr;
static struct reader readerv[READERS];
static uint64_t passed;          /* [ms] */
static uint32_t added;
static size_t peak;

size_t __sanitizer_get_current_allocated_bytes(void)
	__attribute__((weak));


/* libre's clock, too: time that has passed need not be waited for */
uint64_t tmr_jiffies(void);
uint64_t tmr_jiffies(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);

	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000 +
		passed;
}


static size_t memory(void)
{
	return __sanitizer_get_current_allocated_bytes ?
		__sanitizer_get_current_allocated_bytes() :
		mallinfo2().uordblks;
}


static void *head_handler(struct conn *c, const struct http_msg *msg,
			  void *arg)
{
	struct request *req = mem_zalloc(sizeof(*req), NULL);

	(void)arg;
	assert_non_null(req);
	req->http = &http;
	req->conn = c;
	req->msg  = msg;

	return req;
}


static void request_handler(void *arg, const struct mbuf *body)
{
	(void)body;
	assert_int_equal(0, events_get(arg));
}


static void fault_handler(struct conn *c, unsigned scode, const char *why,
			  void *arg)
{
	(void)c;
	(void)arg;
	fail_msg("%u %s", scode, why);
}


static const struct server_handlers handlers = {
	head_handler, request_handler, fault_handler
};


/* Until a condition holds, of which this is the argument */
typedef bool (until_h)(const void *arg);

struct until {
	struct tmr tmr;
	until_h *h;
	const void *arg;
	uint64_t late;
};


static void until_handler(void *arg)
{
	struct until *u = arg;

	assert_true(tmr_jiffies() < u->late);
	if (u->h(u->arg))
		re_cancel();
	else
		tmr_start(&u->tmr, 1, until_handler, u);
}


static void run_until(until_h *h, const void *arg)
{
	struct until u = {.h = h, .arg = arg, .late = tmr_jiffies() + LATE};

	tmr_init(&u.tmr);
	tmr_start(&u.tmr, 0, until_handler, &u);
	assert_int_equal(0, re_main(NULL));
	tmr_cancel(&u.tmr);
}


static void add(const char *text)
{
	struct odict *od;

	assert_int_equal(0, odict_alloc(&od, 4));
	assert_int_equal(0, odict_entry_add(od, "n", ODICT_INT,
					    (int64_t)added++));
	assert_int_equal(0, odict_entry_add(od, "text", ODICT_STRING, text));
	events_add(http.events, "transfer", od);
	mem_deref(od);
	if (memory() > peak)
		peak = memory();
}


static void read_line(struct reader *r, const struct pl *line)
{
	struct pl n;

	if (!re_regex(line->p, line->l, "data: {\"n\":[0-9]+,", &n))
		assert_int_equal(r->next++, pl_u32(&n));
	else if (line->l > 4 && !memcmp(line->p, "id: ", 4))
		(void)re_snprintf(r->id, sizeof(r->id), "%b", line->p + 4,
				  line->l - 4);
	else if (!pl_strcmp(line, "event: reset"))
		++r->resets;
	else if (!pl_strcmp(line, ": heartbeat"))
		++r->beats;
}


static void recv_handler(struct mbuf *mb, void *arg)
{
	struct reader *r = arg;
	struct pl line;
	size_t n = 0;

	r->mb->pos = r->mb->end;
	assert_int_equal(0, mbuf_write_mem(r->mb, mbuf_buf(mb),
					   mbuf_get_left(mb)));

	line.p = (const char *)r->mb->buf;
	for (; n<r->mb->end; ++n) {
		if (r->mb->buf[n] != '\n')
			continue;

		line.l = (size_t)((const char *)&r->mb->buf[n] - line.p);
		read_line(r, &line);
		line.p = (const char *)&r->mb->buf[n + 1];
	}

	n = (size_t)(line.p - (const char *)r->mb->buf);
	memmove(r->mb->buf, r->mb->buf + n, r->mb->end - n);
	r->mb->end -= n;
}


static void close_handler(int err, void *arg)
{
	struct reader *r = arg;

	(void)err;
	r->closed = true;
}


static void connect_handler(void *arg)
{
	struct reader *r = arg;
	struct mbuf *mb = mbuf_alloc(256);

	assert_int_equal(0, mbuf_printf(mb, "GET /v1/events HTTP/1.1\r\n"
					"Host: localhost\r\n%s\r\n",
					r->more ? r->more : ""));
	mb->pos = 0;
	assert_int_equal(0, tcp_send(r->tc, mb));
	mem_deref(mb);
}


static bool is_closed(const void *arg)
{
	const struct reader *r = arg;

	return r->closed;
}


static bool has_all(const void *arg)
{
	const struct reader *r = arg;

	return r->next == added && *r->id;
}


static bool all_have_all(const void *arg)
{
	const struct reader *r = arg;

	for (; r<&readerv[READERS]; ++r) {
		if (!has_all(r))
			return false;
	}

	return true;
}


static bool has_beat(const void *arg)
{
	const struct reader *r = arg;

	return r->beats;
}


static bool conns(const void *arg)
{
	return server_count(http.server) == *(const unsigned *)arg;
}


/* A new reader, or one that comes back; it has what it missed, or a reset */
static void come(struct reader *r, const char *more, uint32_t next)
{
	mem_deref(r->tc);
	mem_deref(r->mb);
	memset(r, 0, sizeof(*r));
	r->more = more;
	r->next = next;
	r->mb = mbuf_alloc(1024);
	assert_int_equal(0, tcp_connect(&r->tc, &laddr, connect_handler,
					recv_handler, close_handler, r));
	run_until(has_all, r);
}


static void come_back(struct reader *r)
{
	char more[128];

	(void)re_snprintf(more, sizeof(more), "Last-Event-ID: %s\r\n", r->id);
	come(r, more, r->next);
}


static void go(struct reader *r)
{
	const unsigned n = server_count(http.server) - 1;

	r->tc = mem_deref(r->tc);
	run_until(conns, &n);
}


/* One that asks, and never reads; nothing is kept for it by the kernel */
static int come_to_sleep(void)
{
	static const char req[] = "GET /v1/events HTTP/1.1\r\nHost: a\r\n\r\n";
	const unsigned n = server_count(http.server) + 1;
	const int size = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
	const struct conn *c;

	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	assert_int_equal(0, connect(fd, &laddr.u.sa, laddr.len));
	run_until(conns, &n);
	c = http.server->connl.tail->data;
	(void)setsockopt(tcp_conn_fd(c->tc), SOL_SOCKET, SO_SNDBUF, &size,
			 sizeof(size));
	assert_int_equal(sizeof(req) - 1, send(fd, req, sizeof(req) - 1, 0));

	return fd;
}


static const char *text_of(size_t size)
{
	static char text[100001];

	memset(text, 'x', size);
	text[size] = '\0';

	return text;
}


static int setup(void **state)
{
	(void)state;

	if (libre_init() || sa_set_str(&laddr, "127.0.0.1", 0))
		return -1;

	http.set = &set;
	if (events_alloc(&http.events) ||
	    server_listen(&http.server, &laddr, NULL, &handlers, NULL) ||
	    tcp_sock_local_get(http.server->ts, &laddr))
		return -1;

	return 0;
}


static int teardown(void **state)
{
	size_t i;

	(void)state;
	for (i=0; i<READERS; ++i) {
		mem_deref(readerv[i].tc);
		mem_deref(readerv[i].mb);
	}

	memset(readerv, 0, sizeof(readerv));
	added = 0;
	peak  = 0;
	http.server = mem_deref(http.server);
	http.events = mem_deref(http.events);
	libre_close();

	return 0;
}


static void readers(void **state)
{
	const unsigned left = READERS;
	const int fd = come_to_sleep();
	size_t i, before;

	(void)state;
	for (i=0; i<READERS; ++i)
		come(&readerv[i], NULL, 0);

	before = memory();
	while (added < EVENTS) {
		for (i=0; i<BATCH; ++i)
			add(text_of(TEXT));
		run_until(all_have_all, readerv);
	}

	run_until(conns, &left);
	print_message("%u events to %u readers, and one that does not read:"
		      " at most %zu KiB more\n", EVENTS, READERS,
		      (peak - before) >> 10);
	assert_true(peak - before < MEMORY);
	(void)close(fd);
}


static void resume(void **state)
{
	struct reader *r = readerv;
	size_t i;

	(void)state;
	come(&readerv[1], NULL, 0);
	come(r, NULL, 0);
	add("a");
	run_until(has_all, r);
	go(r);
	for (i=0; i<RING; ++i)
		add(text_of(TEXT));
	come_back(r);
	assert_int_equal(0, r->resets);
	assert_int_equal(RING + 1, r->next);

	go(r);
	for (i=0; i<RING + 1; ++i)
		add(text_of(TEXT));
	r->next = added;
	come_back(r);
	assert_int_equal(1, r->resets);
}


static void bytes(void **state)
{
	struct reader *r = readerv;
	size_t i, before;

	(void)state;
	come(r, NULL, 0);
	add("a");
	run_until(has_all, r);
	go(r);
	before = memory();
	for (i=0; i<15; ++i)
		add(text_of(100000));
	come_back(r);
	assert_int_equal(0, r->resets);

	go(r);
	for (i=0; i<RING - 1; ++i)
		add(text_of(100000));
	assert_true(memory() - before < MEMORY);
	r->next = added;
	come_back(r);
	assert_int_equal(1, r->resets);
}


static void stuck(void **state)
{
	const unsigned one = 1, both = 2;
	struct reader *r = readerv;
	const int fd = come_to_sleep();
	size_t i;

	(void)state;
	come(r, NULL, 0);
	for (i=0; i<RING; ++i)
		add(text_of(TEXT));
	run_until(has_all, r);

	/* it has taken something before the first beat */
	for (i=0; i<4; ++i) {
		r->beats = 0;
		passed += BEAT;
		run_until(has_beat, r);
		run_until(conns, &both);
	}

	passed += BEAT;
	run_until(conns, &one);
	assert_false(is_closed(r));
	(void)close(fd);
}


int main(void)
{
	const struct CMUnitTest testv[] = {
		cmocka_unit_test_setup_teardown(readers, setup, teardown),
		cmocka_unit_test_setup_teardown(resume, setup, teardown),
		cmocka_unit_test_setup_teardown(bytes, setup, teardown),
		cmocka_unit_test_setup_teardown(stuck, setup, teardown),
	};

	return UNIT_RUN(testv, NULL, NULL);
}
