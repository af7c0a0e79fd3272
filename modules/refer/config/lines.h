/**
 * @file lines.h  The lines of the configuration, as they are in the file
 */
#ifndef REFER_LINES_H
#define REFER_LINES_H

/** A key and its value */
struct line_item {
	unsigned line;         /**< Line of the file, 0 if there is none  */
	struct pl key;
	struct pl val;         /**< First word behind it, maybe empty     */
	bool more;             /**< Another word follows                  */
	bool odd;              /**< The key stands in something else      */
};

typedef void (line_item_h)(const struct line_item *item, void *arg);

int  lines_read(const char *path, line_item_h *h, void *arg);
void lines_params(const char *text, size_t len, unsigned line,
		   line_item_h *h, void *arg);
int  lines_accounts(const char *path, line_item_h *h, void *arg);

#endif
