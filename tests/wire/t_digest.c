/**
 * @file t_digest.c  refer_auth: digest of REFERs out of a dialog
 */
#include <string.h>
#include "wire.h"
#include "scene.h"


/** Parts of an Authorization header; NULL: as it should be */
struct creds {
	const char *user;
	const char *pass;
	const char *nc;        /**< "": RFC 2069, without qop */
	const char *uri;       /**< Not that of the request   */
};


static const char *users_file(const char *text)
{
	const char *users = F("%s/users", test_dir());

	spew(users, text);

	return users;
}


static void begin(const char *users, const char *config)
{
	t.bob   = sut_start("bob", .config = F(
		"%s%srefer_auth yes\n"
		"refer_realm example.org\nrefer_users %s\n", config,
		strstr(config, "refer_out_of_dialog") ? "" :
		"refer_out_of_dialog accept\n", users_file(users)));
	t.alice = peer_new("alice");
	t.carol = peer_new("carol");
	peer_auto(t.alice, "NOTIFY");
}


/* The response to a challenge, RFC 2617 and RFC 2069 */
static const char *digest(const struct msg *chall, const char *uri,
			  const struct creds *cr)
{
	const char *user = cr->user ? cr->user : "alice";
	const char *nc = cr->nc ? cr->nc : "00000001";
	struct httpauth_digest_chall ch;
	uint8_t ha1[MD5_SIZE], ha2[MD5_SIZE], md[MD5_SIZE];
	char hex[2 * MD5_SIZE + 1];
	struct pl pl;

	uri = cr->uri ? cr->uri : uri;
	pl_set_str(&pl, hdr(chall, "WWW-Authenticate"));
	CHECK(!httpauth_digest_challenge_decode(&ch, &pl), "no challenge");

	(void)md5_printf(ha1, "%s:%r:%s", user, &ch.realm,
			 cr->pass ? cr->pass : "wonder");
	(void)md5_printf(ha2, "REFER:%s", uri);
	if (*nc)
		(void)md5_printf(md, "%w:%r:%s:0a4f113b:auth:%w", ha1,
				 sizeof(ha1), &ch.nonce, nc, ha2,
				 sizeof(ha2));
	else
		(void)md5_printf(md, "%w:%r:%w", ha1, sizeof(ha1), &ch.nonce,
				 ha2, sizeof(ha2));
	(void)re_snprintf(hex, sizeof(hex), "%w", md, sizeof(md));

	return F("Authorization: Digest username=\"%s\", realm=\"%.*s\","
		 " nonce=\"%.*s\", uri=\"%s\", response=\"%s\"%s\r\n", user,
		 (int)ch.realm.l, ch.realm.p, (int)ch.nonce.l, ch.nonce.p,
		 uri, hex, *nc ? F(", qop=auth, nc=%s, cnonce=\"0a4f113b\"",
				   nc) : "");
}

#define DIGEST(chall, uri, ...)						\
	digest(chall, uri, &(const struct creds){__VA_ARGS__})


static struct msg *refer_to(struct dlg *d, const char *user,
			    const char *more)
{
	return dlg_request(d, "REFER", F("Refer-To: <sip:%s@127.0.0.3>\r\n%s",
					 user, more));
}


static struct msg *challenged(struct dlg *d)
{
	(void)refer_to(d, "carol", "");

	return expect_any(t.alice, "401 REFER", WAIT);
}


static void called(const char *user)
{
	struct msg *inv = expect(t.carol, "INVITE", WAIT);

	EQ_STR(F("sip:%s@127.0.0.3", user), ruri(inv));
	peer_reply(t.carol, inv, 486, "Busy Here", NULL);
	expect_any(t.carol, "ACK", WAIT);
	expect_any(t.alice, "NOTIFY ~ SIP/2.0 486", WAIT);
}


static void taken(struct dlg *d, const char *user, const char *creds)
{
	(void)refer_to(d, user, creds);
	expect_any(t.alice, "202 REFER", WAIT);
	called(user);
}


