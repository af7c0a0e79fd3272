/**
 * @file wildcard.c  A pattern of refer_allow, refer_deny, refer_deny_number
 *
 * A pattern that can never match guards nothing. Whether it can is found out
 * by going through it and through what patterns.c writes a target as, an
 * automaton, at the same time.
 */
#include <ctype.h>
#include <fnmatch.h>
#include <string.h>
#include <re.h>
#include "admission/patterns.h"
#include "syntax/uri.h"


enum {
	CLASS_SIZE = 128,      /* of a [..] */
};

/* Length of a [..], 0 if it does not end */
static size_t class_length(const char *p)
{
	const char *q = p + 1, *end;

	q += *q == '!' || *q == '^';
	q += *q == ']';

	while (*q && *q != ']') {
		const char close[] = {q[1], ']', '\0'};

		end = *q == '[' && q[1] && strchr(":.=", q[1]) ?
			strstr(q + 2, close) : NULL;
		if (end)
			q = end + 2;
		else
			q += *q == '\\' && q[1] ? 2 : 1;
	}

	return *q ? q + 1 - p : 0;
}


/* Length of what matches one character, or is '*'; 0 if it is malformed */
static size_t element_length(const char *p)
{
	switch (*p) {

	case '[':  return class_length(p);
	case '\\': return p[1] ? 2 : 0;
	default:   return 1;
	}
}


static bool element_matches(const char *p, size_t n, char c)
{
	const char str[] = {c, '\0'};
	char el[CLASS_SIZE];

	memcpy(el, p, n);
	el[n] = '\0';

	return !fnmatch(el, str, FNM_CASEFOLD);
}


static uint32_t step_all(const struct wildcard_states *gs, uint32_t states,
			 char c)
{
	uint32_t next = 0;
	unsigned st;

	for (st=0; states >> st; ++st) {
		if (states >> st & 1)
			next |= gs->step(st, c);
	}

	return next;
}


static uint32_t element_step(const struct wildcard_states *gs, uint32_t states,
			     const char *p, size_t n)
{
	uint32_t next = 0;
	char c;

	for (c=' '; c<=0x7e; ++c) {
		if (element_matches(p, n, c))
			next |= step_all(gs, states, c);
	}

	return next;
}


/* '*': as far as any number of characters leads */
static uint32_t star_step(const struct wildcard_states *gs, uint32_t states)
{
	uint32_t before;
	char c;

	do {
		before = states;
		for (c=' '; c<=0x7e; ++c)
			states |= step_all(gs, states, c);

	} while (states != before);

	return states;
}


static bool can_match(const char *glob, const struct wildcard_states *gs)
{
	uint32_t states = gs->begin;
	const char *p;
	size_t n;

	for (p = glob; *p && states; p += n) {
		n = element_length(p);
		states = *p == '*' ? star_step(gs, states)
			: element_step(gs, states, p, n);
	}

	return states & gs->ends;
}


static bool has(const char *text, const char *chars)
{
	return text[strcspn(text, chars)] != '\0';
}


static bool begins(const char *text, const char *with)
{
	return !strncasecmp(text, with, strlen(with));
}


/* The most likely mistake in one that cannot match */
static const char *mistake(const char *text)
{
	const char *host = strrchr(text, '@');

	if (*text == '=')
		return "there is no = between key and pattern";
	if (has(text, "<>\""))
		return "it is the URI alone, without <> and quotes";
	if (begins(text, "sips:") || begins(text, "tel:"))
		return "a target is always written sip: here, also one of"
			" sips: or tel:";
	if (!begins(text, "sip:") && !strchr("*?[\\", *text))
		return "a target begins with sip:, as in sip:00*@*";
	if (strchr(text, ',') || (host && memchr(text, '@', host - text)))
		return "each pattern needs a line of its own";
	if (strchr(text, '%'))
		return "a character is written as itself, without an escape";
	if (has(host ? host : text, ";=&/"))
		return "parameters and headers are not compared";
	if (text[strlen(text) - 1] == '.')
		return "there is no dot behind the host";
	if (!host)
		return "there is no host, as in sip:00*@*";

	return "no target is written like that";
}


static const char *syntax(const char *text)
{
	const char *p;
	size_t n;

	for (p = text; *p; p += n) {

		n = element_length(p);
		if (!n && *p == '[')
			return "a [ has no ]";
		if (!n)
			return "there is nothing behind the last backslash";
		if (n >= CLASS_SIZE)
			return "a [..] is too long";
		if ((uint8_t)*p <= ' ' || (uint8_t)*p > '~')
			return "it has characters that are in no target";
	}

	return NULL;
}


