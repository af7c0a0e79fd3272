/**
 * @file t_digest.c  refer_auth: digest of REFERs out of a dialog
 */
#include <string.h>
#include <sys/stat.h>
#include "wire.h"
#include "scene.h"


/** Parts of an Authorization header; NULL: as it should be */
struct creds {
	const char *user;
	const char *pass;
	const char *nc;        /**< "": RFC 2069, without qop   */
	const char *uri;       /**< Not that of the request     */
	const char *realm;
	const char *qop;
	const char *alg;       /**< ", algorithm=..", as it is sent */
	const char *response;
	bool sha;              /**< It is hashed with SHA-256   */
};

/* OpenSSL's header does not go with libre's */
unsigned char *SHA256(const unsigned char *d, size_t n, unsigned char *md);


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


static const char *hash(bool sha, const char *text)
{
	uint8_t md[32];
	char hex[2 * sizeof(md) + 1];

	if (sha)
		(void)SHA256((const uint8_t *)text, strlen(text), md);
	else
		md5((const uint8_t *)text, strlen(text), md);

	(void)re_snprintf(hex, sizeof(hex), "%w", md, sha ? sizeof(md) :
			  (size_t)MD5_SIZE);

	return keep(hex, strlen(hex));
}


/* RFC 7616 section 3.4; without qop, RFC 2069 */
static const char *make_response(const struct creds *cr, const char *user,
				 const char *realm, const char *nonce,
				 const char *uri, const char *nc,
				 const char *qop)
{
	const char *ha1 = hash(cr->sha, F("%s:%s:%s", user, realm, cr->pass ?
					  cr->pass : "wonder"));
	const char *ha2 = hash(cr->sha, F("REFER:%s%s%s", uri,
					  strcmp(qop, "auth-int") ? "" : ":",
					  strcmp(qop, "auth-int") ? "" :
					  hash(cr->sha, "")));

	return hash(cr->sha, *nc ? F("%s:%s:%s:0a4f113b:%s:%s", ha1, nonce,
				     nc, qop, ha2) :
		    F("%s:%s:%s", ha1, nonce, ha2));
}


