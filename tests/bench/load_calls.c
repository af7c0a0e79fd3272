/**
 * @file load_calls.c  Load: calls that are answered and hung up at once
 */
#include "bench.h"


enum {
	INVITED,
	HANGING_UP,
};


static void start(struct run *r, struct item *it)
{
	static const char sdp[] =
		"v=0\r\n"
		"o=- 1 1 IN IP4 127.0.0.1\r\n"
		"s=-\r\n"
		"c=IN IP4 127.0.0.1\r\n"
		"t=0 0\r\n"
		"m=audio 9 RTP/AVP 0\r\n";

	run_send(r,
		 "INVITE %s SIP/2.0\r\n"
		 "Via: SIP/2.0/UDP %s;branch=z9hG4bK%08xi;rport\r\n"
		 "Max-Forwards: 70\r\n"
		 "From: <sip:bench@%s>;tag=%08x\r\n"
		 "To: <%s>\r\n"
		 "Call-ID: %08x\r\n"
		 "CSeq: 1 INVITE\r\n"
		 "Contact: <sip:bench@%s>\r\n"
		 "Content-Type: application/sdp\r\n"
		 "Content-Length: %zu\r\n"
		 "\r\n"
		 "%s",
		 r->sut->uri, r->local, it->id, r->local, it->id, r->sut->uri,
		 it->id, r->local, sizeof(sdp) - 1, sdp);
}


/* ACK or BYE */
static void request(struct run *r, const struct item *it,
		    const struct sip_msg *ok, const char *met, uint32_t cseq)
{
	const struct sip_hdr *hdr = sip_msg_hdr(ok, SIP_HDR_CONTACT);
	struct sip_addr contact;

	if (!hdr || sip_addr_decode(&contact, &hdr->val))
		run_fail(r, ok);

	run_send(r,
		 "%s %r SIP/2.0\r\n"
		 "Via: SIP/2.0/UDP %s;branch=z9hG4bK%08x%s;rport\r\n"
		 "Max-Forwards: 70\r\n"
		 "From: <sip:bench@%s>;tag=%08x\r\n"
		 "To: <%s>;tag=%r\r\n"
		 "Call-ID: %08x\r\n"
		 "CSeq: %u %s\r\n"
		 "Content-Length: 0\r\n"
		 "\r\n",
		 met, &contact.auri, r->local, it->id, met, r->local, it->id,
		 r->sut->uri, &ok->to.tag, it->id, cseq, met);
}


static void invite_resp(struct run *r, struct item *it,
			const struct sip_msg *msg)
{
	if (msg->scode < 200)
		return;

	if (msg->scode != 200)
		run_fail(r, msg);

	request(r, it, msg, "ACK", 1);

	if (it->step != INVITED) {
		++r->again;
		return;
	}

	it->step = HANGING_UP;
	request(r, it, msg, "BYE", 2);
}


static void recv_msg(struct run *r, struct item *it,
		     const struct sip_msg *msg)
{
	if (!msg->req && !pl_strcmp(&msg->cseq.met, "INVITE"))
		invite_resp(r, it, msg);
	else if (msg->req || msg->scode != 200 || it->step != HANGING_UP)
		run_fail(r, msg);
	else if (it->done)
		++r->again;
	else
		run_done(r, it);
}


const struct load load_calls = {
	.name   = "calls",
	.desc   = "INVITE, 200, ACK, BYE, 200",
	.items  = 20,
	.slices = 10,
	.window = 4,
	.start  = start,
	.recv   = recv_msg,
};
