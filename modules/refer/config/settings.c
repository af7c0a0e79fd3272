/**
 * @file settings.c  The settings of the module
 *
 * What keys there are, and what their values mean. A wrong value of a key
 * that restricts is not replaced by the default but by the strictest value:
 * who wrote it wanted a restriction.
 *
 * Uses libc only for what a module in another release needs, see required.c.
 */
#include <ctype.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>
#include <re.h>
#include "config/settings.h"
#include "host/libre.h"


static const char *const policyv[] = {"accept", "ask", "reject", NULL};
static const char *const boolv[]   = {"no", "yes", NULL};
static const char *const autov[]   = {"no", "yes", "auto", NULL};
static const char *const targetv[] = {"auto", "contact", "aor", "blind", NULL};
static const char *const afterv[]  = {"hangup", "keep", NULL};

enum {
	SECONDS_MAX = 999999,
	HISTORY_MAX = 10000,
	DECIDE_MAX  = 30,      /* the referrer's transaction ends at 32 s */
	KEY_MAX     = 64,      /* what is longer is like no other key     */
	DIGITS_MAX  = 9,
};

enum {
	R  = SETTING_RESTRICTS,
	RA = SETTING_RESTRICTS | SETTING_ACCOUNT,
	A  = SETTING_ACCOUNT,
};

#define FIELD(name) offsetof(struct settings, name)
#define SIZE(name)  sizeof(((struct settings *)NULL)->name)