static const char *digest(const struct msg *chall, const char *uri,
			  const struct creds *cr)
{
	const char *user = cr->user ? cr->user : "alice";
	const char *nc = cr->nc ? cr->nc : "00000001";
	const char *qop = cr->qop ? cr->qop : "auth";
	const char *realm, *nonce;
	struct httpauth_digest_chall ch;
	struct pl pl;

	uri = cr->uri ? cr->uri : uri;
	pl_set_str(&pl, hdr(chall, "WWW-Authenticate"));
	CHECK(!httpauth_digest_challenge_decode(&ch, &pl), "no challenge");
	realm = cr->realm ? cr->realm : keep(ch.realm.p, ch.realm.l);
	nonce = keep(ch.nonce.p, ch.nonce.l);

	return F("Authorization: Digest username=\"%s\", realm=\"%s\","
		 " nonce=\"%s\", uri=\"%s\", response=\"%s\"%s%s\r\n", user,
		 realm, nonce, uri, cr->response ? cr->response :
		 make_response(cr, user, realm, nonce, uri, nc, qop),
		 *nc ? F(", qop=%s, nc=%s, cnonce=\"0a4f113b\"", qop, nc) :
		 "", cr->alg ? cr->alg : cr->sha ? ", algorithm=SHA-256" :
		 "");
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


TEST(digest_asks, "Who asks is the user, with Target-Dialog the other side")
{
	struct dlg *d;
	struct msg *m;

	begin("alice:wonder\n", "refer_out_of_dialog ask\n");
	d = dlg_new(t.alice, t.bob->uri);
	d->luri = "sip:boss@example.org";
	m = challenged(d);
	(void)refer_to(d, "carol", DIGEST(m, d->target));
	event(t.bob, "? ~ refer,referRequested,id=1 ~"
	      " peer=sip:alice@example.org ", WAIT);

	t.call = call_in(t.alice, t.bob);
	d = dlg_new(t.alice, t.bob->uri);
	d->luri = "sip:boss@example.org";
	m = challenged(d);
	(void)refer_to(d, "carol",
		       F("Target-Dialog: %s;local-tag=%s;remote-tag=%s\r\n%s",
			 t.call->callid, t.call->ltag, t.call->rtag,
			 DIGEST(m, d->target)));
	event(t.bob, "? ~ refer,referInviteSent,id=2 ~"
	      " peer=sip:alice@127.0.0.1 ", WAIT);
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


static void check_challenge(const struct msg *m, unsigned n, const char *alg)
{
	const char *h = hdr_n(m, "WWW-Authenticate", n);
	const char *want = F("algorithm=%s", alg);

	CHECK(h && strstr(h, want), "%s", h ? h : "none");
}


TEST(digest_sha256, "The challenges are SHA-256 and MD5, in this order, with"
     " one nonce")
{
	const char *creds;
	struct dlg *d;
	struct msg *m;

	begin("alice:wonder\n", "refer_rate 0\n");
	d = dlg_new(t.alice, t.bob->uri);
	m = challenged(d);
	EQ_INT(2, hdr_count(m, "WWW-Authenticate"));
	check_challenge(m, 0, "SHA-256");
	check_challenge(m, 1, "MD5");

	creds = DIGEST(m, d->target, .sha = true);
	taken(d, "carol", creds);
	(void)replayed(d, creds);
	(void)replayed(d, DIGEST(m, d->target, .user = NULL));
	taken(d, "dave", DIGEST(m, d->target, .nc = "00000002"));

	/* both are answered, as baresip 4.x does */
	d = dlg_new(t.alice, t.bob->uri);
	m = challenged(d);
	taken(d, "erin", F("%s%s", DIGEST(m, d->target, .sha = true),
			   DIGEST(m, d->target, .alg = ", algorithm=MD5")));
	ROW("refer.digest-algorithms");
}


/* Of alice:example.org:wonder */
#define LINE_MD5 F("alice:example.org:%s\n",				\
		   hash(false, "alice:example.org:wonder"))
#define LINE_SHA F("alice:example.org:%s\n",				\
		   hash(true, "alice:example.org:wonder"))


static void wrong(struct dlg *d, const char *creds)
{
	struct msg *m;

	(void)refer_to(d, "eve", creds);
	m = expect_any(t.alice, "401 REFER", WAIT);
	HASNT(m, "stale");
	expect_none(t.carol, "*", 0);
}


TEST(digest_hashes, "refer_users with hashes: only their algorithm is offered"
     " and counts")
{
	struct dlg *d;
	struct msg *m;

	begin(LINE_SHA, "refer_rate 0\n");
	d = dlg_new(t.alice, t.bob->uri);
	m = challenged(d);
	EQ_INT(1, hdr_count(m, "WWW-Authenticate"));
	check_challenge(m, 0, "SHA-256");
	wrong(d, DIGEST(m, d->target, .user = NULL));
	taken(d, "carol", DIGEST(m, d->target, .sha = true));

	HAS_TEXT(ctrl(t.bob, "referpolicy", NULL).data, ", with SHA-256\n");

	/* known at the next credentials */
	(void)users_file(LINE_MD5);
	m = challenged(d);
	wrong(d, DIGEST(m, d->target, .sha = true));
	m = challenged(d);
	EQ_INT(1, hdr_count(m, "WWW-Authenticate"));
	check_challenge(m, 0, "MD5");
	taken(d, "dave", F("%s%s", DIGEST(m, d->target, .sha = true),
			   DIGEST(m, d->target, .user = NULL)));

	HAS_TEXT(ctrl(t.bob, "referpolicy", NULL).data, ", with MD5\n");

	(void)users_file(F("%s%s", LINE_MD5, LINE_SHA));
	HAS_TEXT(ctrl(t.bob, "referreload", NULL).data,
		 ", with SHA-256, MD5\n");
	m = challenged(d);
	taken(d, "erin", DIGEST(m, d->target, .user = NULL));
	EQ_INT(2, hdr_count(challenged(d), "WWW-Authenticate"));
	ROW("refer.digest-algorithms");
}


