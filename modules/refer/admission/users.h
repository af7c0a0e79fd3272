/**
 * @file users.h  The file of those who may authenticate
 */
#ifndef REFER_USERS_H
#define REFER_USERS_H

/** What is wrong with a file of users */
struct users_fault {
	unsigned line;         /**< Number of the line, 0 if none   */
	const char *why;       /**< Reason, NULL if it is an errno  */
};

struct users;

int  users_load(struct users **up, struct users_fault *fault,
		const char *path);
unsigned users_count(const struct users *users);
const char *users_password(const struct users *users, const struct pl *name);

#endif
