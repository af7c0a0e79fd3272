/**
 * @file t_sipp_ways.c  The ways in which a peer can answer a transfer: sipp
 *
 * sipp calls bob, who transfers it. Each way of ways.c becomes a scenario,
 * between tests/sipp/way_begin.xml and the end that the call must have; sipp
 * fails if a response is not as told, or anything else comes.
 */
#include "wire.h"
#include "harness.h"
#include "ways.h"


/** A scenario in the making */
struct scenario {
	struct mbuf *mb;
	uint32_t cseq;        /* Of sipp's last request            */
	bool done;            /* What comes of the call is written */
};


static void put(struct scenario *sc, const char *text)
{
	(void)mbuf_write_str(sc->mb, text);
}


static void include(struct scenario *sc, const char *name)
{
	if (!slurp(sc->mb, F("%s/tests/sipp/%s", top_dir(), name)))
		SETUP("no %s", name);
}


static void send_response(struct scenario *sc, const struct step *s)
{
	put(sc, F("<send><![CDATA[\n"
		  "SIP/2.0 %u As Told\n"
		  "Via:[$via]\n"
		  "From:[$peer]\n"
		  "To:[$self]\n"
		  "Call-ID: [call_id]\n"
		  "CSeq:[$cseq]\n"
		  "%s%s"
		  "Content-Length: 0\n"
		  "\n]]></send>\n", s->code,
		  s->code < 300 ? "Contact: <sip:sipp@[local_ip]>\n" : "",
		  s->text ? s->text : ""));
}


/* sipp makes CRLF of a plain line end */
static const char *escaped(const char *text)
{
	const char *out = "";

	for (; *text; text++)
		out = F("%s\\x%02x", out, *text);

	return out;
}


static void send_request(struct scenario *sc, const char *method,
			 uint32_t cseq, const char *hdrs, const char *body)
{
	put(sc, F("<send retrans=\"500\"><![CDATA[\n"
		  "%s [next_url] SIP/2.0\n"
		  "Via: SIP/2.0/UDP [local_ip];branch=[branch]\n"
		  "From:[$self]\n"
		  "To:[$peer]\n"
		  "Call-ID: [call_id]\n"
		  "CSeq: %u %s\n"
		  "Contact: <sip:sipp@[local_ip]>\n"
		  "Max-Forwards: 70\n"
		  "%s"
		  "Content-Length: %zu\n"
		  "\n%s]]></send>\n", method, cseq, method, hdrs,
		  str_len(body), escaped(body)));
}


static void send_notify(struct scenario *sc, const struct step *s)
{
	const char *type = s->type ? s->type : "message/sipfrag;version=2.0";
	const char *event = s->event ? s->event : "refer;id=[$id]";
	const uint32_t cseq = s->old ? sc->cseq - 1 : ++sc->cseq;

	send_request(sc, "NOTIFY", cseq,
		     F("Event: %s\nSubscription-State: %s\n%s%s%s", event,
		       s->text, *type ? "Content-Type: " : "", type,
		       *type ? "\n" : ""), s->frag ? s->frag : "");
	put(sc, F("<recv response=\"%u\"/>\n", s->code));
}


static void send_bye(struct scenario *sc)
{
	send_request(sc, "BYE", ++sc->cseq, "", "");
	put(sc, "<recv response=\"200\"/>\n");
}


static void end_call(struct scenario *sc, enum call call)
{
	if (call == BACK)
		include(sc, "way_back.xml");
	else if (call == ENDED)
		include(sc, "way_ended.xml");

	sc->done = true;
}


static void print_step(struct scenario *sc, const struct step *s,
		       enum call call)
{
	unsigned i;

	switch (s->op) {

	case OP_RESP:
		send_response(sc, s);
		break;

	case OP_NOTIFY:
		for (i=0; i<=s->more; i++)
			send_notify(sc, s);
		break;

	case OP_BYE:
		send_bye(sc);
		break;

	case OP_CALL:
		end_call(sc, call);
		break;

	default:
		break;
	}
}


static void print_way(struct scenario *sc, const struct way *w)
{
	size_t i;

	include(sc, "way_begin.xml");

	for (i=0; i<ARRAY_SIZE(w->stepv); i++)
		print_step(sc, &w->stepv[i], w->call);

	if (!sc->done)
		end_call(sc, w->call);

	if (w->call == BACK)
		send_bye(sc);

	put(sc, "</scenario>\n");
}


/* The path of the scenario of a way */
static const char *scenario(const struct way *w, unsigned id)
{
	struct scenario sc = {.mb = mbuf_alloc(4096), .cseq = 1};
	const char *path = F("%s/way%u.xml", test_dir(), id);

	print_way(&sc, w);
	spew(path, keep((char *)sc.mb->buf, sc.mb->end));
	mem_deref(sc.mb);

	return path;
}


static void run(struct sut *bob, const struct way *w, unsigned id)
{
	const char *code = w->code ? F(" code=%u", w->code) : "";
	struct proc *sipp;
	struct resp r;

	ladder_note("bob", w->name);
	sipp = sipp_start("alice", scenario(w, id), "-m", "1", "-s", "bob",
			  net_addr("bob", false));
	event(bob, "CALL_ESTABLISHED", WAIT);
	r = ctrl(bob, "transfer", "sip:carol@127.0.0.3");
	CHECK(r.ok, "%s", r.data);
	sipp_wait(sipp, WAIT);

	event(bob, F("? ~ refer,%s,id=%u role=client%s ", w->event, id,
		     code), WAIT);
	event(bob, F("? ~ refer,referEnded,id=%u role=client%s outcome=%s ",
		     id, code, w->outcome), WAIT);
	event(bob, "CALL_CLOSED", WAIT);
	EQ_INT(1, event_count(bob, F("? ~ refer,referEnded,id=%u ", id)));
	EQ_STR("refer: no transfers\n", ctrl(bob, "referlist", NULL).data);
}


static void run_all(const struct way *v)
{
	struct sut *bob = sut_start("bob");
	unsigned i;

	for (i=0; v[i].name; i++)
		run(bob, &v[i], i + 1);
}


TEST(sipp_ways_refused, "sipp refuses the REFER, in 20 ways", .secs = 10)
{
	run_all(ways_refused);
	ROW("peer.sipp-ways");
}


TEST(sipp_ways_result, "sipp tells the result, by the book", .secs = 10)
{
	run_all(ways_result);
	ROW("peer.sipp-ways");
}


TEST(sipp_ways_broken, "sipp breaks the rules", .secs = 10)
{
	run_all(ways_broken);
	ROW("peer.sipp-ways");
}
