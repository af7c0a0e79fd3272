/**
 * @file dial_string.h  The dial string: a target as people type it
 */
#ifndef REFER_DIAL_STRING_H
#define REFER_DIAL_STRING_H

int  dial_complete(char **urip, const char *text, const struct uri *luri);
int  dial_prepare(char **urip);
bool dial_valid(const char *uri);
const char *dial_error(int err);

#endif
