/**
 * @file users.c  The file of those who may authenticate: user:password lines
 *
 * A file with any fault is none: a line that is half understood could be a
 * credential that nobody has given.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <re.h>
#include "admission/auth.h"


enum {
	LINE_SIZE  = 512,
	TABLE_SIZE = 256,
};

struct users {
	struct hash *ht;
	unsigned n;
};

struct user {
	struct le he;
	char *name;
	char *pass;
};


static void destructor(void *arg)
{
	struct users *users = arg;

	hash_flush(users->ht);
	mem_deref(users->ht);
}


static void user_destructor(void *arg)
{
	struct user *user = arg;

	hash_unlink(&user->he);
	mem_deref(user->name);
	mem_deref(user->pass);
}


static bool cmp_handler(struct le *le, void *arg)
{
	const struct user *user = le->data;

	return !pl_strcmp(arg, user->name);
}


static const struct user *find(const struct users *users,
			       const struct pl *name)
{
	return list_ledata(hash_lookup(users->ht, hash_joaat_pl(name),
				       cmp_handler, (void *)name));
}


static int add(struct users *users, const struct pl *name,
	       const struct pl *pass)
{
	struct user *user;
	int err;

	user = mem_zalloc(sizeof(*user), user_destructor);
	if (!user)
		return ENOMEM;

	err  = pl_strdup(&user->name, name);
	err |= pl_strdup(&user->pass, pass);
	if (err) {
		mem_deref(user);
		return err;
	}

	hash_append(users->ht, hash_joaat_pl(name), &user->he, user);
	++users->n;

	return 0;
}


static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}


/* Why a name cannot be that of a user, or NULL */
static const char *name_fault(const struct users *users, const struct pl *name)
{
	if (!name->l)
		return "the user is empty";

	if (is_blank(name->p[0]) || is_blank(name->p[name->l - 1]))
		return "there are blanks around the user";

	if (!memcmp(name->p, "\xef\xbb\xbf", min(name->l, 3)))
		return "it begins with a byte order mark";

	return find(users, name) ? "this user has a line before" : NULL;
}


static int read_user(struct users *users, struct users_fault *fault,
		     const struct pl *line)
{
	const char *colon = memchr(line->p, ':', line->l);
	struct pl name = *line, pass = *line;

	if (!line->l || *line->p == '#')
		return 0;

	if (!colon) {
		fault->why = "it has no colon, as in user:password";
		return EINVAL;
	}

	name.l = colon - line->p;
	pl_advance(&pass, name.l + 1);

	fault->why = pass.l ? name_fault(users, &name) :
		"the password is empty";

	return fault->why ? EINVAL : add(users, &name, &pass);
}


/* Up to the end of the line, or of the file; false if there is none */
static bool read_line(struct pl *line, char *buf, struct users_fault *fault,
		      FILE *f)
{
	size_t n = 0;
	int c;

	while ((c = fgetc(f)) != EOF && c != '\n' && !fault->why) {

		if (n && buf[n - 1] == '\r')
			fault->why = "it has a CR within";
		else if (!c)
			fault->why = "it has a NUL byte";
		else if (n >= LINE_SIZE - 1)
			fault->why = "it is longer than 511 bytes";
		else
			buf[n++] = (char)c;
	}

	if (n && buf[n - 1] == '\r')
		--n;

	line->p = buf;
	line->l = n;

	return c != EOF || n || fault->why;
}


static int read_all(struct users *users, struct users_fault *fault, FILE *f)
{
	char buf[LINE_SIZE];
	struct pl line;
	int err = 0;

	while (!err && read_line(&line, buf, fault, f)) {
		++fault->line;
		err = fault->why ? EINVAL : read_user(users, fault, &line);
	}

	if (!err && ferror(f))
		err = errno ? errno : EIO;
	if (err != EINVAL)
		fault->line = 0;

	return err;
}


/**
 * Read a file of users
 *
 * @return 0 if success, EINVAL if a line is wrong, otherwise errorcode
 */
int users_load(struct users **up, struct users_fault *fault, const char *path)
{
	struct users *users;
	FILE *f;
	int err;

	memset(fault, 0, sizeof(*fault));

	users = mem_zalloc(sizeof(*users), destructor);
	if (!users)
		return ENOMEM;

	err = hash_alloc(&users->ht, TABLE_SIZE);
	if (err)
		goto out;

	f = fopen(path, "r");
	if (!f) {
		err = errno;
		goto out;
	}

	err = read_all(users, fault, f);
	(void)fclose(f);

 out:
	if (err)
		mem_deref(users);
	else
		*up = users;

	return err;
}


/** Get the number of users */
unsigned users_count(const struct users *users)
{
	return users->n;
}


/** Get the password of a user */
const char *users_password(const struct users *users, const struct pl *name)
{
	const struct user *user = find(users, name);

	return user ? user->pass : NULL;
}
