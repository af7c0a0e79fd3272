/**
 * @file fuzz_token.c  Any value of a header that has words and parameters
 *
 * The parts lie in the value, without separators and blanks around them. A
 * fold means no more than a blank (RFC 3261 section 7.3.1), whoever decodes.
 */
#include "fuzz.h"
#include "refer.h"
#include "syntax/refer_to.h"
#include "syntax/event_header.h"
#include "syntax/token.h"


static const char blankv[] = " \t\r\n";


/* The same with a blank for each character of a fold */
static char *unfold(struct pl *pl, const struct pl *val)
{
	char *copy = fuzz_copy(pl, (const uint8_t *)val->p, val->l);
	size_t i;

	for (i=0; i<val->l; ++i) {
		if (memchr(blankv, copy[i], 4))
			copy[i] = ' ';
	}

	return copy;
}


static void check_part(const struct pl *part, const struct pl *val)
{
	PROPERTY(part->p >= val->p);
	PROPERTY(part->p + part->l <= val->p + val->l);
	PROPERTY(!part->l || !memchr(blankv, part->p[0], 4));
	PROPERTY(!part->l || !memchr(blankv, part->p[part->l - 1], 4));
}


/* At the same place */
static void check_same(const struct pl *a, const struct pl *val,
		       const struct pl *b, const struct pl *flat)
{
	PROPERTY(a->l == b->l);
	PROPERTY(!a->l || a->p - val->p == b->p - flat->p);
}


static void check_cut(const struct pl *val, const struct pl *flat, char sep)
{
	struct pl rest = *val, rest2 = *flat, part, part2;
	const char stop[2] = {sep, '\0'};
	size_t n = 0;

	while (token_cut(&part, &rest, sep)) {
		PROPERTY(token_cut(&part2, &rest2, sep));
		check_part(&part, val);
		check_same(&part, val, &part2, flat);
		PROPERTY(token_span(&part, stop) == part.l);
		PROPERTY(++n <= val->l);
	}

	PROPERTY(!rest.l && !token_cut(&part2, &rest2, sep));
}


static void check_addrs(const struct pl *val, const struct pl *flat)
{
	struct pl rest = *val, rest2 = *flat, addr, addr2;
	size_t n = 0;

	while (token_cut_addr(&addr, &rest)) {
		PROPERTY(token_cut_addr(&addr2, &rest2));
		check_part(&addr, val);
		check_same(&addr, val, &addr2, flat);
		PROPERTY(!token_is_list(&addr));
		PROPERTY(++n <= val->l);
	}

	PROPERTY(!rest.l && !token_cut_addr(&addr2, &rest2));
}


static void check_params(const struct pl *val, const struct pl *flat)
{
	struct pl rest = *val, rest2 = *flat, name, v, name2, v2;
	size_t n = 0;

	while (token_param(&name, &v, &rest)) {
		PROPERTY(token_param(&name2, &v2, &rest2));
		check_part(&name, val);
		check_part(&v, val);
		check_same(&name, val, &name2, flat);
		check_same(&v, val, &v2, flat);
		PROPERTY(token_span(&name, ";=") == name.l);
		PROPERTY(token_span(&v, ";") == v.l);
		PROPERTY(++n <= val->l);

		token_unquote(&v);
		PROPERTY(v.l <= v2.l);
	}

	PROPERTY(!token_param(&name2, &v2, &rest2));
}


static void check_subscription(const struct pl *val, const struct pl *flat)
{
	struct sipevent_substate st, st2;
	struct sipevent_event ev, ev2;
	const int err = event_decode(&ev, val);

	PROPERTY(err == event_decode(&ev2, flat));
	if (!err) {
		check_part(&ev.event, val);
		check_same(&ev.event, val, &ev2.event, flat);
		check_same(&ev.id, val, &ev2.id, flat);
	}

	if (substate_decode(&st, val)) {
		PROPERTY(substate_decode(&st2, flat));
		return;
	}

	PROPERTY(!substate_decode(&st2, flat));
	PROPERTY(st.state == st2.state && st.reason == st2.reason);
	check_same(&st.expires, val, &st2.expires, flat);
	check_same(&st.retry_after, val, &st2.retry_after, flat);
}


static void check_replaces(const struct pl *val, const struct pl *flat)
{
	struct refer_replaces rep, rep2;

	if (refer_replaces_decode(&rep, val)) {
		PROPERTY(refer_replaces_decode(&rep2, flat));
		return;
	}

	PROPERTY(!refer_replaces_decode(&rep2, flat));
	check_same(&rep.callid, val, &rep2.callid, flat);
	check_same(&rep.to_tag, val, &rep2.to_tag, flat);
	check_same(&rep.from_tag, val, &rep2.from_tag, flat);
	PROPERTY(rep.early_only == rep2.early_only);
}


static void check_refer_to(const struct pl *val, const struct pl *flat)
{
	struct refer_to *rt = NULL, *rt2 = NULL;
	const struct refusal *ref = refer_to_decode(&rt, val);

	PROPERTY(ref == refer_to_decode(&rt2, flat));
	PROPERTY(ref || !strcmp(rt->uri, rt2->uri));
	mem_deref(rt);
	mem_deref(rt2);
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pl val, flat;
	char *copy, *copy2;

	copy  = fuzz_copy(&val, data, size);
	copy2 = unfold(&flat, &val);

	check_cut(&val, &flat, ',');
	check_cut(&val, &flat, ';');
	check_addrs(&val, &flat);
	check_params(&val, &flat);
	check_subscription(&val, &flat);
	check_replaces(&val, &flat);
	check_refer_to(&val, &flat);
	PROPERTY(token_is(&val, "false") == token_is(&flat, "false"));
	PROPERTY(token_is_list(&val) == token_is_list(&flat));

	free(copy);
	free(copy2);

	return 0;
}
