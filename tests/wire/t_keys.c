/**
 * @file t_keys.c  The keys of all JSON, compared with the documentation
 *
 * Every command answers, in situations in which each key has a value. Every
 * key must be in the documentation, and each key of its tables must have come.
 */
#include <string.h>
#include "wire.h"
#include "harness.h"
#include "scene.h"


static char keys[4096];       /* " key key .. " */


static bool has_key(const char *key)
{
	return strstr(keys, F(" %s ", key)) != NULL;
}


/* Of an object and what is in it; some have names as keys */
static void collect(const struct odict *od, const char *parent, bool array)
{
	const bool names = !strcmp(parent, "headers") ||
		!strcmp(parent, "refused") || !strcmp(parent, "stages");
	const struct le *le;

	for (le = od->lst.head; le; le = le->next) {
		const struct odict_entry *e = le->data;
		const char *key = array ? parent : e->key;

		if (!array && !names && !has_key(key)) {
			CHECK(strlen(keys) + strlen(key) + 2 < sizeof(keys),
			      "too many keys");
			strcat(strcat(keys, key), " ");
		}

		if (e->type == ODICT_OBJECT || e->type == ODICT_ARRAY)
			collect(e->u.odict, key, e->type == ODICT_ARRAY);
	}
}


static void ask(const char *cmd, const char *prm)
{
	struct resp r = ctrl(t.bob, cmd, F("%s json", prm));
	struct odict *od;

	CHECK(!json_decode_odict(&od, 32, r.data, strlen(r.data), 8), "%s",
	      r.data);
	collect(od, "", false);
	mem_deref(od);
}


static const char *doc(const char *name)
{
	struct mbuf *mb = mbuf_alloc(4096);
	const char *text;

	if (!slurp(mb, F("%s/docs/%s", top_dir(), name)))
		SETUP("no docs/%s", name);
	text = keep((char *)mb->buf, mb->end);
	mem_deref(mb);

	return text;
}


/* Those of the table rows of a text: the names in its first cell, if the
   second one is a type */
static void check_table(const char *text)
{
	static const char *const typev[] = {
		"number |", "string |", "object |", "boolean |"
	};
	const char *p, *cell, *end;
	size_t i;

	for (p = text; (p = strstr(p, "\n| `")); p = end) {
		bool typed = false;

		cell = strstr(p, " | ");
		end  = strchr(p + 1, '\n');
		for (i=0; cell && i<ARRAY_SIZE(typev); i++)
			typed |= !strncmp(cell + 3, typev[i],
					  strlen(typev[i]));

		while (typed && (p = strchr(p, '`')) && p < cell) {
			const size_t n = strcspn(++p, "`");

			CHECK(has_key(keep(p, n)), "%.*s never came:%s",
			      (int)n, p, keys);
			p += n + 1;
		}
	}
}


/* "server_answer" is one of ".._answer" */
static bool told_in(const char *text, const char *key)
{
	const char *last = strrchr(key, '_');

	return strstr(text, F("`%s`", key)) ||
		(last && strstr(text, F("`..%s`", last)));
}


static void check_docs(void)
{
	const char *events = doc("events.md"), *control = doc("control.md");
	const char *p = keys;

	while (*(p += strspn(p, " "))) {
		const char *key = keep(p, strcspn(p, " "));

		CHECK(told_in(events, key) || told_in(control, key),
		      "%s is not documented", key);
		p += strlen(key);
	}

	check_table(events);
}


/* Headers, too many of them, and a Referred-By that is too long to keep */
static const char *many(const char *buf)
{
	return F("Referred-By: <sip:%.1100s@h>\r\n"
		 "User-to-User: a\r\nUser-to-User: %.3000s\r\n"
		 "User-to-User: %.3000s\r\n", buf, buf, buf);
}


TEST(json_keys, "Keys of JSON: all are documented, all documented ones come",
     .secs = 8)
{
	char buf[3100];
	struct dlg *carol;
	struct msg *req;
	unsigned i;

	strcpy(keys, " ");
	memset(buf, 'x', sizeof(buf) - 1);
	buf[sizeof(buf) - 1] = '\0';
	scene(.config = "refer_policy ask\n");

	/* outgoing */
	ask("transfer", "sip:dave@127.0.0.4 hold=no");
	req = expect_any(t.alice, "REFER", WAIT);
	peer_reply(t.alice, req, 202, "Accepted", NULL);
	for (i=0; i<40; i++) {
		notify_status(t.call, req, "active;expires=60",
			      F("SIP/2.0 180 %.*s", i == 39 ? 1100 : 5, buf));
		expect_any(t.alice, "200 NOTIFY", WAIT);
	}
	ask("referladder", "1");
	ask("refercancel", "1");

	/* incoming */
	peer_auto(t.alice, "NOTIFY");
	carol = call_in(t.carol, t.bob);
	(void)refer(F("<sip:dave@127.0.0.3?Replaces=%s%%3Bto-tag%%3Da%%3B"
		      "from-tag%%3Db>", carol->callid), many(buf));
	event(t.bob, "? ~ refer,referRequested,id=2 ", WAIT);
	ask("referaccept", "2 follow=no");
	ask("refernotify", "2 183");
	ask("referinfo", "2");
	ask("refercancel", "2");
	event(t.bob, "? ~ refer,referEnded,id=2 ", WAIT);
	ask("referinfo", "2");
	(void)refer_carol("Refer-Sub: false\r\n");
	event(t.bob, "? ~ refer,referRequested,id=3 ", WAIT);
	ask("referaccept", "3");
	peer_reply(t.carol, expect_any(t.carol, "INVITE ~ sip:carol", WAIT),
		   486, "Busy Here", NULL);
	event(t.bob, "? ~ refer,referEnded,id=3 ", WAIT);
	ask("referlist", "all");
	ask("referladder", "3");

	ask("callhold", carol->callid);
	ask("callhold", "none");
	ask("referstats", "");
	ask("referpolicy", "");
	check_docs();
	ROW("command.json");
}
