/**
 * @file odd_headers.h  Headers that any message may have, odd values too
 *
 * For the torture and for fuzz_core, whose tables have more: what has an
 * address in it, and what only one of them can send.
 */
#ifndef TESTS_ODD_HEADERS_H
#define TESTS_ODD_HEADERS_H

/** A header that any message may have */
struct header {
	const char *name;
	const char *valv[6];
};

#define HEADERS_REFER \
	{"Referred-By", {"<sip:alice@127.0.0.1>", "sip:a@b;cid=x", \
		"\"A\" <sip:a@b>;cid=\"2@x\"", "<>", ""}}, \
	{"Refer-Sub", {"false", "true", "FALSE;x=y", "maybe"}}, \
	{"Require", {"nosub", "replaces", "norefersub", "100rel, x", \
		"tdialog", "refer, , explicitsub"}}, \
	{"Supported", {"replaces", "norefersub, nosub", "100rel", "", ",,"}}

#define HEADERS_EXPIRES \
	{"Expires", {"60", "0", "1", "4294967295", "-1", "x"}}

#define HEADERS_NOTIFY \
	{"Subscription-State", {"active;expires=9", "terminated;reason=x", \
		"pending", "terminated;reason=noresource;retry-after=1", \
		""}}, \
	{"Accept", {"message/sipfrag", "*/*", "text/plain;q=0.1", ""}}

#define HEADERS_ANY \
	{"Max-Forwards", {"0", "1", "70", "256", "x"}}, \
	{"Retry-After", {"1", "0", "3600", "x"}}, \
	{"Authorization", {"Digest username=\"a\", realm=\"x\", nonce=\"1\"," \
		" uri=\"sip:b\", response=\"00\"", "Basic x", "Digest"}}, \
	{"Min-Expires", {"9", "99999999", "x"}}

#define HEADERS_DIALOG \
	{"Replaces", {"1;to-tag=2;from-tag=3", "1;from-tag=2", "x"}}, \
	{"Target-Dialog", {"1;local-tag=2;remote-tag=3", "x"}}

#endif
