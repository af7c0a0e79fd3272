/**
 * @file header.c  Header lines and bodies that applications and settings give
 *
 * Checked before anything is sent, and printed.
 */
#include <ctype.h>
#include <fnmatch.h>
#include <string.h>
#include <re.h>
#include "host/libre.h"
#include "refer.h"
#include "syntax/header.h"
#include "syntax/sipfrag.h"
#include "syntax/text.h"


/* libre, baresip or the module writes these, so that another one would break
   the message; or they route it, or authenticate */
static const char *const reservedv[] = {
	"Allow", "Authorization", "Call-ID", "Contact", "Content-Encoding",
	"Content-Length", "Content-Type", "CSeq", "Event", "Expires", "From",
	"Max-Forwards", "Proxy-Authorization", "Proxy-Require",
	"Record-Route", "Refer-Sub", "Refer-To", "Referred-By", "Replaces",
	"Require", "Route", "Subscription-State", "Supported", "To",
	"User-Agent", "Via", "b", "c", "e", "f", "i", "k", "l", "m", "o", "r",
	"t", "v",
};

/* A peer must not give these either (RFC 3261 section 19.1.5): they state who
   calls, or what this phone can do; steer proxies, or make a phone answer by
   itself; belong to the dialog, or to the body */
static const char *const ownv[] = {
	"Accept*", "Additional-Identity", "Allow-*", "Answer-Mode",
	"Attestation-Info", "Authentication-*", "Body", "CC-*", "Content-*",
	"Date", "Diversion", "Feature-Caps", "Geolocation-Routing",
	"History-Info", "Identity*", "Join", "MIME-Version", "Max-Breadth",
	"Min-SE", "Organization", "Origination-Id", "P-*", "Path",
	"Policy-*", "Priv-Answer-Mode", "Privacy", "Proxy-*", "RAck", "RSeq",
	"Recv-Info", "Reject-Contact", "Remote-Party-ID", "Reply-To",
	"Request-Disposition", "Resource-Priority",
	"Security-*", "Server", "Service-Route", "Session-Expires",
	"Target-Dialog", "Timestamp", "Trigger-Consent", "WWW-*",
};


/** Tell whether nobody but libre, baresip and the module may write a header */
bool header_is_reserved(const struct pl *name)
{
	size_t i;

	for (i=0; i<ARRAY_SIZE(reservedv); ++i) {
		if (text_is(name, reservedv[i]))
			return true;
	}

	return false;
}


static bool is_own(const char *name)
{
	struct pl pl;
	size_t i;

	pl_set_str(&pl, name);
	if (header_is_reserved(&pl))
		return true;

	for (i=0; i<ARRAY_SIZE(ownv); ++i) {
		if (!fnmatch(ownv[i], name, FNM_CASEFOLD))
			return true;
	}

	return false;
}


/* Narrower than a token: nothing that a parser could take for a separator. A
   name of one letter is short for another one */
static bool is_name(const char *name, const char *more)
{
	const char *p;

	for (p = name; *p; ++p) {
		if (!isalnum((uint8_t)*p) && !strchr("-_.", *p) &&
		    !strchr(more, *p))
			return false;
	}

	return p > name + 1;
}


/** Tell whether a text is the name of a header, in its long form */
bool header_is_name(const char *name)
{
	return is_name(name, "");
}


/** Tell whether a number, 12 bits of the hash of a name, is that of a header
    of libre's own: an INVITE with another name of the same number could be
    read neither by our libre nor by a target's */
bool header_is_taken(enum sip_hdrid id)
{
	static const enum sip_hdrid idv[] = {
		SIP_HDR_CALL_ID, SIP_HDR_CONTACT, SIP_HDR_CONTENT_LENGTH,
		SIP_HDR_CONTENT_TYPE, SIP_HDR_CSEQ, SIP_HDR_FROM,
		SIP_HDR_MAX_FORWARDS, SIP_HDR_RECORD_ROUTE,
		SIP_HDR_REFERRED_BY, SIP_HDR_REPLACES, SIP_HDR_REQUIRE,
		SIP_HDR_ROUTE, SIP_HDR_SUPPORTED, SIP_HDR_TO, SIP_HDR_VIA,
	};
	size_t i;

	for (i=0; i<ARRAY_SIZE(idv); ++i) {
		if (id == idv[i])
			return true;
	}

	return false;
}


/* X-.. have no number */
static bool is_taken(const char *name)
{
	const uint32_t id = hash_joaat_ci(name, strlen(name)) & 0xfff;

	return (tolower((uint8_t)name[0]) != 'x' || name[1] != '-') &&
		header_is_taken((enum sip_hdrid)id);
}


