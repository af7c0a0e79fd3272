/**
 * @file bench.h  Benchmark: what the module costs a baresip
 *
 * A load is put on two baresips by turns, one with the module and one without,
 * or the floor in its place, see pair.c. Processes, network and waiting are
 * those of the wire tests.
 *
 * A new load is a file load_*.c with a struct load, and a row of the table in
 * main.c. It sends the first message of an item when told to, and gets every
 * message that the item's number is in, requests too, see send.c.
 */
#ifndef BENCH_H
#define BENCH_H

#include <re.h>
#include "wire.h"
#include "harness.h"
#include "pace.h"


enum {
	VALUES_MAX = 400,     /**< Most pairs of a load, slices of a run    */
	FORGET = 64 * SIP_T1 + 5500, /**< By then libre (32 s) and the
				   module (37 s, copies.c) have forgotten
				   all, ms                                  */
};

/** Which baresip */
enum side {
	BASE,                 /**< What it is compared with: without the
				   module, or the floor                     */
	REFER,                /**< With the module                          */
	SIDES
};

struct run;


/** Is a median within its limits? */
enum verdict {
	WITHIN,               /**< Yes, with its confidence interval        */
	BEYOND,               /**< No, with its confidence interval         */
	UNDECIDED,            /**< The interval reaches across the limit    */
};


/* How the benchmark is run (main.c) */

struct bench {
	const struct meter *meter;
	const char *module;   /**< The module, NULL for build/refer.so      */
	bool null;            /**< No module on either side                 */
	bool realtime;        /**< Do not share the CPUs                    */
	bool verbose;         /**< Print each pair                          */
	double tolerance;     /**< How far from 1 a ratio may be            */
	double accuracy;      /**< How sure the ratios shall be             */
	unsigned pairs_min;   /**< Pairs of a load at least                 */
	unsigned pairs_max;   /**< Pairs of a load at most                  */
	uint32_t secs;        /**< Time for a load in s, half of it more if
				   it is not decided then                   */
	unsigned times;       /**< So many times the messages of the floods
				   and the transfers of the soak            */
};

extern struct bench bench;


/* Stands in for test.c of the wire harness (setup.c) */

void setup_start(void);
void setup_meter(void);
void setup_limit(uint32_t secs);
void dir_remove(const char *path);
_Noreturn void setup_exit(int status);


/* Loads (load_*.c) */

/** A request, or call, of a load */
struct item {
	uint32_t id;          /**< Its number                               */
	int step;             /**< For the load, 0 at first                 */
	struct sip_msg *dlg;  /**< For the load, NULL at first: of a dialog */
	bool done;            /**< run_done() was called                    */
	bool waits;           /**< It waits for a decision                  */
};

/** A kind of load */
struct load {
	const char *name;     /**< Name                                     */
	const char *desc;     /**< What an item is, one line                */
	const char *config;   /**< Lines to add to the config, or NULL      */
	uint32_t items;       /**< Items of a slice                         */
	uint32_t slices;      /**< Slices of a run; one more is to warm up  */
	uint32_t window;      /**< Items under way at a time                */
	bool calls_first;     /**< All calls of a slice before its REFERs   */
	bool floor;           /**< Compare with the floor, tests/floor.c    */
	const char *program;  /**< In the place of the baresip, or NULL     */
	const char *app;      /**< Application to load with the module      */
	bool beside;          /**< Compare with the module without it; so
				   little that only callgrind shows it      */
	bool ctrl;            /**< With ctrl_tcp; each event costs it time  */
	uint32_t waiting;     /**< More items: REFERs that wait meanwhile   */
	double limit;         /**< Most that the ratio of the cost may be,
				   0: both ratios near 1, bench.tolerance   */

	/** Send the first message of an item */
	void (*start)(struct run *r, struct item *it);
	/** Handle a message that has come for an item: run_done() when it was
	    the last one, run_fail() if it should not have come */
	void (*recv)(struct run *r, struct item *it,
		     const struct sip_msg *msg);
};

extern const struct load load_options;
extern const struct load load_calls;
extern const struct load load_accept;
extern const struct load load_reject;
extern const struct load load_transfer;
extern const struct load load_wait10;
extern const struct load load_wait1k;
extern const struct load load_wait10k;
extern const struct load load_soak;
extern const struct load load_refuse;
extern const struct load load_http;
extern const struct load load_flood;
extern const struct load load_kept;
extern const struct load load_peers;
extern const struct load load_ringing;

void ringing_finish(struct run *r);


/* One load against one fresh baresip (run.c) */