/* Credentials that were used: not again, and not for another target */
static struct msg *replayed(struct dlg *d, const char *creds)
{
	struct msg *m;

	(void)refer_to(d, "eve", creds);
	m = expect_any(t.alice, "401 REFER", WAIT);
	HAS(m, ", stale=true");
	expect_none(t.carol, "*", 0);

	return m;
}


TEST(digest_from, "refer_allow_from: out of a dialog it is the digest user")
{
	struct dlg *d;
	struct msg *m;

	begin("alice:wonder\neve:wonder\n",
	      "refer_allow_from sip:alice@example.org\n");
	d = dlg_new(t.alice, t.bob->uri);
	m = challenged(d);
	taken(d, "carol", DIGEST(m, d->target));

	d = dlg_new(t.alice, t.bob->uri);
	d->luri = "sip:alice@example.org";
	m = challenged(d);
	(void)refer_to(d, "carol", DIGEST(m, d->target, .user = "eve"));
	m = expect_any(t.alice, "603 REFER", WAIT);
	HAS(m, "this referrer is not allowed");

	d = dlg_new(t.alice, t.bob->uri);
	m = challenged(d);
	(void)refer_to(d, "carol", F("%sReferred-By: <sip:alice@example.org>"
				     "\r\n", DIGEST(m, d->target,
						    .user = "alice@x")));
	expect_any(t.alice, "401 REFER", WAIT);
	expect_none(t.carol, "*", 0);
	ROW("setting.from");
}


TEST(digest_from_dialog, "Nor does Target-Dialog hide the digest user")
{
	const char *td;
	struct dlg *d;
	struct msg *m;

	begin("alice:wonder\neve:wonder\n",
	      "refer_deny_from sip:eve@example.org\n");
	t.call = call_in(t.alice, t.bob);
	td = F("Target-Dialog: %s;local-tag=%s;remote-tag=%s\r\n",
	       t.call->callid, t.call->ltag, t.call->rtag);
	d = dlg_new(t.alice, t.bob->uri);
	m = challenged(d);
	(void)refer_to(d, "carol", F("%s%s", td, DIGEST(m, d->target,
							.user = "eve")));
	m = expect_any(t.alice, "603 REFER", WAIT);
	HAS(m, "this referrer is not allowed");
	expect_none(t.carol, "*", 0);
	ROW("setting.from");
}


TEST(outside_digest, "refer_auth: 401, then credentials from refer_users")
{
	const char *creds;
	struct dlg *d;
	struct msg *m;

	begin("# who may refer\nalice:wonder\neve:x\n", "");
	d = dlg_new(t.alice, t.bob->uri);
	m = challenged(d);
	HAS(m, "realm=\"example.org\"");
	ROW("R58");

	(void)refer_to(d, "carol", DIGEST(m, d->target, .pass = "wrong"));
	m = expect(t.alice, "401 REFER", WAIT);
	HASNT(m, "stale");
	(void)refer_to(d, "carol", DIGEST(m, d->target, .user = "bob"));
	m = expect(t.alice, "401 REFER", WAIT);
	HASNT(m, "stale");
	expect_none(t.carol, "*", 0);

	creds = DIGEST(m, d->target, .user = NULL);
	taken(d, "carol", F("Authorization: Digest username=\"x\","
			    " realm=\"other\", nonce=\"1\", uri=\"%s\","
			    " response=\"0\"\r\n%s", d->target, creds));
	ROW("R58 refer.out-of-dialog");

	/* who has listened cannot use them elsewhere */
	(void)replayed(dlg_new(t.alice, t.bob->uri), creds);
}


