/**
 * @file attempt.c  Whom an INVITE of ours calls, and what is tried next
 *
 * A target that does not take the body part is called once more without it
 * (RFC 3261 section 8.1.3.5). The Contacts of a redirection are called one
 * after the other (section 8.1.3.4), if the configuration says so.
 */
#include <re.h>
#include "admission/admission.h"
#include "core/attempt.h"
#include "core/core.h"
#include "core/redirect.h"
#include "host/host.h"
#include "host/libre.h"
#include "syntax/refer_to.h"


/** Begin with these; the texts but the URI, and the part, are libre's */
int attempt_init(struct attempt *at, const struct host_invite *how)
{
	char *uri = NULL;
	int err;

	err = str_dup(&uri, how->uri);

	at->how     = *how;
	at->how.uri = uri;
	mem_ref((void *)how->hdrs);
	mem_ref((void *)how->part);
	mem_ref((void *)how->name);
	mem_ref((void *)how->outbound);

	return err;
}


void attempt_close(struct attempt *at)
{
	list_flush(&at->contacts);
	mem_deref((void *)at->how.uri);
	mem_deref((void *)at->how.hdrs);
	mem_deref((void *)at->how.part);
	mem_deref((void *)at->how.name);
	mem_deref((void *)at->how.outbound);
}


/* Codes that speak of a body, and those that are also sent by who cannot read
   one. The latter count before the target rings, and so does silence: a large
   datagram may not get through */
static bool may_be_part(const struct failure *f)
{
	static const struct {
		uint16_t scode;
		bool sure;
	} codev[] = {
		{400, false},
		{406, false},
		{413, true},
		{415, true},
		{488, false},
		{493, true},
		{500, false},
		{513, true},
		{606, false},
	};
	size_t i;

	if (!f->msg)
		return !f->rung && f->scode != 487;

	for (i=0; i<ARRAY_SIZE(codev); ++i) {
		if (codev[i].scode == f->scode)
			return codev[i].sure || !f->rung;
	}

	return false;
}


/* The next Contact that may be called: NULL if there is none */
static struct refer_to *redirection(struct attempt *at,
				    const struct refer *refer,
				    const struct ua *ua)
{
	struct refer_to *rt;
	char *val;

	while ((val = redirect_take(&at->contacts))) {
		struct pl pl;

		pl_set_str(&pl, val);
		rt = NULL;
		(void)refer_to_decode(&rt, &pl);
		mem_deref(val);

		if (rt && policy_allows(refer, rt) &&
		    !refer_to_normalise(rt) && host_ua_dials(ua, rt->uri))
			return rt;

		mem_deref(rt);
	}

	return NULL;
}


/* No response is a failure as any other (RFC 3261 section 8.1.3.1), but not
   that the call was hung up here */
static bool goes_on(const struct failure *f)
{
	return (f->msg || f->scode != 487) && redirect_goes_on(f->scode);
}


static bool follow(struct attempt *at, const struct refer *refer,
		   const struct ua *ua, const struct failure *f)
{
	struct refer_to *rt;

	if (!goes_on(f) || !policy_follow_redirect(refer) ||
	    at->redirects >= REDIRECTS_MAX)
		return false;

	if (f->msg && f->scode < 400)
		redirect_add(&at->contacts, f->msg);

	rt = redirection(at, refer, ua);
	if (!rt)
		return false;

	++at->redirects;
	mem_deref((void *)at->how.uri);
	at->how.uri = mem_ref(rt->uri);
	mem_deref(rt);

	return true;
}


/**
 * Get what is tried when an attempt has failed
 *
 * @param at    What has failed; changed into the next attempt
 * @param refer Protocol
 * @param ua    User agent that calls
 * @param f     How it has failed
 *
 * @return False if nothing more is tried
 */
bool attempt_next(struct attempt *at, const struct refer *refer,
		  const struct ua *ua, const struct failure *f)
{
	if (at->how.part && may_be_part(f)) {
		at->how.part = mem_deref((void *)at->how.part);
		return true;
	}

	return follow(at, refer, ua, f);
}