struct run {
	const struct load *load;
	struct sut *sut;      /**< The baresip                              */
	char local[64];       /**< Our address and port                     */
	int fd;               /**< UDP socket, connected to the baresip     */
	struct pace pace;     /**< Of its items                             */
	struct item *itemv;
	uint32_t started;     /**< Items started                            */
	uint32_t done;        /**< Items done                               */
	uint32_t goal;        /**< Items to be done at the end of the slice */
	uint32_t again;       /**< Retransmissions that have come           */
	uint64_t end;         /**< When the last slice was done, ns         */
	uint64_t time;        /**< How long it took, ns, see run_slice()    */
	uint64_t mark;        /**< Reading of the meter at run_cost()       */
	uint32_t waiting;     /**< Items that wait, see waiting_start()     */
	size_t rss;           /**< Resident memory before they came         */
	double wait_cost;     /**< What one of them costs, by the meter     */
	double wait_bytes;    /**< and in resident memory                   */
};

void run_start(struct run *r, const struct load *load, enum side side,
	       const char *name);
void run_slice(struct run *r);
void run_finish(struct run *r);
uint64_t run_cost(struct run *r);
void run_stop(struct run *r);
void run_send(struct run *r, const char *fmt, ...);
void run_done(struct run *r, struct item *it);
bool run_first(struct run *r, struct item *it, int step);
void run_wait(struct run *r, struct item *it);
_Noreturn void run_fail(const struct run *r, const struct sip_msg *msg);


/* REFERs that wait meanwhile (waiting.c) */

void waiting_start(struct run *r, uint32_t n);
void waiting_finish(struct run *r);
bool waiting_recv(struct run *r, struct item *it, const struct sip_msg *msg);


/* Messages of the loads (send.c) */

void send_request(struct run *r, const struct item *it, const char *met,
		  uint32_t cseq, const struct sip_msg *dlg, const char *fmt,
		  ...);
void send_reply(struct run *r, const struct item *it,
		const struct sip_msg *req, const char *status,
		const char *fmt, ...);
bool notify_is_last(const struct sip_msg *msg);
bool notify_is_success(const struct sip_msg *msg);


/* What a process costs (meter.c) */

struct meter {
	const char *name;     /**< What is measured                         */
	const char *unit;     /**< Unit in the table                        */
	double scale;         /**< From readings to the unit                */
	bool exact;           /**< No noise, but the time means nothing     */
	const char *prefix;   /**< Program that runs the baresip, "" none   */
	uint64_t (*read)(const struct sut *s);
	/** Pause, or go on: what is exact is slow; or NULL                 */
	void (*pause)(const struct sut *s, bool pause);
};

extern const struct meter meter_cpu;
extern const struct meter meter_callgrind;

void meter_pause(const struct sut *s, bool pause);
uint64_t meter_cpu_time(pid_t pid);
size_t meter_rss(const struct sut *s);
size_t meter_rss_trimmed(struct sut *s);


/* Median of some values, and how far to trust it (stats.c) */

struct stats {
	double median;
	double q1, q3;        /**< Half of the values are between these     */
	double lo, hi;        /**< The true median is, by 95 %              */
};

void stats_calc(struct stats *st, const double *valv, size_t valc);


/* A load, compared without and with the module (pair.c) */

struct result {
	const struct load *load;
	unsigned pairs;
	double ratev[SIDES][VALUES_MAX];  /**< Items per s, in each pair    */
	double costv[SIDES][VALUES_MAX];  /**< Cost of an item              */
	double rrv[VALUES_MAX];           /**< Ratio with/without of rate   */
	double crv[VALUES_MAX];           /**< .. and of cost               */
	double waitv[SIDES][VALUES_MAX];  /**< Cost of a REFER that waits   */
	double bytesv[SIDES][VALUES_MAX]; /**< and its memory               */
	struct stats rate;    /**< Of rrv                                   */
	struct stats cost;    /**< Of crv                                   */
	uint32_t items;       /**< Items done                               */
	uint32_t again;       /**< Retransmissions that have come           */
};

void compare(struct result *res, const struct load *load);
enum verdict verdict(const struct result *res);


/* What is printed at the end (report.c) */

void report_tables(const struct result *resv, size_t resc);
int  report_verdict(const struct result *res);
int  report_bytes(const struct result *res);
int  report_worse(int a, int b);


/* Many whole transfers (soak.c) */

int soak(void);


/* Many ended transfers that are kept (kept.c) */

int kept(void);


/* Many messages, while others have transfers (flood.c) */

int flood(void);


/* A fleet of bots behind kamailio (fleet.c) */

int fleet_bench(void);


/* What it costs others (peers.c) */

int peers(void);

#endif