TEST(digest_attacks, "Credentials of another algorithm, quality or realm, and"
     " those of two users, are refused")
{
	static const struct creds rowv[] = {
		{.sha = true, .alg = ""},
		{.sha = true, .alg = ", algorithm=MD5"},
		{.alg = ", algorithm=SHA-256"},
		{.alg = ", algorithm=MD5-sess"},
		{.sha = true, .alg = ", algorithm=SHA-256-sess"},
		{.sha = true, .alg = ", algorithm=SHA-512-256"},
		{.alg = ", algorithm=\"\""},
		{.alg = ", algorithm=MD5, algorithm=SHA-256"},
		{.sha = true, .alg = ", algorithm=MD5, algorithm=SHA-256"},
		{.qop = "auth-int"},
		{.sha = true, .qop = "auth-int"},
		{.qop = "\"auth,auth-int\""},
		{.sha = true, .nc = ""},
		{.response = ""},
		{.sha = true, .response = ""},
		{.response = "0"},
		{.response = "00000000000000000000000000000000"},
		{.sha = true, .response = "00000000000000000000000000000000"},
		{.realm = "example.net"},
		{.realm = "EXAMPLE.ORG"},
		{.realm = ""},
		{.user = ""},
		{.user = "ALICE"},
		{.user = "alice:example.org"},
		{.user = "alice ", .sha = true},
		{.pass = ""},
		{.pass = "", .sha = true},
		{.user = "nobody", .pass = ""},
		{.user = "nobody", .pass = "", .sha = true},
	};
	struct dlg *d;
	struct msg *m;
	size_t i;

	begin("alice:wonder\neve:x\n", "refer_rate 0\n");
	d = dlg_new(t.alice, t.bob->uri);
	m = challenged(d);
	for (i=0; i<ARRAY_SIZE(rowv); ++i)
		wrong(d, digest(m, d->target, &rowv[i]));

	/* the second one is right */
	wrong(d, F("%s%s", DIGEST(m, d->target, .user = "eve", .sha = true),
		   DIGEST(m, d->target, .user = NULL)));
	wrong(d, F("%s%s", DIGEST(m, d->target, .pass = "x"),
		   DIGEST(m, d->target, .user = NULL)));
	wrong(d, F("%s%s", DIGEST(m, d->target, .pass = "x", .sha = true),
		   DIGEST(m, d->target, .user = NULL)));

	taken(d, "carol", DIGEST(m, d->target, .sha = true));
	ROW("refer.digest-algorithms");
}


TEST(digest_mode, "A file of users that others can read authenticates nobody,"
     " and shuts the guard at the start")
{
	const char *users = users_file("alice:wonder\n");
	struct dlg *d;
	struct msg *m;

	CHECK(!chmod(users, 0644), "chmod");
	t.bob   = sut_start("bob", .config = F(
		"refer_auth yes\nrefer_realm example.org\nrefer_users %s\n"
		"refer_out_of_dialog accept\nrefer_rate 0\n", users));
	t.alice = peer_new("alice");
	t.carol = peer_new("carol");
	peer_auto(t.alice, "NOTIFY");
	sut_log_has(t.bob, "others can read or write the file: make its mode"
		    " 0600; nobody may refer until it is mended");
	d = dlg_new(t.alice, t.bob->uri);
	(void)refer_to(d, "eve", "");
	expect_any(t.alice, "603 REFER", WAIT);

	CHECK(!chmod(users, 0600), "chmod");
	CHECK(ctrl(t.bob, "referreload", NULL).ok, "reload");
	m = challenged(d);
	CHECK(!chmod(users, 0602), "chmod");
	wrong(d, DIGEST(m, d->target, .user = NULL));
	sut_log_wait(t.bob, "others can read or write the file: make its mode"
		     " 0600; nobody is authenticated", WAIT);
	CHECK(!chmod(users, 0400), "chmod");
	taken(d, "carol", DIGEST(m, d->target, .user = NULL));
	ROW("refer.users");
}