/** Tell whether a header that a peer gives may go into a request of ours */
bool header_may_pass(const char *name)
{
	return header_is_name(name) && !is_own(name) && !is_taken(name);
}


/** Tell whether a name, in which '*' is any text, names headers that may pass
    */
bool header_pattern_valid(const struct pl *pattern)
{
	char name[HEADER_NAME_MAX];

	if (pl_strcpy(pattern, name, sizeof(name)))
		return false;

	return !strcmp(name, "*") || (is_name(name, "*") && !is_own(name));
}


/** Tell whether one of some patterns, with blanks between them, names a
    header; "none" is for no header */
bool header_is_listed(const char *patterns, const char *name)
{
	char pattern[HEADER_NAME_MAX];
	struct pl rest, word;

	if (!str_casecmp(patterns, "none"))
		return false;

	pl_set_str(&rest, patterns);

	while (text_cut(&word, &rest, ' ')) {
		if (!pl_strcpy(&word, pattern, sizeof(pattern)) &&
		    !fnmatch(pattern, name, FNM_CASEFOLD))
			return true;
	}

	return false;
}


/** Tell whether lines can be added to a message */
bool header_lines_valid(const char *const *linev)
{
	struct pl name;

	for (; linev && *linev; ++linev) {

		if (strpbrk(*linev, "\r\n") ||
		    re_regex(*linev, strlen(*linev), "[^: \t]+[ \t]*:", &name,
			     NULL) || name.p != *linev ||
		    header_is_reserved(&name))
			return false;
	}

	return true;
}


/** Tell whether some lines have a header */
bool header_lines_have(const struct pl *lines, const char *name)
{
	struct pl rest = *lines, line, val;

	while (text_cut(&val, &rest, '\n')) {
		(void)text_cut(&line, &val, ':');
		text_trim(&line);
		if (!pl_strcasecmp(&line, name))
			return true;
	}

	return false;
}


/**
 * Divide a line "Name: value" with a name in its long form
 *
 * @param namep Set to its name on success
 * @param val   Set to its value, which points into the line
 * @param line  Line
 *
 * @return 0 if success, EINVAL if it is no such line, or has a control
 *         character, or is no UTF-8, otherwise errorcode
 */
int header_line_decode(char **namep, struct pl *val, const char *line)
{
	struct pl name;
	char *str;
	int err;

	pl_set_str(val, line);
	if (!strchr(line, ':') || !text_is_clean(val))
		return EINVAL;

	(void)text_cut(&name, val, ':');
	text_trim(val);

	err = pl_strdup(&str, &name);
	if (err)
		return err;

	if (!header_is_name(str)) {
		mem_deref(str);
		return EINVAL;
	}

	*namep = str;

	return 0;
}


/** Tell whether a line is a certain header */
bool header_line_is(const char *line, const char *name)
{
	struct pl pl = {line, strcspn(line, "\r")}, val = pl;

	(void)text_cut(&pl, &val, ':');
	text_trim(&pl);

	return !pl_strcasecmp(&pl, name);
}


/** Tell whether a text, or NULL, can be part of one line of a message */
bool opts_line_valid(const char *line)
{
	return !line || !strpbrk(line, "\r\n");
}


/** Check an answer, first <= status code <= last, and fill in its defaults;
    EINVAL if it is wrong, or if there is no status code and dflt is 0 */
int opts_answer(struct answer *ans, const struct refer_opts *opts,
		uint16_t dflt, uint16_t first, uint16_t last)
{
	const uint16_t scode = opts && opts->scode ? opts->scode : dflt;

	if (scode < first || scode > last)
		return EINVAL;

	if (opts && (!opts_line_valid(opts->reason) ||
		     !opts_line_valid(opts->ctype) ||
		     !header_lines_valid(opts->hdrv) ||
		     (opts->body && !str_isset(opts->ctype))))
		return EINVAL;

	ans->scode  = scode;
	ans->reason = opts && str_isset(opts->reason) ? opts->reason
						      : sip_reason(scode);
	ans->opts   = opts;

	return 0;
}


/** Print the headers and the body of an answer */
int opts_print(struct re_printf *pf, const struct answer *ans)
{
	const struct refer_opts *opts = ans->opts;
	const char *const *hdrv = opts ? opts->hdrv : NULL;
	const char *body = opts && opts->body ? opts->body : "";
	int err = 0;

	for (; hdrv && *hdrv; ++hdrv)
		err |= re_hprintf(pf, "%s\r\n", *hdrv);

	if (*body)
		err |= re_hprintf(pf, "Content-Type: %s\r\n", opts->ctype);

	return err | re_hprintf(pf, "Content-Length: %zu\r\n\r\n%s",
				strlen(body), body);
}
