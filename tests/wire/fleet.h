/**
 * @file fleet.h  A fleet of bots, as in examples/fleet
 *
 * kamailio and mosquitto at the address of "proxy", the bots at their own.
 */
#ifndef FLEET_H
#define FLEET_H


enum {
	FLEET_MAX = 8,        /**< Bots at most                             */
};

/** How to start a fleet */
struct fleet_opts {
	unsigned bots;        /**< So many bots                             */
	bool udp;             /**< Between proxy and bots; otherwise TCP    */
	enum memcheck memcheck; /**< For the bots                           */
	const char *config;   /**< Lines to add to the config of each       */
	const char *const *defv; /**< NAME=VALUE for kamailio, then NULL    */
};

/** A fleet */
struct fleet {
	unsigned botc;
	const char *namev[FLEET_MAX];
	struct sut *botv[FLEET_MAX];
	struct sut_opts optv[FLEET_MAX];
	const char *envv[FLEET_MAX][2];
	struct proc *proxy;   /**< kamailio                                 */
	struct proc *bus;     /**< mosquitto_sub: "TOPIC JSON" a line       */
	const char *uri;      /**< Where callers call, "sip:bot@.."         */
	const char *proxy_uri; /**< The dispatcher, for a Route             */
	const char *ctl;      /**< Socket of kamailio for kamcmd            */
	const char *transp;   /**< Parameter of the bots' URIs              */
};

struct fleet *fleet_start_at(const char *file, int line,
			     const struct fleet_opts *o);
int  fleet_bot_of(const struct fleet *fl, const char *text);
const char *fleet_cmd_at(const char *file, int line, struct fleet *fl, ...);
void fleet_list(const struct fleet *fl, const unsigned *weightv);
void fleet_drain(struct fleet *fl, unsigned bot, bool drain);
bool fleet_takes_calls(struct fleet *fl, unsigned bot);
bool fleet_wait(struct fleet *fl, unsigned bot, bool up, uint32_t ms);
void fleet_kill(struct fleet *fl, unsigned bot);
void fleet_back(struct fleet *fl, unsigned bot);

/** Start a fleet: fleet_start(.bots = 2) */
#define fleet_start(...)						\
	fleet_start_at(HERE, &(const struct fleet_opts){__VA_ARGS__})
/** What kamcmd prints: fleet_cmd(fl, "dispatcher.list") */
#define fleet_cmd(fl, ...) fleet_cmd_at(HERE, fl, __VA_ARGS__, NULL)

#endif
