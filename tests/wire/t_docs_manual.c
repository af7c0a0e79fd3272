/**
 * @file t_docs_manual.c  manual.md: what is typed, and what comes of it
 */
#include <string.h>
#include "wire.h"
#include "harness.h"
#include "channel.h"
#include "docs.h"
#include "scene.h"


#define PAGE "docs/manual.md"


TEST(docs_hash, "manual.md: a user's line, and how its hash is made")
{
	const char *users = page_block(PAGE, "alice:wonder");
	const char *cmd = page_block(PAGE, "printf %s bob:");
	const char *file = F("%s/users", test_dir()), *hash;
	struct proc *p = page_shell(cmd);

	CHECK(proc_wait(p, WAIT), "it ends");
	hash = strstr(users, "\nbob:example.org:") + 17;
	CHECK(!strncmp(proc_log(p), hash, 64), "%s is not %s", hash,
	      proc_log(p));

	spew(file, users);
	scene(.config = F("refer_auth yes\nrefer_realm example.org\n"
			  "refer_users %s\n", file));
	HAS_TEXT(ctrl(t.bob, "referpolicy", NULL).data,
		 F("refer: users 2 of %s, with SHA-256, MD5\n", file));
	ROW("docs.lines");
}


TEST(docs_ask, "manual.md: the question, what is typed, and the answer")
{
	const char *block = page_block(PAGE, "refer: alice asks you");
	const char *question = first_line(block), *cmd, *out;

	scene(.config = "refer_policy ask\n");
	(void)refer_carol("");
	sut_log_wait(t.bob, question, WAIT);

	block = strchr(block, '\n') + 1;
	CHECK(page_sample(&block, "/referreject ", &cmd, &out), "no command");
	EQ_STR(out, ctrl(t.bob, "referreject", cmd).data);
	HAS(expect(t.alice, "486 REFER", WAIT), "SIP/2.0 486 Busy Here\r\n");
	ROW("docs.lines");
}


/* In the page all have one domain, here each has an address */
static const char *one_domain(const char *text)
{
	return replaced(text, "127.0.0.3", "127.0.0.1");
}


/* alice types, and bob is transferred; returns his REFER */
static struct msg *typed(const char *prm, const char *answer)
{
	const struct resp r = ctrl(t.bob, "transfer", prm);

	if (answer)
		EQ_STR(one_domain(answer), r.data);

	return await_refer(t.call);
}


static void ended(unsigned id)
{
	event(t.bob, F("? ~ refer,referEnded,id=%u ", id), WAIT);
}


TEST(docs_transfer, "manual.md: /transfer, its answer, and what is said then")
{
	const char *block = page_block(PAGE, "/transfer carol\n");
	const char *lines = page_block(PAGE, "refer: #1 bob accepted");
	const char *cmd, *out;
	struct peer *bob;
	struct msg *req;

	t.bob  = sut_start("alice");
	bob    = peer_new("bob");
	t.call = call_in(bob, t.bob);

	CHECK(page_sample(&block, "/transfer ", &cmd, &out), "no command");
	req = typed(cmd, out);
	peer_reply(bob, req, 202, "Accepted", NULL);
	sut_log_wait(t.bob, one_domain(first_line(lines)), WAIT);
	peer_auto(bob, "BYE");
	notify_status(t.call, req, "terminated;reason=noresource",
		      "SIP/2.0 200 OK");
	sut_log_wait(t.bob, first_line(strchr(lines, '\n') + 1), WAIT);
	ended(1);
	ROW("docs.lines");
}


TEST(docs_data, "manual.md: the data of a call, in both places")
{
	const char *block = page_block(PAGE, "/transfer carol X-Case");
	const char *page = page_text(PAGE), *cmd, *out, *begin, *want;
	struct msg *req;
	struct peer *bob;

	t.bob  = sut_start("alice", .config = "refer_hold no\n");
	bob    = peer_new("bob");
	t.call = call_in(bob, t.bob);

	CHECK(page_sample(&block, "/transfer ", &cmd, &out), "the first");
	req = typed(cmd, NULL);
	EQ_STR("42", hdr(req, "X-Case"));
	peer_reply(bob, req, 603, "Decline", NULL);
	ended(1);

	CHECK(page_sample(&block, "/transfer ", &cmd, &out), "the second");
	begin = strstr(page, "sends `Refer-To: ");
	CHECK(begin, "no Refer-To in the page");
	begin += strlen("sends `Refer-To: ");
	want = keep(begin, strcspn(begin, "`"));
	req = typed(cmd, NULL);
	EQ_STR(replaced(want, "example.org", "127.0.0.1"),
	       hdr(req, "Refer-To"));
	peer_reply(bob, req, 603, "Decline", NULL);
	ended(2);
	ROW("docs.lines");
}
