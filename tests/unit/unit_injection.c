/**
 * @file unit_injection.c  10,000 generated values, on each way into a header
 *
 * Whatever a value is, a line stays one header of one name, also to a decoder.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "unit.h"
#include "referrer/client.h"
#include "syntax/carried.h"
#include "syntax/header.h"
#include "syntax/refer_to.h"
#include "syntax/template.h"
#include "syntax/text.h"
#include "syntax/uri.h"


enum {
	VALUES   = 10000,
	SIZE     = 9000,       /* longest value       */
	FIXED    = 6,          /* headers of HEAD     */
};

#define HEAD "INVITE sip:a@b SIP/2.0\r\n"				\
	"Via: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1" \
	"\r\nTo: <sip:a@b>\r\nCall-ID: 1\r\nCSeq: 1 INVITE\r\n"
#define TAIL "Content-Length: 0\r\n\r\n"

static uint32_t seed;


static uint32_t number(uint32_t n)
{
	seed = seed * 1664525 + 1013904223;

	return (seed >> 8) % n;
}


/* Parts of an attack, plain bytes, and text that is far too long */
static size_t generate(char *buf)
{
	static const char *const partv[] = {
		"\r\n", "\n", "\r", "\r\n ", "\n\t", "%0d%0a", "%0D", "%0A",
		"%00", "%250d%250a", "%", "%4", "%zz", "Evil: 1",
		"\r\nEvil: 1", "%0d%0aEvil:%201", "<", ">", "\"", "\\",
		",", ";", "&", "=",
		"?", ":", "@", "sip:a@b", "\xc3\xa9", "\xe2\x80\xae",
		"\xc0\x8d", "\xff", "\xc2\x85", "${target}", "${", "}",
		"%s%n", "\t", " ",
		"X-A", "\r\n\r\n", "Via: x", "Content-Length: 9\r\n",
	};
	const uint32_t parts = number(12);
	size_t len = 0;
	uint32_t i;

	if (!number(100)) {
		memset(buf, 'a', SIZE / 2);
		len = SIZE / 2 + number(SIZE / 2 - 400);
		memset(buf, 'a', len);
	}

	for (i=0; i<parts; ++i) {
		const char *part = partv[number(ARRAY_SIZE(partv))];

		if (number(4)) {
			memcpy(buf + len, part, strlen(part));
			len += strlen(part);
		}
		else {
			buf[len++] = (char)number(256);
		}
	}

	return len;
}


/* A decoder finds so many headers in these lines */
static void assert_headers(const struct mbuf *lines, size_t n)
{
	struct mbuf *mb = mbuf_alloc(256);
	struct sip_msg *msg;

	assert_non_null(mb);
	assert_int_equal(0, mbuf_write_str(mb, HEAD));
	assert_int_equal(0, mbuf_write_mem(mb, lines->buf, lines->end));
	assert_int_equal(0, mbuf_write_str(mb, TAIL));
	assert_null(memchr(mb->buf, '\0', mb->end));
	mb->pos = 0;
	assert_int_equal(0, sip_msg_decode(&msg, mb));
	assert_int_equal(mb->end, mb->pos);
	assert_int_equal(FIXED + n, list_count(&msg->hdrl));
	mem_deref(msg);
	mem_deref(mb);
}


/* In the URI of Refer-To: as a value, or as a name */
static void via_uri(const char *before, const char *buf, size_t len,
		    const char *behind)
{
	const struct sip_msg none = {.hdrl = LIST_INIT};
	struct carried_headers ch = {.size = 0};
	struct mbuf *mb = mbuf_alloc(256);
	struct refer_to *rt;
	struct pl pl;

	assert_non_null(mb);
	assert_int_equal(0, mbuf_write_str(mb, before));
	assert_int_equal(0, mbuf_write_mem(mb, (const uint8_t *)buf, len));
	assert_int_equal(0, mbuf_write_str(mb, behind));
	mb->pos = 0;
	pl_set_mbuf(&pl, mb);

	if (!refer_to_decode(&rt, &pl)) {
		assert_int_equal(0, carried_decode(&ch, rt->headers, &none));
		mb->pos = mb->end = 0;
		assert_int_equal(0, carried_print(mb, &ch, CARRIED_URI, "*"));
		assert_headers(mb, list_count(&ch.l));
		mem_deref(rt);
	}

	carried_reset(&ch);
	mem_deref(mb);
}


/* In the REFER itself */
static void via_refer(const char *buf, size_t len)
{
	struct carried_headers ch = {.size = 0};
	struct mbuf *mb = mbuf_alloc(256);
	struct sip_msg *msg;

	assert_non_null(mb);
	assert_int_equal(0, mbuf_write_str(mb, HEAD "X-A: "));
	assert_int_equal(0, mbuf_write_mem(mb, (const uint8_t *)buf, len));
	assert_int_equal(0, mbuf_write_str(mb, "\r\n" TAIL));
	mb->pos = 0;

	if (!sip_msg_decode(&msg, mb)) {
		assert_int_equal(0, carried_decode(&ch, NULL, msg));
		assert_true(ch.size <= 4096);
		mb->pos = mb->end = 0;
		assert_int_equal(0, carried_print(mb, &ch, CARRIED_REFER,
						  "*"));
		/* what really came as a header is no attack */
		assert_headers(mb, list_count(&ch.l));
		mem_deref(msg);
	}

	carried_reset(&ch);
	mem_deref(mb);
}


