/**
 * @file header.c  Header lines that applications and settings give
 */
#include <string.h>
#include <re.h>
#include "host/libre.h"
#include "syntax/header.h"
#include "syntax/text.h"


/**
 * Tell whether a header is written by us or by libre, so that another one
 * would break the message
 */
bool header_is_reserved(const struct pl *name)
{
	static const char *const namev[] = {
		"Allow", "Authorization", "Call-ID", "Contact",
		"Content-Encoding", "Content-Length", "Content-Type", "CSeq",
		"Event", "Expires", "From", "Max-Forwards",
		"Proxy-Authorization", "Proxy-Require", "Record-Route",
		"Refer-Sub", "Refer-To", "Referred-By", "Replaces", "Require",
		"Route", "Subscription-State", "Supported", "To",
		"User-Agent", "Via", "b", "c", "e", "f", "i", "k", "l", "m",
		"o", "r", "t", "v",
	};
	size_t i;

	for (i=0; i<ARRAY_SIZE(namev); ++i) {
		if (!pl_strcasecmp(name, namev[i]))
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


/** Tell whether a line is a certain header */
bool header_line_is(const char *line, const char *name)
{
	struct pl pl = {line, strcspn(line, "\r")}, val = pl;

	(void)text_cut(&pl, &val, ':');
	text_trim(&pl);

	return !pl_strcasecmp(&pl, name);
}