/* key, field, default, first and last, names; strictest, open, what it is */
static const struct setting settingv[] = {
	{"refer_policy", FIELD(policy), POLICY_ACCEPT, 0, 2, policyv,
	 POLICY_REJECT, POLICY_ACCEPT, RA},
	{"refer_out_of_dialog", FIELD(out_of_dialog), POLICY_REJECT, 0, 2,
	 policyv, POLICY_REJECT, POLICY_ACCEPT, RA},
	{"refer_replaces", FIELD(replaces), POLICY_ACCEPT, 0, 2, policyv,
	 POLICY_REJECT, POLICY_ACCEPT, RA},
	{"refer_auth", FIELD(auth), 0, 0, 1, boolv, 1, 0, R},
	{"refer_required", FIELD(required), REQUIRED_AUTO, 0, 2, autov,
	 REQUIRED_YES, REQUIRED_NO, R},
	{"refer_accept_code", FIELD(accept_code), 202, 200, 299, NULL,
	 202, 0, 0},
	{"refer_reject_code", FIELD(reject_code), 603, 300, 699, NULL,
	 603, 0, 0},
	{"refer_decide_time", FIELD(decide_time), 20, 1, DECIDE_MAX, NULL,
	 20, 0, 0},
	{"refer_ask_timeout", FIELD(ask_timeout), 120, 1, SECONDS_MAX, NULL,
	 120, 0, 0},
	{"refer_expires", FIELD(expires), 180, 1, SECONDS_MAX, NULL,
	 180, 0, 0},
	{"refer_ring_timeout", FIELD(ring_timeout), 120, 1, SECONDS_MAX, NULL,
	 120, 0, A},
	{"refer_notify_timeout", FIELD(notify_timeout), 32, 1, SECONDS_MAX,
	 NULL, 32, 0, A},
	{"refer_old_call_timeout", FIELD(old_call_timeout), 32, 1,
	 SECONDS_MAX, NULL, 32, 0, 0},
	{"refer_max_pending", FIELD(max_pending), 64, 0, SECONDS_MAX, NULL,
	 64, 0, R},
	{"refer_max_pending_peer", FIELD(max_pending_peer), 8, 0, SECONDS_MAX,
	 NULL, 8, 0, R},
	{"refer_max_calls", FIELD(max_calls), 2, 0, SECONDS_MAX, NULL,
	 2, 0, R},
	{"refer_rate", FIELD(rate), 10, 0, SECONDS_MAX, NULL, 10, 0, R},
	{"refer_max_depth", FIELD(max_depth), 5, 0, SECONDS_MAX, NULL,
	 5, 0, R},
	{"refer_tel", FIELD(tel), TEL_AUTO, 0, 2, autov, TEL_NO, TEL_YES, R},
	{"refer_follow_redirect", FIELD(follow_redirect), 0, 0, 1, boolv,
	 0, 1, R},
	{"refer_after_success", FIELD(keep), 0, 0, 1, afterv, 0, 0, A},
	{"refer_hold", FIELD(hold), 1, 0, 1, boolv, 1, 0, A},
	{"refer_require_replaces", FIELD(require_replaces), 0, 0, 1, boolv,
	 0, 0, 0},
	{"refer_attended_target", FIELD(attended_target), ATTENDED_AUTO, 0, 3,
	 targetv, ATTENDED_AUTO, ATTENDED_AUTO, A},
	{"refer_history", FIELD(history), 100, 0, HISTORY_MAX, NULL,
	 100, 0, 0},
	{"refer_history_time", FIELD(history_time), 600, 1, SECONDS_MAX, NULL,
	 600, 0, 0},
	{"refer_take_transfer", FIELD(take_transfer), 1, 0, 1, boolv,
	 1, 0, 0},

	/* a file that is not the one that was meant has other users */
	{.key = "refer_users", .offset = FIELD(users), .last = SIZE(users),
	 .flags = SETTING_TEXT | R},
	{.key = "refer_realm", .offset = FIELD(realm), .last = SIZE(realm),
	 .flags = SETTING_TEXT},
	{.key = "refer_ask_sound", .offset = FIELD(ask_sound),
	 .last = SIZE(ask_sound), .flags = SETTING_TEXT},

	/* any number of lines */
	{.key = "refer_allow", .flags = SETTING_LIST | R},
	{.key = "refer_deny", .flags = SETTING_LIST | R},
	{.key = "refer_deny_number", .flags = SETTING_LIST | R},
	{.key = "refer_allow_from", .flags = SETTING_LIST | R},
	{.key = "refer_deny_from", .flags = SETTING_LIST | R},
	{.key = "refer_invite_headers", .flags = SETTING_LIST},
	{.key = "refer_handler", .offset = FIELD(handlers),
	 .last = SIZE(handlers), .flags = SETTING_LIST | R},
	{.key = "refer_copy_headers", .offset = FIELD(copy_headers),
	 .last = SIZE(copy_headers), .flags = SETTING_LIST | SETTING_HEADERS},
	{.key = "refer_pass_headers", .offset = FIELD(pass_headers),
	 .last = SIZE(pass_headers), .flags = SETTING_LIST | SETTING_HEADERS},

	{.key = "refer_http_listen", .flags = SETTING_TEXT | SETTING_HTTP},
	{.key = "refer_http_token", .flags = SETTING_TEXT | SETTING_HTTP},
	{.key = "refer_http_token_file", .flags = SETTING_TEXT | SETTING_HTTP},
	{.key = "refer_http_host", .flags = SETTING_LIST | SETTING_HTTP},
	{.key = "refer_http_origin", .flags = SETTING_TEXT | SETTING_HTTP},
	{.key = "refer_http_cert", .flags = SETTING_TEXT | SETTING_HTTP},
	{.key = "refer_webhook", .flags = SETTING_TEXT | SETTING_HTTP},
	{.key = "refer_webhook_events", .flags = SETTING_TEXT | SETTING_HTTP},
	{.key = "refer_webhook_token", .flags = SETTING_TEXT | SETTING_HTTP},
	{.key = "refer_webhook_ca", .flags = SETTING_TEXT | SETTING_HTTP},
};


/** Get the setting behind one, the first one behind NULL */
const struct setting *settings_next(const struct setting *s)
{
	if (!s)
		return settingv;

	++s;

	return s < settingv + ARRAY_SIZE(settingv) ? s : NULL;
}


static bool is_name(const struct pl *pl, const char *name)
{
	return pl->l == strlen(name) && !strncasecmp(pl->p, name, pl->l);
}


static bool begins(const struct pl *pl, const char *prefix)
{
	const size_t len = strlen(prefix);

	return pl->l >= len && !strncasecmp(pl->p, prefix, len);
}


