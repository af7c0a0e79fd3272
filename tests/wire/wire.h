/**
 * @file wire.h  Harness for tests that talk SIP with a real baresip
 *
 * A test is a straight line: start a baresip (sut_start), start scripted SIP
 * peers (peer_new), send, expect, check. Nothing sleeps: whatever waits runs
 * libre's main loop until the condition holds or its deadline is over. Each
 * test is a process with a network namespace of its own, so that addresses
 * and ports are fixed. tests/README.md shows how to write one.
 */
#ifndef WIRE_H
#define WIRE_H

#include <re.h>


enum {
	WAIT = 10000,         /**< Usual deadline of an expectation, in ms  */
	WAIT_START = 30000,   /**< Deadline for a process to get ready      */
	WAIT_QUIT = 36000,    /**< Deadline for baresip to quit             */
	CTRL_PORT = 4444,
};

struct peer;
struct proc;
struct sut;


/* Tests (test.c, check.c) */

/** A test; registered by TEST or TEST_FIXES */
struct test {
	struct test *next;    /**< Next registered test                     */
	const char *name;     /**< Name of the test                         */
	const char *desc;     /**< What it shows, one line                  */
	void (*run)(void);    /**< Body                                     */
	bool fixes;           /**< Has a .stock half, which must fail       */
	unsigned of;          /**< A fault of 1 (1.x), or 4 (3.x, 4.x) only */
	const char *na1;      /**< Why it is nothing for 1.x, or NULL       */
	const char *na10;     /**< The same for 1.0 only                    */
	const char *na11;     /**< The same for 1.1 only                    */
	const char *na3;      /**< The same for 3.x only                    */
	const char *na4;      /**< Why it is nothing for 3.x and 4.x        */
	const char *fault;    /**< Text of the .stock half's failure        */
	const char *fault4;   /**< The same of 3.x and 4.x, if it differs   */
	const char *fails;    /**< It must fail, with this text             */
	uint32_t secs;        /**< Expected duration in s (longest first)   */
	uint32_t limit;       /**< Time limit in s, default 60              */
};

