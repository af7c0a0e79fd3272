/**
 * @file row.h  A transfer under way, as it is shown
 */
#ifndef REFER_ROW_H
#define REFER_ROW_H

#include "core/event.h"

struct odict;
struct refer;

/** What can be done with a transfer now */
enum row_can {
	CAN_DECIDE = 1 << 0,   /**< Accept, reject, redirect                 */
	CAN_REPORT = 1 << 1,   /**< Accepted without follow: notify          */
	CAN_CANCEL = 1 << 2,   /**< Stop it                                  */
};

/** A transfer, as /referlist and /referinfo show it */
struct refer_row {
	uint32_t id;
	unsigned can;              /**< Of enum row_can                      */
	enum refer_role role;
	const char *state;
	uint64_t ts;               /**< When it began [ms]                   */
	const char *account;       /**< Address-of-record, or NULL           */
	struct pl peer;            /**< Who refers, or is referred           */
	const char *target;
	uint16_t scode;            /**< Last status, 0 for none              */
	const char *reason;        /**< and its reason phrase, or NULL       */
	const char *callid;        /**< Call-ID of the old call, or NULL     */
	const char *new_callid;    /**< of the one that executes it, or NULL */
	const char *referred_by;   /**< Referred-By, or NULL                 */
	const char *replaces;      /**< Replaces, or NULL                    */
};

/**
 * Handles a transfer
 *
 * @param row Transfer
 * @param arg Handler argument
 *
 * @return 0 if success, otherwise errorcode
 */
typedef int (row_h)(const struct refer_row *row, void *arg);

/** How wide the columns of the table are */
struct row_width {
	size_t peer;
	size_t target;
};

int  rows_apply(const struct refer *refer, row_h *h, void *arg);
bool rows_find(struct refer_row *row, const struct refer *refer, uint32_t id);
int  row_measure(const struct refer_row *row, void *arg);
int  row_print_head(struct re_printf *pf, const struct row_width *width);
int  row_print(struct re_printf *pf, const struct refer_row *row,
	       const struct row_width *width);
int  row_print_info(struct re_printf *pf, const struct refer_row *row);
int  row_odict(struct odict **op, const struct refer_row *row);

#endif