TEST(digest_replay, "Credentials work once: not again in the same Call-ID,"
     " for another target or the same")
{
	const char *creds;
	struct dlg *d;
	struct msg *m;

	begin("alice:wonder\n", "refer_rate 0\n");
	d = dlg_new(t.alice, t.bob->uri);
	m = challenged(d);
	creds = DIGEST(m, d->target, .user = NULL);
	taken(d, "carol", creds);
	(void)replayed(d, creds);
	(void)replayed(d, F("%sAuthorization: x\r\n", creds));

	/* a higher count of the same nonce is a new request, but once */
	creds = DIGEST(m, d->target, .nc = "0000000a");
	taken(d, "dave", creds);
	(void)replayed(d, creds);
	(void)replayed(d, DIGEST(m, d->target, .nc = "00000009"));
	(void)replayed(d, DIGEST(m, d->target, .nc = "0000000A"));
	(void)replayed(d, DIGEST(m, d->target, .nc = "00000000"));
	(void)replayed(d, DIGEST(m, d->target, .nc = "10000000b"));
	(void)replayed(d, DIGEST(m, d->target, .nc = "b:1"));
	m = replayed(d, DIGEST(m, d->target, .nc = ""));

	/* RFC 2069 has no count: a nonce is for one request */
	creds = DIGEST(m, d->target, .nc = "");
	taken(d, "erin", creds);
	(void)replayed(d, creds);
	m = replayed(d, DIGEST(m, d->target, .nc = "00000002"));
	taken(d, "frank", DIGEST(m, d->target, .user = NULL));
	ROW("refer.replay");
}


TEST(digest_copy, "A copy of an authenticated REFER gets the same answer, also"
     " a refusal")
{
	const char *creds;
	struct dlg *d;
	struct msg *m, *req;

	begin("alice:wonder\n", "refer_out_of_dialog ask\n"
	      "refer_max_pending 1\nrefer_rate 0\n");
	d = dlg_new(t.alice, t.bob->uri);
	m = challenged(d);
	(void)refer_to(d, "carol", DIGEST(m, d->target, .user = NULL));
	event(t.bob, "? ~ refer,referRequested,id=1", WAIT);

	d = dlg_new(t.alice, t.bob->uri);
	m = challenged(d);
	creds = DIGEST(m, d->target, .user = NULL);
	req = refer_to(d, "dave", creds);
	m = expect_any(t.alice, "503 REFER", WAIT);
	(void)peer_resend(t.alice, req);
	expect_again(t.alice, m, WAIT);

	/* the same credentials for another target, even though refused */
	(void)refer_to(d, "eve", creds);
	expect_any(t.alice, "401 REFER ~ stale=true", WAIT);

	(void)ctrl(t.bob, "referreject", "1");
	expect_any(t.alice, "480 REFER", WAIT);
	(void)peer_resend(t.alice, req);
	event(t.bob, "? ~ refer,referRequested,id=2", WAIT);
	(void)ctrl(t.bob, "referaccept", "2");
	expect_any(t.alice, "202 REFER", WAIT);
	called("dave");
	(void)peer_resend(t.alice, req);
	expect_none(t.carol, "INVITE", 200);
	ROW("refer.replay");
}


TEST(digest_elsewhere, "A nonce is for the address that was challenged")
{
	struct dlg *d, *e;
	struct msg *m;

	begin("alice:wonder\n", "");
	d = dlg_new(t.alice, t.bob->uri);
	m = challenged(d);

	/* carol has heard alice's challenge, and knows the password */
	e = dlg_new(t.carol, t.bob->uri);
	e->callid = d->callid;
	(void)refer_to(e, "eve", DIGEST(m, d->target, .user = NULL));
	expect(t.carol, "401 REFER ~ stale=true", WAIT);
	taken(d, "carol", DIGEST(m, d->target, .user = NULL));
	ROW("refer.replay");
}


TEST(digest_uri, "A proxy may have rewritten the Request-URI")
{
	static const char *const uriv[] = {
		"sip:bob@example.org", "sip:bob@127.0.0.2:5060",
		"SIP:bob@127.0.0.2", "sip:b%6fb@127.0.0.2",
	};
	size_t i;

	begin("alice:wonder\n", "refer_rate 0\n");
	for (i=0; i<ARRAY_SIZE(uriv); i++) {
		struct dlg *d = dlg_new(t.alice, t.bob->uri);

		taken(d, "carol", DIGEST(challenged(d), d->target,
					 .uri = uriv[i]));
	}
	ROW("refer.out-of-dialog");
}


