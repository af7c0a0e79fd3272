/**
 * @file ways.c  The ways in which a peer can answer a transfer
 *
 * Each is a script of what the referee does, and what must come of it:
 * scripted peers play them in t_referrer_table.c, sipp in t_sipp_ways.c.
 */
#include "wire.h"
#include "ways.h"


#define OTHER(c, ev, ty, body) \
	NOTE(c, ACTIVE, body, .event = ev, .type = ty)
#define RINGING "SIP/2.0 180 Ringing\r\n"
#define BUSY "SIP/2.0 486 Busy Here\r\n"
#define SUCCESS "referAccepted", "accepted", 200, ENDED
#define REFUSED(c) {.name = "REFER: " #c, {RESP(c, NULL)}, \
	"referRequestRejected", "refused", c, BACK}


const struct way ways_refused[] = {
	REFUSED(300), REFUSED(302), REFUSED(400), REFUSED(401),
	REFUSED(403), REFUSED(404), REFUSED(405), REFUSED(407),
	REFUSED(408), REFUSED(420), REFUSED(429), REFUSED(480),
	REFUSED(481), REFUSED(486), REFUSED(491), REFUSED(500),
	REFUSED(501), REFUSED(503), REFUSED(600), REFUSED(603),
	{.name = NULL}
};


const struct way ways_result[] = {
	{"100, 180, 200",
	 {RESP(202, NULL), NOTE(200, ACTIVE, TRYING),
	  NOTE(200, ACTIVE, RINGING), NOTE(200, NORESOURCE, OK)}, SUCCESS},
	{"200 to the REFER",
	 {RESP(200, NULL), NOTE(200, NORESOURCE, OK)}, SUCCESS},
	{"204 to the REFER",
	 {RESP(204, NULL), NOTE(200, NORESOURCE, OK)}, SUCCESS},
	{"299 to the REFER",
	 {RESP(299, NULL), NOTE(200, NORESOURCE, OK)}, SUCCESS},
	{"100 to the REFER",
	 {RESP(100, NULL), RESP(202, NULL), NOTE(200, NORESOURCE, OK)},
	 SUCCESS},
	{"202 of the target",
	 {RESP(202, NULL), NOTE(200, NORESOURCE, "SIP/2.0 202 X\r\n")},
	 "referAccepted", "accepted", 202, ENDED},
	{"busy",
	 {RESP(202, NULL), NOTE(200, ACTIVE, TRYING),
	  NOTE(200, NORESOURCE, BUSY)}, "referRejected", "rejected", 486,
	 BACK},
	{"redirected",
	 {RESP(202, NULL), NOTE(200, NORESOURCE, "SIP/2.0 302 Moved\r\n")},
	 "referRejected", "rejected", 302, BACK},
	{"declined by hand",
	 {RESP(202, NULL), NOTE(200, "pending;expires=60", TRYING),
	  NOTE(200, "terminated;reason=rejected", "SIP/2.0 603 No\r\n")},
	 "referRejected", "rejected", 603, BACK},
	{"pending, then accepted",
	 {RESP(202, NULL), NOTE(200, "pending;expires=60", TRYING),
	  NOTE(200, ACTIVE, TRYING), NOTE(200, NORESOURCE, OK)}, SUCCESS},
	{"NOTIFY before the 202",
	 {NOTE(200, ACTIVE, TRYING), RESP(202, NULL),
	  NOTE(200, NORESOURCE, OK)}, SUCCESS},
	{"the last NOTIFY before the 202",
	 {NOTE(200, NORESOURCE, OK), RESP(202, NULL)}, SUCCESS},
	{"refused after a NOTIFY",
	 {NOTE(200, ACTIVE, TRYING), RESP(480, NULL)},
	 "referRequestRejected", "refused", 480, BACK},
	{"NOTIFY after BYE",
	 {RESP(202, NULL), NOTE(200, ACTIVE, TRYING), {.op = OP_BYE},
	  NOTE(200, NORESOURCE, OK)}, "referAccepted", "accepted", 200, GONE},
	{"terminated with 100",
	 {RESP(202, NULL), NOTE(200, NORESOURCE, TRYING)},
	 "failed", "failed", 0, BACK},
	{"terminated without a body",
	 {RESP(202, NULL), NOTE(200, "terminated;reason=timeout", NULL,
				.type = "")}, "failed", "failed", 0, BACK},
	{"Refer-Sub: false",
	 {RESP(202, "Refer-Sub: false\r\n")}, "referRequestAccepted",
	 "unknown", 202, BACK},
	{"Refer-Sub: false, and a NOTIFY",
	 {RESP(200, "Refer-Sub: false\r\n"), {.op = OP_CALL},
	  NOTE(200, NORESOURCE, OK)},
	 "referRequestAccepted", "unknown", 200, BACK},
	{.name = NULL}
};


