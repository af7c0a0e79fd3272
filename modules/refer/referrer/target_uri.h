/**
 * @file target_uri.h  The target of a transfer, as people write it
 */
#ifndef REFER_TARGET_URI_H
#define REFER_TARGET_URI_H

int target_complete(char **urip, const char *text, const struct uri *luri);
bool target_valid(const char *uri);
const char *target_error(int err);

#endif
