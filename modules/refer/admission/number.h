/**
 * @file number.h  The telephone number in a target, as a PBX may read it
 */
#ifndef REFER_NUMBER_H
#define REFER_NUMBER_H

/**
 * Called with a form of the user part
 *
 * @param user User part, or a number out of it
 * @param arg  Handler argument
 *
 * @return True to stop
 */
typedef bool (number_h)(const char *user, void *arg);

bool number_apply(const struct uri *uri, number_h *h, void *arg);

#endif
