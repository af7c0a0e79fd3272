/**
 * @file party.c  What those who refer have under way
 *
 * So that none takes what is for all: a party is there while one of its
 * REFERs waits, is carried out, or has led to a call that lives.
 *
 * A call that executes a referral can be referred again, and so on: its depth
 * and the party behind it are kept, by the Call-ID, so that both sides of a
 * call to oneself count.
 */
#include <re.h>
#include "admission/admission.h"
#include "admission/state.h"
#include "core/call_watch.h"


/** Counts a call that executes a referral, while it is referenced */
struct party_call {
	struct party *party;
};

/** A call that executes a referral, or did */
struct link {
	struct le he;
	struct call_watch watch;
	uint32_t depth;
	uint64_t who;            /**< Party behind it                */
	struct party_call *pc;   /**< It counts while the call lives */
};


static void destructor(void *arg)
{
	struct party *party = arg;

	hash_unlink(&party->he);
}


static void call_destructor(void *arg)
{
	struct party_call *pc = arg;

	--pc->party->calls;
	mem_deref(pc->party);
}


static void link_destructor(void *arg)
{
	struct link *link = arg;

	hash_unlink(&link->he);
	call_unwatch(&link->watch);
	mem_deref(link->pc);
}


static bool cmp_who(struct le *le, void *arg)
{
	const struct party *party = le->data;

	return party->who == *(const uint64_t *)arg;
}


/** Find a party: NULL if it has nothing under way */
const struct party *party_find(const struct admission *adm, uint64_t who)
{
	return list_ledata(hash_lookup(adm->ht_party, (uint32_t)who, cmp_who,
				       &who));
}


/** Get a reference to a party */
int party_get(struct party **pp, struct admission *adm, uint64_t who,
	      bool inside)
{
	struct party *party = mem_ref((void *)party_find(adm, who));

	if (!party) {
		party = mem_zalloc(sizeof(*party), destructor);
		if (!party)
			return ENOMEM;

		party->adm    = adm;
		party->who    = who;
		party->inside = inside;
		hash_append(adm->ht_party, (uint32_t)who, &party->he, party);
	}

	*pp = party;

	return 0;
}


/** One more of its REFERs waits for a decision, or by n = -1 one less */
void party_wait(struct party *party, int n)
{
	party->waiting += n;
	party->adm->waiting += n;
	if (!party->inside)
		party->adm->waiting_outside += n;
}


/** Count a call that executes a referral, for as long as it is referenced */
int party_call_alloc(struct party_call **pcp, struct party *party)
{
	struct party_call *pc;

	pc = mem_zalloc(sizeof(*pc), call_destructor);
	if (!pc)
		return ENOMEM;

	pc->party = mem_ref(party);
	++party->calls;
	*pcp = pc;

	return 0;
}


static bool cmp_callid(struct le *le, void *arg)
{
	const struct link *link = le->data;

	return !str_cmp(link->watch.callid, arg);
}


static const struct link *find_link(const struct admission *adm,
				    const char *callid)
{
	return list_ledata(hash_lookup(adm->ht_link, hash_joaat_str(callid),
				       cmp_callid, (void *)callid));
}


static struct link *link_alloc(struct admission *adm, struct call *call,
			       struct party_call *pc, uint32_t depth)
{
	struct link *link;

	link = mem_zalloc(sizeof(*link), link_destructor);
	if (!link)
		return NULL;

	link->depth = depth;
	link->pc    = mem_ref(pc);

	if (call_watch(&link->watch, adm->watches, NULL, call,
		       call_watch_deref, link))
		return mem_deref(link);

	hash_append(adm->ht_link, hash_joaat_str(link->watch.callid),
		    &link->he, link);

	return link;
}


/** Remember how deep a call is, and count it while it lives. An address that
    has sent a REFER out of a dialog may be a proxy: such a call stands for
    itself */
int party_call_link(struct party_call *pc, struct call *call, uint32_t depth)
{
	const struct party *party = pc->party;
	struct link *link;

	link = link_alloc(party->adm, call, pc, depth);
	if (!link)
		return ENOMEM;

	link->who = party->inside ? party->who :
		limits_call(party->adm->limits, link->watch.callid);

	return 0;
}


/** A call takes the place of another one, and is as deep, and of the same
    party */
int party_call_move(struct admission *adm, const char *callid,
		    struct call *call)
{
	const struct link *from = find_link(adm, callid);
	const uint64_t who = chain_party(adm, callid);
	struct link *link;

	link = link_alloc(adm, call, from ? from->pc : NULL,
			  from ? from->depth : 0);
	if (!link)
		return ENOMEM;

	link->who = who;

	return 0;
}


/** Number of referrals that led to a call, 0 for a call of its own */
uint32_t chain_depth(const struct admission *adm, const char *callid)
{
	const struct link *link = find_link(adm, callid);

	return link ? link->depth : 0;
}


/**
 * Tell who is behind the REFERs in a call: the party of the first referral in
 * its chain, so that the calls made by it count together. A call without a
 * chain stands for itself, and for the calls that take its place.
 */
uint64_t chain_party(const struct admission *adm, const char *callid)
{
	const struct link *link = find_link(adm, callid);

	return link ? link->who : limits_call(adm->limits, callid);
}
