/**
 * @file load_options.c  Load: OPTIONS out of a dialog
 */
#include "bench.h"


static void start(struct run *r, struct item *it)
{
	run_send(r,
		 "OPTIONS %s SIP/2.0\r\n"
		 "Via: SIP/2.0/UDP %s;branch=z9hG4bK%08x;rport\r\n"
		 "Max-Forwards: 70\r\n"
		 "From: <sip:bench@%s>;tag=%08x\r\n"
		 "To: <%s>\r\n"
		 "Call-ID: %08x\r\n"
		 "CSeq: 1 OPTIONS\r\n"
		 "Contact: <sip:bench@%s>\r\n"
		 "Accept: application/sdp\r\n"
		 "Content-Length: 0\r\n"
		 "\r\n",
		 r->sut->uri, r->local, it->id, r->local, it->id, r->sut->uri,
		 it->id, r->local);
}


static void recv_msg(struct run *r, struct item *it,
		     const struct sip_msg *msg)
{
	if (it->done)
		++r->again;
	else if (msg->scode == 200)
		run_done(r, it);
	else
		run_fail(r, msg);
}


const struct load load_options = {
	.name   = "options",
	.desc   = "OPTIONS, 200",
	.items  = 50,
	.slices = 20,
	.window = 8,
	.start  = start,
	.recv   = recv_msg,
};
