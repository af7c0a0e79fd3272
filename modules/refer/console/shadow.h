/**
 * @file shadow.h  A command that stands over another module's
 */
#ifndef REFER_SHADOW_H
#define REFER_SHADOW_H

struct cmd;

/** A command of ours whose name another module uses too */
struct shadow {
	struct cmd cmd;             /**< As the core knows it now  */
	const char *name;           /**< In lower case             */
	const char *upper;          /**< In upper case             */
	char key;
	const char *desc;
	const char *rival;          /**< Module that has the other */
	const struct cmd *below;    /**< The other, if it is there */
	bool registered;
};

void shadow_update(struct shadow *sh, bool take);
void shadow_close(struct shadow *sh);

#endif
