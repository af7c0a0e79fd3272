/**
 * @file fleet_table.h  What a fleet has done, and the demonstration of it
 */
#ifndef FLEET_TABLE_H
#define FLEET_TABLE_H


/** What a bot has done */
struct fleet_row {
	unsigned calls;       /**< Calls that it had                        */
	unsigned transfers;   /**< REFERs that it carried out               */
	unsigned answered;    /**< of which the target answered             */
	unsigned refused;     /**< of which the target refused              */
	unsigned replaced;    /**< Calls in which somebody took a place     */
};

/** What came of transfers */
struct fleet_sum {
	unsigned right;       /**< The outcome that was to come             */
	unsigned lost;        /**< with the bot that was killed             */
	unsigned cut;         /**< Attended ones whose other bot was killed */
	unsigned wrong;       /**< All else                                 */
};

void fleet_count(struct fleet *fl, struct fleet_row *rowv);
void fleet_row_print(FILE *f, const char *name, const struct fleet_row *row);
void fleet_table_print(FILE *f, const struct fleet *fl,
		       const struct fleet_row *rowv);
void fleet_sum(struct fleet_sum *sum, const struct traffic *l, int killed);

void fleet_demo_table(struct fleet *fl, FILE *f);
void fleet_demo(unsigned bots);

#endif
