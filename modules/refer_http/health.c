/**
 * @file health.c  Health and metrics
 */
#include <string.h>
#include <re.h>
#include <refer/baresip.h>
#include <refer/refer.h>
#include "http.h"
#include "libre.h"


static int add_reasons(struct odict *od, const char *text)
{
	struct pl rest, line;
	struct odict *array;
	uint32_t n = 0;
	char *str;
	int err;

	err = odict_alloc(&array, 8);
	if (err)
		return err;

	pl_set_str(&rest, text);
	while (!err && !re_regex(rest.p, rest.l, "refer: [^\n]+\n", &line)) {

		err = pl_strdup(&str, &line);
		if (!err) {
			err = array_add(array, n++, ODICT_STRING, str);
			mem_deref(str);
		}
		pl_advance(&rest, line.p + line.l - rest.p);
	}

	if (!err)
		err = odict_entry_add(od, "reasons", ODICT_ARRAY, array);
	mem_deref(array);

	return err;
}


int health_get(struct request *req)
{
	bool in_force = false;
	struct odict *od = NULL;
	char *text = NULL;
	int err;

	if (re_sdprintf(&text, "%H", refer_guard_print, &in_force))
		in_force = false;

	err = odict_alloc(&od, 4);
	if (!err)
		err = odict_entry_add(od, "status", ODICT_STRING,
				      in_force ? "ok" : "fail");
	if (!err && !in_force && req->trusted)
		err = add_reasons(od, text ? text :
				  "refer: refer.so is not loaded\n");
	if (!err)
		err = reply_object(req, in_force ? 200 : 503, NULL, od);

	mem_deref(text);
	mem_deref(od);

	return err;
}


static const char *const rolev[] = {
	[REFER_ROLE_SERVER] = "server",
	[REFER_ROLE_CLIENT] = "client",
	[REFER_ROLE_TARGET] = "target",
};


static int print_head(struct re_printf *pf, const char *name,
		      const char *type, const char *help)
{
	return re_hprintf(pf, "# HELP refer_%s %s\n# TYPE refer_%s %s\n",
			  name, help, name, type);
}


static int print_one(struct re_printf *pf, const char *name,
		     const char *type, const char *help, uint64_t val)
{
	return print_head(pf, name, type, help) |
		re_hprintf(pf, "refer_%s %llu\n", name,
			   (unsigned long long)val);
}


static int print_ended(struct re_printf *pf, const struct refer_stats *s)
{
	unsigned role, outcome;
	int err;

	err = print_head(pf, "transfers_total", "counter",
			 "Transfers that have ended");

	for (role=0; role<REFER_ROLE_MAX; ++role) {
		for (outcome=REFER_OUTCOME_ACCEPTED; outcome<REFER_OUTCOME_MAX;
		     ++outcome)
			err |= re_hprintf(pf, "refer_transfers_total{"
					  "role=\"%s\",outcome=\"%s\"} %u\n",
					  rolev[role],
					  refer_outcome_name(outcome),
					  s->ended[role][outcome]);
	}

	return err;
}


static int print_refused(struct re_printf *pf, const struct refer_stats *s)
{
	unsigned code;
	int err;

	err = print_head(pf, "refused_total", "counter",
			 "REFERs that we have refused, by status code");

	for (code=0; code<ARRAY_SIZE(s->refused); ++code) {
		if (s->refused[code])
			err |= re_hprintf(pf, "refer_refused_total{"
					  "code=\"%u\"} %u\n", code,
					  s->refused[code]);
	}

	return err;
}


static int print_seconds(struct re_printf *pf, uint64_t ms)
{
	return re_hprintf(pf, "%llu.%03u", (unsigned long long)ms / 1000,
			  (unsigned)(ms % 1000));
}


static int print_times(struct re_printf *pf, const char *name,
		       const char *help, const struct refer_times *times)
{
	unsigned role;
	int err;

	err = print_head(pf, name, "summary", help);

	for (role=0; role<REFER_ROLE_MAX; ++role) {

		const struct refer_times *t = &times[role];

		err |= re_hprintf(pf, "refer_%s{role=\"%s\",quantile=\"0.5\"}"
				  " ", name, rolev[role]);
		err |= print_seconds(pf, t->p50);
		err |= re_hprintf(pf, "\nrefer_%s{role=\"%s\","
				  "quantile=\"0.95\"} ", name, rolev[role]);
		err |= print_seconds(pf, t->p95);
		err |= re_hprintf(pf, "\nrefer_%s_sum{role=\"%s\"} ", name,
				  rolev[role]);
		err |= print_seconds(pf, t->sum);
		err |= re_hprintf(pf, "\nrefer_%s_count{role=\"%s\"} %u\n",
				  name, rolev[role], t->count);
	}

	return err;
}


static int print_metrics(struct re_printf *pf, const struct refer_stats *s)
{
	int err;

	err  = print_one(pf, "uptime_seconds", "gauge",
			 "Time since the start of refer.so", s->age);
	err |= print_one(pf, "waiting", "gauge",
			 "REFERs that wait for a decision", s->waiting);
	err |= print_one(pf, "notify_sent_total", "counter",
			 "NOTIFYs that were sent", s->notify_sent);
	err |= print_one(pf, "notify_received_total", "counter",
			 "NOTIFYs that were received", s->notify_received);
	err |= print_one(pf, "timeouts_total", "counter",
			 "Transfers without an outcome in time", s->timeouts);
	err |= print_ended(pf, s);
	err |= print_refused(pf, s);
	err |= print_times(pf, "answer_seconds",
			   "From the beginning to the 2xx of the REFER",
			   s->answer);
	err |= print_times(pf, "outcome_seconds",
			   "From the beginning to the target's answer",
			   s->outcome);

	return err;
}


int metrics_get(struct request *req)
{
	struct refer_stats *s = mem_zalloc(sizeof(*s), NULL);
	int err;

	err = s ? refer_stats_get(s) : ENOMEM;
	if (!err)
		err = reply_text(req, "text/plain; version=0.0.4", NULL,
				 (re_printf_h *)print_metrics, s);
	mem_deref(s);

	return err;
}
