/**
 * @file fleet_table.c  What a fleet has done, from the events on its bus
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "wire.h"
#include "fleet.h"
#include "fleet_traffic.h"
#include "fleet_table.h"


/* An event of a bot */
static void count(struct fleet_row *row, const char *json)
{
	const char *code = strstr(json, " code=");

	if (strstr(json, "\"type\":\"CALL_ESTABLISHED\"")) {
		++row->calls;
		return;
	}

	if (!strstr(json, "refer,referEnded,"))
		return;

	if (strstr(json, " role=target")) {
		++row->replaced;
	}
	else if (strstr(json, " role=server")) {
		++row->transfers;
		if (code && !strncmp(code + 6, "200", 3))
			++row->answered;
		else
			++row->refused;
	}
}


/**
 * Count what the bots have published so far
 *
 * @param fl   Fleet
 * @param rowv A row for each bot, set on return
 */
void fleet_count(struct fleet *fl, struct fleet_row *rowv)
{
	char *log = strdup(proc_log(fl->bus)), *line = log, *end;

	memset(rowv, 0, fl->botc * sizeof(*rowv));

	for (; (end = strchr(line, '\n')); line = end + 1) {

		unsigned bot;

		*end = '\0';
		if (1 == sscanf(line, "/bot%u/event", &bot) && bot &&
		    bot <= fl->botc)
			count(&rowv[bot - 1], line);
	}

	free(log);
}


/**
 * Print a row
 *
 * @param f    File
 * @param name Its name
 * @param row  Row
 */
void fleet_row_print(FILE *f, const char *name, const struct fleet_row *row)
{
	(void)fprintf(f, "%-6s %7u %10u %9u %8u %9u\n", name, row->calls,
		      row->transfers, row->answered, row->refused,
		      row->replaced);
}


/**
 * Print the table of all bots, with a sum
 *
 * @param f    File
 * @param fl   Fleet
 * @param rowv A row for each bot
 */
void fleet_table_print(FILE *f, const struct fleet *fl,
		       const struct fleet_row *rowv)
{
	struct fleet_row all = {0, 0, 0, 0, 0};
	unsigned i;

	(void)fprintf(f, "%-6s %7s %10s %9s %8s %9s\n", "", "calls",
		      "transfers", "answered", "refused", "replaced");

	for (i=0; i<fl->botc; i++) {

		const struct fleet_row *row = &rowv[i];

		fleet_row_print(f, fl->namev[i], row);
		all.calls     += row->calls;
		all.transfers += row->transfers;
		all.answered  += row->answered;
		all.refused   += row->refused;
		all.replaced  += row->replaced;
	}

	fleet_row_print(f, "all", &all);
}


/* What is to come of a transfer */
static uint16_t expected(const struct xfer *it)
{
	return it->kind == BUSY ? 486 : 200;
}


/* With the bot that was killed, or one that it had just taken */
static bool is_lost(const struct xfer *it, int killed)
{
	return it->lost || (killed >= 0 && !it->told &&
			    it->legv[CALL].bot == killed);
}


/* Its second call was with the bot that was killed */
static bool is_cut(const struct xfer *it, int killed)
{
	return it->done && killed >= 0 && it->kind == ATTENDED &&
		it->legv[OTHER].bot == killed && (it->told || it->failed);
}


/* It is not right: tell why */
static void wrong(struct fleet_sum *sum, const struct xfer *it)
{
	++sum->wrong;
	(void)printf("%08x: kind %d, call with bot%d, other with bot%d: %s"
		     " %u%s\n", it->id, it->kind, it->legv[CALL].bot + 1,
		     it->legv[OTHER].bot + 1, it->told ? "told" : "not told",
		     it->code, it->failed ? ", a call is refused" : "");
}


/**
 * Judge what came of transfers
 *
 * @param sum    Returned sums
 * @param l      Traffic
 * @param killed Number of the bot that was killed, -1 for none
 */
void fleet_sum(struct fleet_sum *sum, const struct traffic *l, int killed)
{
	uint32_t i;

	memset(sum, 0, sizeof(*sum));

	for (i=0; i<l->started; i++) {

		const struct xfer *it = &l->itemv[i];

		if (is_lost(it, killed))
			++sum->lost;
		else if (it->done && it->told && it->code == expected(it))
			++sum->right;
		else if (is_cut(it, killed))
			++sum->cut;
		else
			wrong(sum, it);
	}
}