#define TEST(id, text, ...)						\
	static void test_##id(void);					\
	static struct test tc_##id = {.name = #id, .desc = text,	\
				      .run = test_##id, ##__VA_ARGS__};	\
	__attribute__((constructor)) static void reg_##id(void)	\
	{								\
		test_register(&tc_##id);				\
	}								\
	static void test_##id(void)

/**
 * A test of something that stock baresip does wrong: `id` must pass with the
 * module, and `id.stock` (same body, no module, no valgrind) must fail, with
 * the text .fault in its failure.
 */
#define TEST_FIXES(id, text, ...) TEST(id, text, .fixes = true, ##__VA_ARGS__)

unsigned host_major(void);
bool host_menu_holds(void);
bool host_accept_holds(void);
bool host_resumes(void);
const char *host_http_tail(void);
bool host_menu_attends(void);
bool host_events_tell_more(void);
bool host_mqtt_cuts(void);

void test_register(struct test *t);
bool test_stock(void);
bool test_verbose(void);
const char *test_dir(void);
void test_row(const char *rows);
_Noreturn void test_fail(bool setup, const char *file, int line,
			 const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
void check_int(const char *file, int line, const char *expr,
	       long long want, long long got);
void check_str(const char *file, int line, const char *expr,
	       const char *want, const char *got);
void check_has(const char *file, int line, const char *text,
	       const char *what, bool want);

#define HERE __FILE__, __LINE__

/** An assertion; the text is what is wrong if it does not hold */
#define CHECK(cond, ...)						\
	do {								\
		if (!(cond))						\
			test_fail(false, HERE, #cond ": " __VA_ARGS__);	\
	} while (0)
#define EQ_INT(want, got) check_int(HERE, #got, (want), (got))
#define EQ_STR(want, got) check_str(HERE, #got, (want), (got))
/** The message contains, or does not contain, a text */
#define HAS(m, what) check_has(HERE, (m)->raw, (what), true)
#define HASNT(m, what) check_has(HERE, (m)->raw, (what), false)
/** The same for any text */
#define HAS_TEXT(text, what) check_has(HERE, (text), (what), true)
/** What went before shows these requirements, e.g. ROW("R33 C4") */
#define ROW(rows) test_row(rows)
/** End as failed; SETUP is for what is not the point of the test */
#define FAIL(...) test_fail(false, HERE, __VA_ARGS__)
#define SETUP(...) test_fail(true, HERE, __VA_ARGS__)


/* Text and waiting (util.c) */

typedef bool (wait_h)(void *arg);

const char *F(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
char *keep(const char *p, size_t len);
const char *random_id(void);
bool slurp(struct mbuf *mb, const char *path);
void spew(const char *path, const char *text);
uint64_t now_ms(void);
bool wait_until(wait_h *h, void *arg, uint32_t ms);
void wait_ms(uint32_t ms);
void wake(void);


/* Network namespace (netns.c) */

const char *net_addr(const char *name, bool ip6);
void net_use(const char *transp);
int  netns_enter(void);
const char *netns_help(int err);


/* Messages (msg.c) */

/** A SIP message that was seen, received or sent */
struct msg {
	struct le le;         /**< In the list of its owner                 */
	struct le qle;        /**< In a peer's queue of unread messages     */
	char *raw;            /**< The message, with a NUL behind it        */
	size_t len;           /**< Its length                               */
	struct sip_msg *sip;  /**< The same, parsed (NULL: not parseable)   */
	struct sa src;        /**< Where it came from                       */
	struct sa dst;        /**< Where it went                            */
	enum sip_transp tp;   /**< Transport                                */
	void *sock;           /**< Socket it came in on                     */
	uint64_t time;        /**< When, in ms from the start of the test   */
	const char *from;     /**< Name of the sender                       */
	const char *to;       /**< Name of the receiver                     */
	const char *tag;      /**< To-tag that a reply to it gets           */
	unsigned copies;      /**< How often it came                        */
	unsigned asked;       /**< Copies that expect_again() has returned  */
	bool again;           /**< It is a retransmission                   */
	bool used;            /**< Returned by seen() before                */
	bool final;           /**< A peer has sent its final answer         */
};

struct msg *msg_new(const void *p, size_t len, const struct sa *src,
		    const struct sa *dst, enum sip_transp tp);
bool        msg_match(const struct msg *m, const char *pattern);
const char *msg_summary(const struct msg *m);
const char *hdr(const struct msg *m, const char *name);
const char *hdr_n(const struct msg *m, const char *name, unsigned n);
unsigned    hdr_count(const struct msg *m, const char *name);
const char *hdr_param(const struct msg *m, const char *name,
		      const char *param);
const char *body(const struct msg *m);
const char *ruri(const struct msg *m);
uint16_t    scode(const struct msg *m);


/* What the wire saw (capture.c, ladder.c) */

int  capture_start(void);
void capture_read(void);
void ladder_name(const struct sa *addr, const char *name);
/** How a person sees the ladder; all zero is for programs */
struct ladder_style {
	uint32_t pace;        /**< Time between two lines, 0: none [ms]     */
	unsigned columns;     /**< Longer lines are cut, 0: none            */
	bool color;           /**< Each party has its own                   */
	bool no_events;       /**< Messages and commands only               */
};

void ladder_style(const struct ladder_style *st);
void ladder_live(FILE *f);
void ladder_msg(struct msg *m);
void ladder_note(const char *who, const char *text);
void ladder_print(FILE *f);
struct msg *seen_at(const char *file, int line, const char *from,
		    const char *to, const char *pattern, uint32_t ms);
unsigned seen_count(const char *from, const char *to, const char *pattern);

/** Next captured message from..to (names, or NULL) that was not returned
    yet and matches, waiting for it if need be */
#define seen(from, to, pattern, ms) seen_at(HERE, from, to, pattern, ms)


/* Processes (proc.c, sipp.c, kamailio.c) */

/** A child process, its output captured */
struct proc {
	struct le le;
	char *name;           /**< Name in messages                         */
	pid_t pid;            /**< Process id                               */
	int fd;               /**< Its stdout and stderr                    */
	int pidfd;            /**< Tells when it ends                       */
	struct mbuf *log;     /**< What it printed                          */
	size_t mark;          /**< proc_log_wait() searches from here       */
	int status;           /**< Exit status, as of waitpid()             */
	bool ended;           /**< It has ended                             */
	bool may_end;         /**< Its end is expected                      */
};

struct proc *proc_start(const char *name, char *const argv[],
			char *const env[], int term);
struct proc *proc_run_at(const char *file, int line, const char *name, ...);
bool  proc_log_wait(struct proc *p, const char *text, uint32_t ms);
const char *proc_log(struct proc *p);
bool  proc_wait(struct proc *p, uint32_t ms);
const char *proc_status(const struct proc *p);
void  proc_kill(struct proc *p);
void  procs_kill(void);
void  procs_print(FILE *f, size_t max);
void  procs_check(void);

/** Start a program: proc_run("sipp", "/usr/bin/sipp", "-m", "1", NULL) */
#define proc_run(name, ...) proc_run_at(HERE, name, __VA_ARGS__)

struct proc *sipp_start_at(const char *file, int line, const char *name,
			   const char *scenario, ...);
void sipp_wait_at(const char *file, int line, struct proc *p, uint32_t ms);

/** Start sipp as `name` with tests/sipp/`scenario`, and more arguments */
#define sipp_start(name, ...) sipp_start_at(HERE, name, __VA_ARGS__, NULL)
const char *proxy_start_at(const char *file, int line, const char *cfg);

/** Start kamailio as a proxy that stays in the route, at the address of
    "proxy"; returns its URI */
#define proxy_start() proxy_start_at(HERE, "proxy.cfg")
/** The same by another file of tests/kamailio */
#define proxy_start_as(cfg) proxy_start_at(HERE, cfg)
/** Wait until sipp has ended; its exit code must be 0 */
#define sipp_wait(p, ms) sipp_wait_at(HERE, p, ms)


/* The baresip under test (sut.c, ctrl.c, memcheck.c) */

/** What looks for errors of memory in it */
enum memcheck {
	MEMCHECK_BY_NAME = 0, /**< One of the two, by the test's name       */
	MEMCHECK_NONE,
	MEMCHECK_VALGRIND,
	MEMCHECK_ASAN,        /**< And UBSan                                */
};

/** How to start a baresip; all may be left out but the name */
struct sut_opts {
	const char *name;     /**< Its name, user part and address          */
	const char *transp;   /**< udp, tcp, tls, udp6.., default net_use() */
	const char *module;   /**< refer.so to load, default the built one  */
	bool no_module;       /**< Leave refer.so out                       */
	const char *app;      /**< Module to load after it, below build/    */
	bool link_module;     /**< Link it even so, for /insmod             */
	bool preload;         /**< Load it with -m, before all others       */
	bool no_menu;         /**< Leave menu.so out                        */
	bool menu_last;       /**< Load menu.so after refer.so              */
	bool no_ctrl;         /**< Without a ctrl_tcp of ours: no commands  */
	const char *example;  /**< Use config and accounts of this example  */
	const char *(*edit)(const char *text); /**< .. changed so           */
	enum memcheck memcheck; /**< If given, in a .stock half too         */
	bool manual;          /**< Do not answer calls                      */
	bool console;         /**< With a console, for console()            */
	const char *config;   /**< Lines to add to the config               */
	const char *account;  /**< Parameters to add to the account         */
	const char *outbound; /**< Outbound proxy uri                       */
	bool registers;       /**< Registers, at the outbound proxy         */
	const char *contacts; /**< The file contacts                        */
	int ends;             /**< It is to end at start, with this status  */
	char *const *env;     /**< NULL-terminated VAR=value                */
	const char *preloads; /**< Libraries to preload, with a : between   */
};

/** A baresip process */
struct sut {
	struct le le;
	struct proc *proc;
	char *name;           /**< Name                                     */
	char *dir;            /**< Its config directory                     */
	char *uri;            /**< Its SIP URI                              */
	enum memcheck memcheck; /**< What looks for errors of memory        */
	char *memlog;         /**< Its log                                  */
	struct sa addr;       /**< Where it listens                         */
	enum sip_transp tp;   /**< Its transport                            */
	bool module;          /**< refer.so is loaded                       */
	struct ctrl *ctrl;    /**< Connection to its ctrl_tcp               */
	struct console *console; /**< Its terminal, if it has one           */
	bool checked;         /**< Has been quit and checked                */
};

/** Response to a command */
struct resp {
	bool ok;
	const char *data;
	const char *raw;      /**< All of it, as it came                    */
	const char *token;    /**< Token of the command                     */
};

/** Event of the baresip under test */
struct event {
	struct le le;
	const char *type;     /**< e.g. CALL_ESTABLISHED                    */
	const char *param;    /**< Parameter text, "" if none               */
	const char *id;       /**< Call-ID, "" if none                      */
	const char *peeruri;  /**< Peer of the call, "" if none             */
	const char *raw;      /**< Its JSON, as it came                     */
	bool used;            /**< Returned by event() before               */
};

struct sut *sut_start_at(const char *file, int line,
			 const struct sut_opts *opts);
void sut_again(struct sut *s, const struct sut_opts *opts);
void sut_log_at(const char *file, int line, struct sut *s,
		const char *text, uint32_t ms);
void sut_ended_at(const char *file, int line, struct sut *s, uint32_t ms);
void sut_quit_at(const char *file, int line, struct sut *s);
bool sut_misuses_memory(const struct sut *s);
void suts_quit(void);
void suts_report(FILE *f);

/** Start a baresip: sut_start("bob", .no_menu = true) */
#define sut_start(...)							\
	sut_start_at(HERE, &(const struct sut_opts){.name = __VA_ARGS__})
/** Wait until it has logged a text, after the last one waited for */
#define sut_log_wait(s, text, ms) sut_log_at(HERE, s, text, ms)
/** It has logged a text, at any time so far */
#define sut_log_has(s, text)						\
	check_has(HERE, proc_log((s)->proc), (text), true)
/** Make it quit (all peers answer what it sends for that), check its exit
    status and what valgrind found. Done for each one left at test end */
#define sut_quit(s) sut_quit_at(HERE, s)
/** Wait until it has ended by itself, then check as sut_quit() does */
#define sut_ended(s, ms) sut_ended_at(HERE, s, ms)

int  ctrl_open(struct sut *s);
void ctrl_post(struct sut *s, const char *cmd, const char *params);
struct resp ctrl_at(const char *file, int line, struct sut *s,
		    const char *cmd, const char *params);
struct event *event_at(const char *file, int line, struct sut *s,
		       const char *pattern, uint32_t ms);
unsigned event_count(struct sut *s, const char *pattern);
const struct list *ctrl_events(const struct sut *s);

/** Run a command and wait for its response: ctrl(s, "dial", uri) */
#define ctrl(s, cmd, params) ctrl_at(HERE, s, cmd, params)
/** Wait for an event: event(s, "CALL_CLOSED ~ 486", WAIT). The texts behind
    each ~ are looked for in its JSON; "*" is any
    type, "?" that of events of modules */
#define event(s, pattern, ms) event_at(HERE, s, pattern, ms)

/* Its other channels (console.c, http.c, mqtt.c) */

int  console_open(struct sut *s);
const char *console_at(const char *file, int line, struct sut *s,
		       const char *text);

const char *console_keys_at(const char *file, int line, struct sut *s,
			    const char *keys);

/** Type a line at the console; returns all that the command prints */
#define console(s, text) console_at(HERE, s, text)
/** Type keys and Enter; returns all that is shown, each key's echo too */
#define console_keys(s, keys) console_keys_at(HERE, s, keys)

const char *http_at(const char *file, int line, const char *path);

/** What curl gets from the httpd at http_listen 127.0.0.2:8000, with the
    head; the path as in http("/?/referlist") */
#define http(path) http_at(HERE, path)
const char *http_escape(const char *text);

/** Configuration of a baresip whose httpd is asked by http() */
#define CONFIG_HTTP "module_app httpd.so\nhttp_listen 127.0.0.2:8000\n"

struct proc *mqtt_start_at(const char *file, int line);
const char *mqtt_at(const char *file, int line, struct sut *s,
		    const char *cmd, const char *params, const char *token);

/** Start mosquitto and a client of it that listens; before the baresip, which
    needs CONFIG_MQTT. Returns the client: what its log has is what came */
#define mqtt_start() mqtt_start_at(HERE)
/** Publish a command, and wait for the answer: "TOPIC JSON" */
#define mqtt(s, cmd, params, token) mqtt_at(HERE, s, cmd, params, token)

#define CONFIG_MQTT "module_app mqtt.so\nmqtt_broker_host 127.0.0.9\n" \
	"mqtt_basetopic bob\n"


/* Scripted peers (peer.c, expect.c) */

/** How to make a peer; all may be left out but the name */
struct peer_opts {
	const char *name;     /**< Name, user part and address              */
	const char *transp;   /**< udp, tcp, tls, udp6.., default net_use() */
	uint16_t port;        /**< Default 5060 (5061 for TLS)              */
};

/** What is between a peer and the wire, if anything */
struct peer_net {
	/** The peer sends a message; peer_put() puts it on the wire */
	void (*sendh)(struct peer *p, struct msg *m);
	/** A message has come; peer_take() lets the peer have it */
	void (*recvh)(struct peer *p, struct msg *m);
};

/** A scripted SIP peer: sends and answers only what it is told to */
struct peer {
	struct le le;
	char *name;           /**< Name                                     */
	char *uri;            /**< Its URI, also its Contact                */
	const char *display;  /**< Display name in From, NULL for none      */
	struct sa addr;       /**< Its address                              */
	enum sip_transp tp;   /**< Its transport                            */
	struct sip *sip;      /**< libre's transports                       */
	struct sip_lsnr *lsnr[2];
	struct list all;      /**< All messages received                    */
	struct list queue;    /**< Those not read yet                       */
	const char *autom[8]; /**< Methods answered with 200 at once        */
	unsigned autoc;
	bool polite;          /**< Answers everything, so that suts can quit */
	const struct peer_net *net; /**< NULL: it is on the wire itself     */
};

struct peer *peer_new_at(const char *file, int line,
			 const struct peer_opts *opts);
void peer_auto(struct peer *p, const char *method);
void peers_polite(void);
void peer_put(struct peer *p, const struct msg *m);
void peer_take(struct peer *p, struct msg *m);
struct msg *peer_send(struct peer *p, const struct sa *dst, const char *raw);
struct msg *peer_send_bytes(struct peer *p, const struct sa *dst,
			    const char *raw, size_t len);
struct msg *peer_resend(struct peer *p, const struct msg *m);
struct msg *peer_reply(struct peer *p, struct msg *m, uint16_t code,
		       const char *reason, const char *extra);
struct msg *expect_at(const char *file, int line, struct peer *p,
		      const char *pattern, uint32_t ms, bool any);
void expect_again_at(const char *file, int line, struct peer *p,
		     struct msg *m, uint32_t ms);
void peer_flush(struct peer *p);
void expect_none_at(const char *file, int line, struct peer *p,
		    const char *pattern, uint32_t ms);

/** Make a peer: peer_new("alice", .transp = "tcp") */
#define peer_new(...)							\
	peer_new_at(HERE, &(const struct peer_opts){.name = __VA_ARGS__})
/** The next unread message (ACKs and 100s not asked for are passed over)
    must match, see msg_match() */
#define expect(p, pattern, ms) expect_at(HERE, p, pattern, ms, false)
/** The next unread message that matches; others stay unread */
#define expect_any(p, pattern, ms) expect_at(HERE, p, pattern, ms, true)
/** Another copy of a message received before comes, or has come and was not
    asked for yet. Copies are counted in m->copies and never queued */
#define expect_again(p, m, ms) expect_again_at(HERE, p, m, ms)
/** No unread message matches, and none comes within ms */
#define expect_none(p, pattern, ms) expect_none_at(HERE, p, pattern, ms)


/* Dialogs of a peer (dlg.c) */

/** A dialog; a test may change any of this to send something odd */
struct dlg {
	struct peer *p;
	const char *callid;
	const char *ltag;     /**< Local tag                                */
	const char *rtag;     /**< Remote tag, NULL until known             */
	const char *luri;     /**< Local URI                                */
	const char *from;     /**< From but for its tag, NULL: made of luri */
	const char *ruri;     /**< Remote URI                               */
	const char *target;   /**< Remote target, the Request-URI           */
	const char *route;    /**< Route header lines, "" if none           */
	const char *contact;  /**< Its Contact, NULL for none               */
	uint32_t lseq;        /**< CSeq of the last request sent            */
	struct sa dst;        /**< Where requests are sent to               */
	struct msg *invite;   /**< The INVITE that made it                  */
};

struct dlg *dlg_new(struct peer *p, const char *uri);
void dlg_route(struct dlg *d, const char *uri);
void dlg_confirm(struct dlg *d, const struct msg *ok);
struct dlg *dlg_accept(struct peer *p, struct msg *inv);
struct msg *dlg_request(struct dlg *d, const char *method,
			const char *extra);
struct msg *dlg_request_cseq(struct dlg *d, const char *method,
			     uint32_t cseq, const char *extra);
void dlg_ack(struct dlg *d, const struct msg *ok);
struct msg *dlg_taken(struct dlg *d);
const char *sdp_dir(struct peer *p, const char *dir);
const char *sdp(struct peer *p);
struct dlg *call_in_at(const char *file, int line, struct peer *p,
		       struct sut *s, const char *via);
struct dlg *call_out_at(const char *file, int line, struct sut *s,
			struct peer *p);
struct dlg *answer_at(const char *file, int line, struct peer *p,
		      struct msg *inv);
void hangup_at(const char *file, int line, struct dlg *d);

/** The peer calls the baresip under test, which answers */
#define call_in(p, s) call_in_at(HERE, p, s, NULL)
/** The same through a proxy, e.g. that of proxy_start() */
#define call_in_via(p, s, proxy) call_in_at(HERE, p, s, proxy)
/** The baresip under test dials the peer (needs the menu), which answers */
#define call_out(s, p) call_out_at(HERE, s, p)
/** The peer answers an INVITE with 200 and awaits the ACK */
#define answer(p, inv) answer_at(HERE, p, inv)
/** The peer sends BYE, which is answered with 200 */
#define hangup(d) hangup_at(HERE, d)

#endif