const struct way ways_broken[] = {
	{"SIP.js: always terminated, without a reason and an id",
	 {RESP(202, NULL),
	  NOTE(200, "terminated", "SIP/2.0 100 Trying", .event = "refer"),
	  NOTE(200, "terminated", "SIP/2.0 180 Ringing", .event = "refer"),
	  NOTE(200, "terminated", "SIP/2.0 200 OK", .event = "refer")},
	 SUCCESS},
	{"SIP.js: the same, declined",
	 {RESP(202, NULL),
	  NOTE(200, "terminated", "SIP/2.0 100 Trying", .event = "refer"),
	  NOTE(200, "terminated", "SIP/2.0 603 Declined", .event = "refer")},
	 "referRejected", "rejected", 603, BACK},
	{"Linphone: the result is active",
	 {RESP(202, NULL), NOTE(200, ACTIVE, TRYING), NOTE(200, ACTIVE, OK)},
	 SUCCESS},
	{"Linphone: busy is active, terminated comes late",
	 {RESP(202, NULL), NOTE(200, ACTIVE, BUSY), {.op = OP_CALL},
	  NOTE(200, NORESOURCE, BUSY)}, "referRejected", "rejected", 486,
	 BACK},
	{"Twinkle: older CSeq after its BYE",
	 {RESP(202, NULL), {.op = OP_BYE},
	  NOTE(200, NORESOURCE, OK, .old = true)},
	 "referAccepted", "accepted", 200, GONE},
	{"the id is dropped in the last NOTIFY",
	 {RESP(202, NULL), NOTE(200, ACTIVE, TRYING),
	  NOTE(200, NORESOURCE, OK, .event = "refer")}, SUCCESS},
	{"another id",
	 {RESP(202, NULL), NOTE(200, ACTIVE, TRYING, .event = "refer;id=1x"),
	  NOTE(200, NORESOURCE, OK, .event = "Refer ; x=y; id=999999")},
	 SUCCESS},
	{"LF only",
	 {RESP(202, NULL), NOTE(200, NORESOURCE, "SIP/2.0 200 OK\n\n")},
	 SUCCESS},
	{"no line end",
	 {RESP(202, NULL), NOTE(200, NORESOURCE, "SIP/2.0 200 OK")},
	 SUCCESS},
	{"no reason phrase",
	 {RESP(202, NULL), NOTE(200, NORESOURCE, "SIP/2.0 200")}, SUCCESS},
	{"more headers in the body",
	 {RESP(202, NULL), NOTE(200, NORESOURCE, OK
				"Contact: <sip:carol@127.0.0.3>\r\n"
				"Server: x\r\n\r\n")}, SUCCESS},
	{"no Content-Type",
	 {RESP(202, NULL), NOTE(200, NORESOURCE, OK, .type = "")}, SUCCESS},
	{"unknown reason",
	 {RESP(202, NULL), NOTE(200, "terminated;reason=lunch", TRYING)},
	 "failed", "failed", 0, BACK},
	{"unknown reason, with the result",
	 {RESP(202, NULL), NOTE(200, "terminated;reason=lunch", OK)},
	 SUCCESS},
	{"unknown state",
	 {RESP(202, NULL), NOTE(200, "asleep", TRYING),
	  NOTE(200, NORESOURCE, OK)}, SUCCESS},
	{"a storm",
	 {RESP(202, NULL), NOTE(200, ACTIVE, RINGING, .more = 60),
	  NOTE(200, NORESOURCE, OK)}, SUCCESS},
	{"no body",
	 {RESP(202, NULL), NOTE(400, ACTIVE, NULL, .type = ""),
	  NOTE(200, NORESOURCE, OK)}, SUCCESS},
	{"another type",
	 {RESP(202, NULL), OTHER(415, NULL, "text/plain", OK),
	  NOTE(200, NORESOURCE, BUSY)}, "referRejected", "rejected", 486,
	 BACK},
	{"garbage",
	 {RESP(202, NULL), OTHER(400, NULL, NULL, "SIP/3.0 200 OK\r\n"),
	  OTHER(400, NULL, NULL, "SIP/2.0 999999 OK\r\n"),
	  NOTE(400, ";;;", OK), NOTE(200, NORESOURCE, BUSY)},
	 "referRejected", "rejected", 486, BACK},
	{"another event",
	 {RESP(202, NULL), OTHER(481, "presence", NULL, OK),
	  OTHER(481, "refer-no", NULL, OK), NOTE(200, NORESOURCE, BUSY)},
	 "referRejected", "rejected", 486, BACK},
	{.name = NULL}
};
