/**
 * @file party.c  What those who refer have under way
 *
 * So that none takes what is for all: a party is there while one of its
 * REFERs waits, is carried out, or has led to a call that lives.
 */
#include <re.h>
#include "admission/party.h"


/** A call that executes a referral */
struct party_call {
	struct party *party;
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


static bool cmp_handler(struct le *le, void *arg)
{
	const struct party *party = le->data;

	return party->who == *(const uint64_t *)arg;
}


/**
 * Find a party
 *
 * @param ht  Table of parties
 * @param who Identity
 *
 * @return Party, NULL if it has nothing under way
 */
const struct party *party_find(const struct hash *ht, uint64_t who)
{
	return list_ledata(hash_lookup(ht, (uint32_t)who, cmp_handler, &who));
}


/**
 * Get a party
 *
 * @param pp     Pointer to the party, referenced
 * @param ht     Table of parties
 * @param who    Identity
 * @param inside True for a call
 *
 * @return 0 if success, otherwise errorcode
 */
int party_get(struct party **pp, struct hash *ht, uint64_t who, bool inside)
{
	struct party *party = mem_ref((void *)party_find(ht, who));

	if (!party) {
		party = mem_zalloc(sizeof(*party), destructor);
		if (!party)
			return ENOMEM;

		party->who    = who;
		party->inside = inside;
		hash_append(ht, (uint32_t)who, &party->he, party);
	}

	*pp = party;

	return 0;
}


/**
 * Count a call that executes a referral, for as long as it is referenced
 *
 * @param pcp   Pointer to the allocated count
 * @param party Whose referral it is
 *
 * @return 0 if success, otherwise errorcode
 */
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


/**
 * Get the identity of the party that a call is made for
 *
 * @param pc Count of the call
 *
 * @return Identity
 */
uint64_t party_call_who(const struct party_call *pc)
{
	return pc->party->who;
}


/**
 * Tell whether the party that a call is made for is a call itself
 *
 * @param pc Count of the call
 *
 * @return True if so, false if it is an address
 */
bool party_call_inside(const struct party_call *pc)
{
	return pc->party->inside;
}
