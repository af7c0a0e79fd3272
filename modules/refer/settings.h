/**
 * @file settings.h  The settings of the module
 */
#ifndef REFER_SETTINGS_H
#define REFER_SETTINGS_H

/** Settings, see docs/manual.md */
struct settings {
	uint32_t expires;        /**< Life of a subscription [s]           */
	uint32_t ring_timeout;   /**< Longest wait for the target [s]      */
	bool keep;               /**< Keep the call after a transfer       */
	bool take_transfer;      /**< Own /transfer while menu is loaded   */
};

void settings_read(struct settings *set, const struct conf *conf);

#endif