/** Find a setting; as in libre, case does not matter */
const struct setting *settings_find(const struct pl *key)
{
	const struct setting *s = NULL;

	if (!begins(key, "refer_"))
		return NULL;

	while ((s = settings_next(s))) {
		if (is_name(key, s->key))
			break;
	}

	return s;
}


/* Letters to insert, delete or change until one is the other; more than most
   is not counted to its end, as each parameter of an account is looked at for
   each REFER */
static unsigned distance(const struct pl *a, const char *b, unsigned most)
{
	unsigned row[KEY_MAX + 1], i, j, diag, up, least;
	const unsigned len = (unsigned)strlen(b);

	if (a->l > KEY_MAX || len > KEY_MAX ||
	    max(a->l, len) - min(a->l, len) > most)
		return KEY_MAX;

	for (j=0; j<=len; ++j)
		row[j] = j;

	/* off the diagonal by more than most, it is more than most */
	for (i=1; i<=a->l; ++i) {

		const int c = tolower((unsigned char)a->p[i - 1]);
		const unsigned first = i > most ? i - most : 1;

		diag = row[first - 1];
		row[first - 1] = least = i > most ? KEY_MAX : i;

		for (j=first; j<=len && j<=i+most; ++j) {

			up     = row[j];
			row[j] = min(diag + (c != b[j - 1]),
				     min(up, row[j - 1]) + 1);
			least  = min(least, row[j]);
			diag   = up;
		}

		if (least > most)
			return KEY_MAX;
	}

	return row[len];
}


/* Two letters changed, added or left out leave one of the pairs of "refer_",
   with which each key of ours begins; most parameters have none of them, or
   are too short */
static bool may_be_near(const struct pl *key)
{
	const size_t n = min(key->l, sizeof("refer_") - 1 + SETTING_NEAR);
	size_t i;

	if (key->l < sizeof("refer_tel") - 1 - SETTING_NEAR)
		return is_name(key, "refer");

	for (i=1; i<n; ++i) {
		const int a = tolower((unsigned char)key->p[i - 1]);
		const int b = tolower((unsigned char)key->p[i]);

		if ((a == 'r' && (b == 'e' || b == '_')) ||
		    (a == 'f' && b == 'e'))
			return true;
	}

	return false;
}


/**
 * Tell what an unknown key was meant to be
 *
 * It is harmless only if it is nearly one that does not restrict. A key of
 * others is none of ours unless it is nearly one of them.
 */
enum unknown settings_unknown(const struct setting **nearest,
			      const struct pl *key, bool account)
{
	const bool ours = begins(key, "refer_") || is_name(key, "refer");
	unsigned bestv[2] = {KEY_MAX, KEY_MAX};
	const struct setting *s = NULL;

	if (!may_be_near(key))
		return UNKNOWN_OTHERS;

	while ((s = settings_next(s))) {

		const bool restricts = s->flags & SETTING_RESTRICTS;
		unsigned d;

		if (account && !(s->flags & SETTING_ACCOUNT))
			continue;

		d = distance(key, s->key, ours ? KEY_MAX : SETTING_NEAR);
		if (d < min(bestv[0], bestv[1]))
			*nearest = s;
		if (d < bestv[restricts])
			bestv[restricts] = d;
	}

	if (bestv[0] <= SETTING_NEAR && bestv[0] < bestv[1])
		return UNKNOWN_HARMLESS;

	if (bestv[1] > SETTING_NEAR && !ours)
		return UNKNOWN_OTHERS;

	return UNKNOWN_GUARD;
}


static int decode_number(uint32_t *val, const struct setting *s,
			 const struct pl *pl)
{
	uint32_t n = 0;
	size_t i;

	if (!pl->l || pl->l > DIGITS_MAX)
		return EINVAL;

	for (i=0; i<pl->l; ++i) {

		if (!isdigit((unsigned char)pl->p[i]))
			return EINVAL;

		n = 10 * n + (uint32_t)(pl->p[i] - '0');
	}

	if (n < s->first || n > s->last)
		return EINVAL;

	*val = n;

	return 0;
}


