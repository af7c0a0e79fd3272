/**
 * @file config.h  The lines of the configuration, as they are in the file
 */
#ifndef REFER_CONFIG_H
#define REFER_CONFIG_H

/** A key and its value */
struct config_item {
	unsigned line;         /**< Line of the file, 0 if there is none  */
	struct pl key;
	struct pl val;         /**< First word behind it, maybe empty     */
	bool more;             /**< Another word follows                  */
	bool odd;              /**< The key stands in something else      */
};

typedef void (config_item_h)(const struct config_item *item, void *arg);

int  config_read(const char *path, config_item_h *h, void *arg);
void config_params(const char *text, size_t len, unsigned line,
		   config_item_h *h, void *arg);
int  config_accounts(const char *path, config_item_h *h, void *arg);

#endif