/* The address in [..] behind the @ or the scheme, if it is one */
static bool find_ipv6(struct pl *addr, const char *text)
{
	const char *p = strstr(text, "@[");

	if (!p && begins(text, "sip:[") && !strchr(text, '@'))
		p = text + strlen("sip");
	if (!p)
		return false;

	addr->p = p + 2;
	addr->l = strcspn(addr->p, "]");
	p = addr->p + addr->l;

	/* all of the host: no host is a single letter */
	return *p == ']' && (p[1] == '\0' || p[1] == ':' ||
			     memchr(addr->p, ':', addr->l));
}


static bool is_wild(const struct pl *pl)
{
	return memchr(pl->p, '*', pl->l) || memchr(pl->p, '?', pl->l);
}


static int write_wild(struct mbuf *mb, const struct pl *addr)
{
	size_t i;
	int err;

	err = mbuf_write_str(mb, "\\[");
	for (i=0; i<addr->l; ++i)
		err |= mbuf_write_u8(mb, (uint8_t)tolower(addr->p[i]));

	return err | mbuf_write_str(mb, "\\]");
}


static int write_address(struct mbuf *mb, const struct pl *addr,
			 const char **whyp)
{
	struct sa sa;

	if (is_wild(addr)) {

		if (addr->l < 7 || strncasecmp(addr->p, "::ffff:", 7))
			return write_wild(mb, addr);

		*whyp = "an IPv4 address is written as one";
		return EINVAL;
	}

	if (sa_set(&sa, addr, 0)) {
		*whyp = "what is in the [..] is no IPv6 address";
		return EINVAL;
	}

	addr_unmap(&sa);

	return mbuf_printf(mb, sa_af(&sa) == AF_INET6 ? "\\[%j\\]" : "%j",
			   &sa);
}


/* An IPv6 address is no class of characters, and there is one form of it */
static int rewrite(char **globp, const char *text, const char **whyp)
{
	struct pl addr;
	struct mbuf *mb;
	int err;

	if (!find_ipv6(&addr, text))
		return str_dup(globp, text);

	mb = mbuf_alloc(64);
	if (!mb)
		return ENOMEM;

	err = mbuf_write_mem(mb, (const uint8_t *)text, addr.p - 1 - text);
	if (!err)
		err = write_address(mb, &addr, whyp);
	if (!err)
		err = mbuf_write_str(mb, addr.p + addr.l + 1);

	mb->pos = 0;
	if (!err)
		err = mbuf_strdup(mb, globp, mb->end);
	mem_deref(mb);

	return err;
}


static int compile(char **globp, const char *text, const char **whyp)
{
	char *glob;
	int err;

	if (!*text) {
		*whyp = "it is empty";
		return EINVAL;
	}

	err = rewrite(&glob, text, whyp);
	if (err)
		return err;

	*whyp = syntax(glob);
	if (!*whyp && !can_match(glob, &wildcard_targets))
		*whyp = mistake(text);

	if (*whyp)
		mem_deref(glob);
	else
		*globp = glob;

	return *whyp ? EINVAL : 0;
}


static int compile_number(char **globp, const char *text, const char **whyp)
{
	const bool plus = *text == '+';

	*whyp = syntax(text);
	if (!*whyp && !can_match(text + plus, &wildcard_numbers))
		*whyp = "a number has digits, # and *, + at its beginning,"
			" and wildcards";
	if (*whyp)
		return EINVAL;

	return re_sdprintf(globp, "%s%s", plus ? "00" : "", text + plus);
}


typedef int (compile_h)(char **globp, const char *text, const char **whyp);

static int compile_pl(char **globp, const struct pl *pl, const char **whyp,
		      compile_h *h)
{
	char *text;
	int err;

	err = pl_strdup(&text, pl);
	if (err)
		return err;

	if (strlen(text) == pl->l) {
		err = h(globp, text, whyp);
	}
	else {
		*whyp = "it has a NUL";
		err = EINVAL;
	}

	mem_deref(text);

	return err;
}


/**
 * Compile a pattern of targets
 *
 * @return 0 if success, EINVAL if it can never match, otherwise errorcode
 */
int wildcard_target(char **globp, const struct pl *text, const char **whyp)
{
	return compile_pl(globp, text, whyp, compile);
}


/**
 * Compile a pattern of numbers
 *
 * @return 0 if success, EINVAL if it can never match, otherwise errorcode
 */
int wildcard_number(char **globp, const struct pl *text, const char **whyp)
{
	return compile_pl(globp, text, whyp, compile_number);
}
