/**
 * @file fuzz_refer_to.c  Any value of a Refer-To header
 *
 * What is accepted must be a URI that is safe in a request line and a
 * header, means the same to libre, and does not change when decoded again.
 */
#include "fuzz.h"
#include "syntax/carried.h"
#include "syntax/refer_to.h"
#include "syntax/uri.h"
#include "refer.h"


static void check_uri(const char *str, struct uri *uri)
{
	struct pl pl, val;

	PROPERTY(strlen(str) > 4);
	PROPERTY(!fuzz_has(str, strlen(str), "\r\n \t<>\"", 7));

	pl_set_str(&pl, str);
	PROPERTY(!uri_decode_strict(uri, &pl));
	PROPERTY(!pl_strcasecmp(&uri->scheme, "sip"));
	PROPERTY(!pl_isset(&uri->headers));
	PROPERTY(pl_isset(&uri->host));
	PROPERTY(msg_param_exists(&uri->params, "method", &val));
}


static void check_same(const struct refer_to *rt)
{
	struct refer_to *again;
	struct pl pl;
	char *str;

	PROPERTY(!re_sdprintf(&str, "<%s>", rt->uri));
	pl_set_str(&pl, str);
	PROPERTY(!refer_to_decode(&again, &pl));
	PROPERTY(!strcmp(rt->uri, again->uri));
	PROPERTY(!again->replaces);
	mem_deref(again);
	mem_deref(str);
}


static void check_replaces(const char *str)
{
	struct refer_replaces rep;
	struct pl pl;

	pl_set_str(&pl, str);
	PROPERTY(!fuzz_has(pl.p, pl.l, "\r\n", 3));
	PROPERTY(!refer_replaces_decode(&rep, &pl));
}


static void check_normalised(struct refer_to *rt, const struct uri *before)
{
	struct uri after;
	char *once;

	PROPERTY(!refer_to_normalise(rt));
	check_uri(rt->uri, &after);
	PROPERTY(!pl_cmp(&before->host, &after.host));
	PROPERTY(before->port == after.port);
	check_same(rt);

	PROPERTY(!str_dup(&once, rt->uri));
	PROPERTY(!refer_to_normalise(rt));
	PROPERTY(!strcmp(once, rt->uri));
	mem_deref(once);
}


static const struct refusal *decode(struct refer_to **rtp,
				    const struct pl *val)
{
	return refer_to_is_tel(val) ?
		refer_to_decode_tel(rtp, val, "sip:bob@example.com") :
		refer_to_decode(rtp, val);
}


/* Each header that is copied is one line that libre reads as that header, and
   no more come than are there */
static void check_copied(const struct refer_to *rt)
{
	struct carried_headers ch = {.size = 0};
	const struct sip_msg msg = {.hdrl = LIST_INIT};
	struct mbuf *mb = mbuf_alloc(64);
	size_t i, lines = 0, amps = 1;
	const char *p;

	PROPERTY(mb && !carried_decode(&ch, rt->headers, &msg));
	PROPERTY(!carried_print(mb, &ch, CARRIED_URI, "*"));

	for (i=0; i<mb->end; ++i) {
		PROPERTY(mb->buf[i]);
		PROPERTY((mb->buf[i] == '\n') ==
			 (i && mb->buf[i - 1] == '\r'));
		lines += mb->buf[i] == '\n';
	}

	for (p = rt->headers; p && *p; ++p)
		amps += *p == '&';

	PROPERTY(lines == list_count(&ch.l));
	PROPERTY(lines + ch.left <= (rt->headers ? amps : 0));
	PROPERTY(!mb->end || mb->buf[mb->end - 1] == '\n');
	carried_reset(&ch);
	mem_deref(mb);
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct refusal *ref;
	struct refer_to *rt;
	struct uri uri;
	struct pl pl;
	char *copy;
	char *str;

	copy = fuzz_copy(&pl, data, size);
	ref = decode(&rt, &pl);
	free(copy);

	if (ref) {
		PROPERTY(ref->scode >= 400 && ref->scode < 700);
		PROPERTY(str_isset(ref->reason) && str_isset(ref->warning));
		return 0;
	}

	check_uri(rt->uri, &uri);
	check_same(rt);
	check_copied(rt);
	if (rt->replaces)
		check_replaces(rt->replaces);

	PROPERTY(!str_dup(&str, rt->uri));
	pl_set_str(&pl, str);
	PROPERTY(!uri_decode(&uri, &pl));
	check_normalised(rt, &uri);
	mem_deref(str);

	mem_deref(rt);

	return 0;
}
