/**
 * @file harness.h  What the files of the wire harness share
 *
 * Not for tests; those include wire.h only.
 */

/* test.c */
/** How to run a test */
struct test_opts {
	bool stock;           /**< As NAME.stock, without the module     */
	bool verbose;         /**< Print everything                      */
	bool keep;            /**< Keep the temporary directory          */
	bool live;            /**< The ladder is printed already         */
};

struct test *test_first(void);
uint32_t test_limit(const struct test *t);
_Noreturn void test_run(const struct test *t, const struct test_opts *opts);
void test_here(const char *file, int line);
void test_check_limit(void);
_Noreturn void test_fail_here(bool setup, const char *text);
const char *top_dir(void);
const char *test_name(void);

/* util.c */
const char *built(const char *name);
const char *first_line(const char *s);
void clock_start(void);
uint64_t stamp_ms(const struct timespec *ts);

/* body.c */
extern const char body_none[];
extern const char body_sdp[];

/* netns.c */
void net_transp(const char *transp, enum sip_transp *tp, bool *ip6);
const char *net_names(const char *text);
const char *net_uri(const char *name, const struct sa *addr,
		    enum sip_transp tp);

/* host.c */
const char *host_fault(const struct test *t);
const char *host_na(const struct test *t, bool stock);
const char *host_module_event(void);
const char *host_answer_app(bool no_menu);
const char *host_config(const char *config, bool no_menu);
char *const *host_env(const struct sut *s, const struct sut_opts *o);

/* memcheck.c */
const char *memcheck_build(const char *so);
enum memcheck memcheck_choose(const struct sut_opts *o, bool linked);
unsigned memcheck_args(const char **argv, const struct sut *s);
unsigned memcheck_env(const char **v, const char **preloads,
		      const struct sut *s);
const char *memcheck_log(const struct sut *s);
void memcheck_end(const char *file, int line, const struct sut *s);

/* valgrind.c */
bool frame_is_mine(const char *line);
unsigned valgrind_check(const char *log, struct mbuf *mine);

/* sanitizer.c */
unsigned sanitizer_check(const char *log, struct mbuf *mine,
			 struct mbuf *others);

/* msg.c */
/** Message of a socket; it belongs to msg_read() */
typedef void (msg_read_h)(const struct sip_msg *msg, void *arg);

void msg_read(int fd, msg_read_h *h, void *arg);
bool msg_same(const struct msg *a, const struct msg *b);
bool text_match(const char *text, const char *what);

/* ladder.c */
const char *ladder_who(const struct sa *addr);
bool ladder_known(const struct sa *addr);

/* proc.c */
enum {
	PROC_ARGS = 64,       /**< Most arguments of a program           */
};

void proc_read(struct proc *p);
uint64_t proc_waited(pid_t pid);
void proc_args(char **argv, va_list ap);

/* relay.c */
int relay_listen(uint16_t port);
uint16_t relay_start(int fd, const char *addr, uint16_t port);

/* peer.c */
struct peer *peer_find(const char *name);

/* ctrl.c */
void ctrl_close(struct sut *s);
