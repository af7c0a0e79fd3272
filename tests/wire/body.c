/**
 * @file body.c  What messages end with that are written as a whole: those of
 * fleet_msg.c and of the benchmark
 */
#include "wire.h"
#include "harness.h"


/** What a message without a body ends with */
const char body_none[] =
	"Content-Length: 0\r\n"
	"\r\n";

/** An offer, or answer, and its header lines */
const char body_sdp[] =
	"Content-Type: application/sdp\r\n"
	"Content-Length: 84\r\n"
	"\r\n"
	"v=0\r\n"
	"o=- 1 1 IN IP4 127.0.0.1\r\n"
	"s=-\r\n"
	"c=IN IP4 127.0.0.1\r\n"
	"t=0 0\r\n"
	"m=audio 9 RTP/AVP 0\r\n";