/* As a URI in a template, and as a template */
static void via_template(const char *buf, size_t len)
{
	const struct pl val = {buf, len};
	struct template_values vals = {.v[VAR_REFERRER] = val};
	struct pl in = PL("X-In: a <${referrer}>;b");
	struct pl out = PL("X-Out: ${referrer}");
	struct mbuf *mb = mbuf_alloc(256);
	struct list l = LIST_INIT;
	const char *why;
	size_t n;

	assert_non_null(mb);
	assert_int_equal(0, template_add(&l, &in, &why));
	assert_int_equal(0, template_add(&l, &out, &why));
	assert_int_equal(0, templates_print(mb, &l, &vals));
	assert_headers(mb, len ? 2 : 0);
	list_flush(&l);

	n = !template_add(&l, &val, &why);
	mb->pos = mb->end = 0;
	vals.v[VAR_REFERRED] = vals.v[VAR_ACCOUNT] = vals.v[VAR_TARGET] =
		vals.v[VAR_REFERRED_BY] = val;
	assert_int_equal(0, templates_print(mb, &l, &vals));
	assert_headers(mb, n && mb->end);
	list_flush(&l);
	mem_deref(mb);
}


/* As a line of an application, or of a command */
static void via_line(const char *buf, size_t len)
{
	struct mbuf *mb = mbuf_alloc(256);
	char *line = mem_zalloc(len + 8, NULL);
	const char *const linev[] = {line, NULL};

	assert_non_null(mb);
	assert_non_null(line);
	memcpy(line, "X-A: ", 5);
	memcpy(line + 5, buf, len);

	if (header_lines_valid(linev)) {
		assert_int_equal(0, mbuf_printf(mb, "%s\r\n", line));
		assert_headers(mb, 1);
	}

	mem_deref(line);
	mem_deref(mb);
}


/* In the URI of a Refer-To that we send: it arrives as it was */
static void via_sent(const char *line)
{
	const char *const linev[] = {line, NULL};
	const struct sip_msg none = {.hdrl = LIST_INIT};
	struct carried_headers ch = {.size = 0};
	struct mbuf *mb = mbuf_alloc(256);
	struct refer_to *rt;
	struct pl pl, val;
	char *name;

	assert_non_null(mb);
	if (!client_uri_line_valid(line)) {
		mem_deref(mb);
		return;
	}

	assert_int_equal(0, mbuf_printf(mb, "<sip:c@d?%H>",
					client_print_uri_lines, linev));
	mb->pos = 0;
	pl_set_mbuf(&pl, mb);
	assert_null(refer_to_decode(&rt, &pl));
	assert_string_equal("sip:c@d", rt->uri);
	assert_null(rt->replaces);
	assert_int_equal(0, carried_decode(&ch, rt->headers, &none));
	assert_int_equal(0, header_line_decode(&name, &val, line));
	assert_int_equal(1, list_count(&ch.l) + ch.left);
	if (!ch.left) {
		assert_string_equal(name, carried_get(&ch, 0)->name);
		assert_int_equal(0, pl_strcmp(&val, carried_get(&ch, 0)->val));
	}

	mem_deref(name);
	mem_deref(rt);
	carried_reset(&ch);
	mem_deref(mb);
}


/* As a line of a delegate */
static void via_delegate(const char *line)
{
	struct mbuf *mb = mbuf_alloc(256);
	struct pl val, pl;
	char *name;

	assert_non_null(mb);
	if (!header_line_decode(&name, &val, line)) {
		pl_set_str(&pl, name);
		assert_int_equal(0, mbuf_printf(mb, "%s: %r\r\n", name, &val));
		if (!header_is_reserved(&pl))
			assert_headers(mb, 1);
		mem_deref(name);
	}

	mem_deref(mb);
}


/* As a display name, and as the proxy of a call: as libre writes them */
static void via_identity(const char *text)
{
	struct mbuf *mb = mbuf_alloc(256);
	struct sip_addr addr;
	struct pl pl;

	assert_non_null(mb);
	if (text_is_display_name(text)) {
		assert_int_equal(0, mbuf_printf(mb, "\"%s\" <sip:a@b>", text));
		mb->pos = 0;
		pl_set_mbuf(&pl, mb);
		assert_int_equal(0, sip_addr_decode(&addr, &pl));
		assert_int_equal(0, pl_strcmp(&addr.dname, text));
		assert_int_equal(0, pl_strcmp(&addr.auri, "sip:a@b"));
	}

	mb->pos = mb->end = 0;
	if (uri_is_proxy(text)) {
		assert_int_equal(0, mbuf_printf(mb, "Route: <%s;lr>\r\n",
						text));
		assert_headers(mb, 1);
	}

	mem_deref(mb);
}


static void via_options(const char *buf, size_t len)
{
	static const char *const beforev[] = {"X-A: ", "X-A", "", "sip:",
					      "sip:a@b;", "sip:b"};
	size_t i;

	for (i=0; i<ARRAY_SIZE(beforev); ++i) {
		const size_t n = strlen(beforev[i]);
		char *text = mem_zalloc(n + len + 1, NULL);

		assert_non_null(text);
		memcpy(text, beforev[i], n);
		memcpy(text + n, buf, len);
		via_sent(text);
		via_delegate(text);
		via_identity(text);
		mem_deref(text);
	}
}


static void test_values(void **state)
{
	char *buf = malloc(SIZE + 400);
	unsigned i;
	(void)state;

	assert_non_null(buf);
	for (i=0; i<VALUES; ++i) {
		size_t len;

		seed = i;
		(void)number(2);
		len = generate(buf);
		via_uri("<sip:c@d?X-A=", buf, len, ">");
		via_uri("<sip:c@d?X-A", buf, len, "=1>");
		via_refer(buf, len);
		via_template(buf, len);
		via_line(buf, len);
		via_options(buf, len);
	}

	free(buf);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),
	};

	return UNIT_RUN(tests, NULL, NULL);
}
