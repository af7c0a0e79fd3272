/**
 * @file replaces.h  The Replaces header (RFC 3891)
 */
#ifndef REFER_REPLACES_H
#define REFER_REPLACES_H

/** A Replaces value; the parts point into the decoded text */
struct replaces {
	struct pl callid;
	struct pl to_tag;
	struct pl from_tag;
	bool early_only;
};

int replaces_decode(struct replaces *rep, const struct pl *val);

#endif