/* baresip has several names for yes and no */
static int decode_bool(uint32_t *val, const struct pl *pl)
{
	static const char *const namev[][2] = {
		{"false", "true"}, {"off", "on"}, {"0", "1"},
	};
	size_t i;

	for (i=0; i<2 * ARRAY_SIZE(namev); ++i) {

		if (is_name(pl, namev[i / 2][i % 2])) {
			*val = i % 2;
			return 0;
		}
	}

	return EINVAL;
}


static int decode_name(uint32_t *val, const char *const *namev,
		       const struct pl *pl)
{
	uint32_t i;

	for (i=0; namev[i]; ++i) {

		if (is_name(pl, namev[i])) {
			*val = i;
			return 0;
		}
	}

	return namev == boolv || namev == autov ? decode_bool(val, pl)
						: EINVAL;
}


/**
 * Decode the value of a setting that is a name or a number
 *
 * @return 0 if success, EINVAL if it is not allowed
 */
int settings_decode(uint32_t *val, const struct setting *s,
		    const struct pl *pl)
{
	return s->namev ? decode_name(val, s->namev, pl)
			: decode_number(val, s, pl);
}


/** Print what is allowed */
int settings_print_allowed(struct re_printf *pf, const struct setting *s)
{
	int err = 0;
	size_t i;

	if (s->flags & (SETTING_TEXT | SETTING_LIST))
		return re_hprintf(pf, "one word");

	if (!s->namev)
		return re_hprintf(pf, "%u to %u", s->first, s->last);

	for (i=0; s->namev[i]; ++i)
		err |= re_hprintf(pf, "%s%s", i ? " | " : "", s->namev[i]);

	return err;
}


/** Print a value of a setting that is a name or a number */
int settings_print_value(struct re_printf *pf, const struct setting *s,
			 uint32_t val)
{
	return s->namev ? re_hprintf(pf, "%s", s->namev[val])
			: re_hprintf(pf, "%u", val);
}


/** Get the name of the value of a setting that has names */
const char *settings_value_name(const struct settings *set, const char *key)
{
	const struct setting *s;
	struct pl pl;

	pl_set_str(&pl, key);
	s = settings_find(&pl);

	return s && s->namev ? s->namev[*settings_value(set, s)] : "?";
}


/** Get the place of a setting that is a name or a number */
uint32_t *settings_value(const struct settings *set, const struct setting *s)
{
	return (uint32_t *)(void *)((uint8_t *)(uintptr_t)set + s->offset);
}


/** Get the place of a setting that is text */
char *settings_text(const struct settings *set, const struct setting *s)
{
	return (char *)(uintptr_t)set + s->offset;
}


/** Set all to the defaults */
void settings_init(struct settings *set)
{
	const struct setting *s = NULL;

	memset(set, 0, sizeof(*set));

	while ((s = settings_next(s))) {
		if (!(s->flags & (SETTING_TEXT | SETTING_LIST)))
			*settings_value(set, s) = s->dflt;
		else if (s->flags & SETTING_HEADERS)
			str_ncpy(settings_text(set, s), "User-to-User",
				 s->last);
	}

	if (gethostname(set->realm, sizeof(set->realm) - 1))
		str_ncpy(set->realm, "baresip", sizeof(set->realm));

	str_ncpy(set->ask_sound, "message.wav", sizeof(set->ask_sound));
	settings_settle(set);
}


/**
 * Get the life of a subscription
 *
 * It must outlive the call that it reports on (RFC 3515 section 3.4), so it is
 * at least the time to ring and 8 s more.
 *
 * @param set  Settings
 * @param ring Time to ring [s]
 *
 * @return Life [s]
 */
uint32_t settings_expires(const struct settings *set, uint32_t ring)
{
	return max(set->expires, ring + 8);
}


/** Make settings agree that depend on each other */
void settings_settle(struct settings *set)
{
	set->expires = settings_expires(set, set->ring_timeout);
}


/**
 * Decode the name of a policy
 *
 * @return 0 if success, EINVAL if it is no policy
 */
int settings_policy(enum policy *policy, const struct pl *pl)
{
	uint32_t val;
	int err;

	err = decode_name(&val, policyv, pl);
	if (!err)
		*policy = (enum policy)val;

	return err;
}


/** Get the name of a policy */
const char *settings_policy_name(enum policy policy)
{
	return policyv[policy];
}