TEST(digest_guesses, "Guesses of a password are limited, nobody else's REFERs")
{
	struct dlg *d;
	struct msg *m;
	int i, refused = 0;

	begin("alice:wonder\ndave:moon\n", "refer_rate 3\n");
	peer_auto(t.carol, "NOTIFY");
	d = dlg_new(t.carol, t.bob->uri);
	(void)refer_to(d, "carol", "");
	m = expect_any(t.carol, "401 REFER", WAIT);

	/* in two or three seconds at most */
	for (i=0; i<30; i++)
		(void)refer_to(d, "eve", DIGEST(m, d->target, .pass = "x"));
	for (i=0; i<30; i++) {
		struct msg *r = expect(t.carol, "xxx REFER", WAIT);

		refused += scode(r) == 503 && hdr(r, "Retry-After");
		EQ_INT(scode(r) == 503 ? 503 : 401, scode(r));
	}
	CHECK(refused >= 15, "%d of 30", refused);
	sut_log_wait(t.bob, "too many wrong credentials", WAIT);

	/* nor the other users of that address, as behind a proxy */
	(void)refer_to(d, "dave", DIGEST(m, d->target, .user = "dave",
					 .pass = "moon"));
	expect_any(t.carol, "202 REFER", WAIT);
	peer_reply(t.carol, expect_any(t.carol, "INVITE", WAIT), 486, "Busy",
		   NULL);
	expect_any(t.carol, "NOTIFY ~ SIP/2.0 486", WAIT);
	peer_flush(t.carol);

	d = dlg_new(t.alice, t.bob->uri);
	taken(d, "carol", DIGEST(challenged(d), d->target, .user = NULL));
	ROW("refer.fair");
}


/* A file with a fault authenticates nobody */
static void faulty(const char *users)
{
	struct dlg *d = dlg_new(t.alice, t.bob->uri);
	struct msg *m;

	(void)users_file(users);
	m = challenged(d);
	(void)refer_to(d, "carol", DIGEST(m, d->target, .user = NULL));
	expect_any(t.alice, "401 REFER", WAIT);
	(void)refer_to(d, "carol", DIGEST(m, d->target, .user = "eve",
					  .pass = ""));
	expect_any(t.alice, "401 REFER", WAIT);
	expect_none(t.carol, "*", 0);
}


TEST(digest_users, "refer_users: a file with a fault authenticates nobody,"
     " and the line is named")
{
	const char *comment = F("# %0510u:x", 1);
	struct dlg *d;
	struct msg *m;

	begin("alice:wonder\n", "refer_rate 0\n");

	/* what was the second part of a comment is no credential */
	(void)users_file(F("%0511u\n", 1));
	d = dlg_new(t.alice, t.bob->uri);
	m = challenged(d);
	(void)users_file(F("#%0510u%s\nalice:wonder\n", 1, "mallory:m"));
	(void)refer_to(d, "carol", DIGEST(m, d->target, .user = "mallory",
					  .pass = "m"));
	expect_any(t.alice, "401 REFER", WAIT);
	sut_log_wait(t.bob, "users: line 1 ", WAIT);

	faulty(F("%s\nalice:wonder\n", comment));
	faulty("alice:wonder\neve:\n");
	sut_log_wait(t.bob, "users: line 2 ", WAIT);
	faulty("alice:wonder\n\n\nalice\n");
	sut_log_wait(t.bob, "users: line 4 ", WAIT);
	faulty("alice:wonder\n:x\n");
	faulty("alice:wonder\nalice:other\n");
	faulty("");

	(void)users_file("# fine\r\n\r\nalice:wonder\r\neve:x");
	d = dlg_new(t.alice, t.bob->uri);
	taken(d, "carol", DIGEST(challenged(d), d->target, .user = NULL));
	d = dlg_new(t.alice, t.bob->uri);
	taken(d, "carol", DIGEST(challenged(d), d->target, .user = "eve",
				 .pass = "x"));
	ROW("refer.users");
}
