/**
 * @file ways.h  The ways in which a peer can answer a transfer
 */
#ifndef WAYS_H
#define WAYS_H

enum op {
	OP_END,
	OP_RESP,              /* Response to the REFER         */
	OP_NOTIFY,
	OP_BYE,
	OP_SILENCE,           /* Nothing, for longer than 32 s */
	OP_CALL,              /* What comes of the call; the last step,
				 unless said here */
};

struct step {
	enum op op;
	uint16_t code;        /* To send, or what a NOTIFY is answered with */
	const char *text;     /* More headers, or Subscription-State        */
	const char *frag;     /* Body of the NOTIFY                         */
	const char *event;    /* Event, default with the right id           */
	const char *type;     /* Content-Type, "" for none                  */
	unsigned more;        /* So often again                             */
	bool old;             /* With a CSeq below the last one             */
};

enum call {
	BACK,                 /* In conversation, as before  */
	ENDED,                /* BYE came                    */
	GONE,                 /* alice has hung up           */
};

struct way {
	const char *name;
	struct step stepv[8];
	const char *event;    /* The one that tells the outcome, or NULL */
	const char *outcome;
	uint16_t code;
	enum call call;
};


#define RESP(c, hdrs) {.op = OP_RESP, .code = c, .text = hdrs}
#define NOTE(c, state, body, ...) {.op = OP_NOTIFY, .code = c, \
	.text = state, .frag = body, ##__VA_ARGS__}
#define ACTIVE "active;expires=60"
#define NORESOURCE "terminated;reason=noresource"
#define TRYING "SIP/2.0 100 Trying\r\n"
#define OK "SIP/2.0 200 OK\r\n"

/* Until a name that is NULL */
extern const struct way ways_refused[];
extern const struct way ways_result[];
extern const struct way ways_broken[];

#endif
