/**
 * @file chain.c  How many referrals led to a call
 *
 * A call that executes a referral can be referred again, and so on: here its
 * depth and the party behind it are kept, by the Call-ID, so that both sides
 * of a call to oneself count.
 */
#include <re.h>
#include "admission/admission.h"
#include "admission/limits.h"
#include "admission/party.h"
#include "core/call_watch.h"
#include "core/core.h"


/** A call that executes a referral, or did */
struct link {
	struct le he;
	struct call_watch watch;
	uint32_t depth;
	struct party_call *pc;   /**< It counts while the call lives */
};


static void destructor(void *arg)
{
	struct link *link = arg;

	hash_unlink(&link->he);
	call_unwatch(&link->watch);
	mem_deref(link->pc);
}


static void watch_handler(enum call_change change, uint16_t scode,
			  const char *reason, void *arg)
{
	(void)scode;
	(void)reason;

	if (change != CALL_ESTABLISHED)
		mem_deref(arg);
}


/**
 * Remember how deep a call is
 *
 * @param refer  Protocol
 * @param call   Call that executes a referral, its INVITE is out
 * @param depth  Number of referrals that led to it
 * @param pc     Count of the call
 *
 * @return 0 if success, otherwise errorcode
 */
int chain_add(struct refer *refer, struct call *call, uint32_t depth,
	      struct party_call *pc)
{
	struct link *link;
	int err;

	link = mem_zalloc(sizeof(*link), destructor);
	if (!link)
		return ENOMEM;

	link->depth = depth;
	link->pc    = mem_ref(pc);

	err = call_watch(&link->watch, refer->watches, NULL, call,
			 watch_handler, link);
	if (err) {
		mem_deref(link);
		return err;
	}

	hash_append(refer->ht_chain, hash_joaat_str(link->watch.callid),
		    &link->he, link);

	return 0;
}


static bool cmp_handler(struct le *le, void *arg)
{
	const struct link *link = le->data;

	return !str_cmp(link->watch.callid, arg);
}


static struct link *find(const struct refer *refer, const char *callid)
{
	return list_ledata(hash_lookup(refer->ht_chain,
				       hash_joaat_str(callid), cmp_handler,
				       (void *)callid));
}


/**
 * Tell how deep a call is
 *
 * @param refer  Protocol
 * @param callid Its Call-ID
 *
 * @return Number of referrals that led to it, 0 for a call of its own
 */
uint32_t chain_depth(const struct refer *refer, const char *callid)
{
	const struct link *link = find(refer, callid);

	return link ? link->depth : 0;
}


/**
 * Tell who is behind the REFERs in a call: the party of the first referral in
 * its chain, so that the calls made by it count together; but not the address
 * that has sent one out of a dialog, which may be a proxy
 *
 * @param refer  Protocol
 * @param callid Its Call-ID
 *
 * @return Identity of a party, that of the call itself if it has no chain
 */
uint64_t chain_party(const struct refer *refer, const char *callid)
{
	const struct link *link = find(refer, callid);

	return link && party_call_inside(link->pc) ?
		party_call_who(link->pc) :
		limits_call(refer->limits, callid);
}
