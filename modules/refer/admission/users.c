/**
 * @file users.c  The file of those who may authenticate
 *
 * Lines user:password, or user:realm:HA1, as htdigest(1) makes them, where the
 * length of the hash tells its algorithm. A file with any fault is none: a
 * line that is half understood could be a credential that nobody has given.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <re.h>
#include "admission/auth.h"
#include "host/libre.h"


enum {
	LINE_SIZE  = 512,
	TABLE_SIZE = 256,
};

struct users {
	struct hash *ht;
	char *realm;
	unsigned n;
	bool algv[DIGEST_ALGORITHMS]; /**< A user can be checked with it */
};

struct user {
	struct le he;
	char *name;
	char *pass;                   /**< NULL if there are hashes      */
	bool hasv[DIGEST_ALGORITHMS]; /**< Has this hash                 */
	uint8_t ha1v[DIGEST_ALGORITHMS][DIGEST_SIZE_MAX];
};

/** A line, in its parts */
struct entry {
	struct pl name;
	struct pl secret;      /**< A password, or a hash             */
	enum digest_algorithm alg; /**< Of a hash                     */
	bool hash;
};


static void destructor(void *arg)
{
	struct users *users = arg;

	hash_flush(users->ht);
	mem_deref(users->ht);
	mem_deref(users->realm);
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


static int add(struct user **up, struct users *users, const struct pl *name)
{
	struct user *user;
	int err;

	user = mem_zalloc(sizeof(*user), user_destructor);
	if (!user)
		return ENOMEM;

	err = pl_strdup(&user->name, name);
	if (err) {
		mem_deref(user);
		return err;
	}

	hash_append(users->ht, hash_joaat_pl(name), &user->he, user);
	++users->n;
	*up = user;

	return 0;
}


static void hex_decode(uint8_t *md, size_t size, const char *hex)
{
	size_t i;

	for (i=0; i<size; ++i, hex += 2)
		md[i] = (uint8_t)(ch_hex(hex[0]) << 4 | ch_hex(hex[1]));
}


static int set_secret(struct users *users, const struct entry *e)
{
	struct user *user = (struct user *)find(users, &e->name);
	unsigned i;
	int err;

	if (!user) {
		err = add(&user, users, &e->name);
		if (err)
			return err;
	}

	for (i=0; i<DIGEST_ALGORITHMS; ++i)
		users->algv[i] |= !e->hash || i == e->alg;

	if (!e->hash)
		return pl_strdup(&user->pass, &e->secret);

	user->hasv[e->alg] = true;
	hex_decode(user->ha1v[e->alg], digest_size(e->alg), e->secret.p);

	return 0;
}


static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}


/* Why a name cannot be that of a user, or NULL */
static const char *name_fault(const struct pl *name)
{
	if (!name->l)
		return "the user is empty";

	if (is_blank(name->p[0]) || is_blank(name->p[name->l - 1]))
		return "there are blanks around the user";

	return memcmp(name->p, "\xef\xbb\xbf", min(name->l, 3)) ? NULL :
		"it begins with a byte order mark";
}


static bool is_hash(enum digest_algorithm *alg, const struct pl *pl)
{
	unsigned i;
	size_t n;

	for (n=0; n<pl->l; ++n) {
		if (!isxdigit((uint8_t)pl->p[n]))
			return false;
	}

	for (i=0; i<DIGEST_ALGORITHMS; ++i) {
		*alg = (enum digest_algorithm)i;
		if (n == 2 * digest_size(*alg))
			return true;
	}

	return false;
}


/* Whatever could be meant as a hash must be one of our realm: it is no
   password. Returns why not, or NULL */
static const char *secret_fault(struct entry *e, const char *ours)
{
	const char *colon = memrchr(e->secret.p, ':', e->secret.l);
	const size_t n = strlen(ours);
	struct pl realm = e->secret, hash = e->secret;
	bool is_ours;

	if (!colon)
		return e->secret.l ? NULL : "the password is empty";

	realm.l = colon - e->secret.p;
	pl_advance(&hash, (ssize_t)realm.l + 1);
	is_ours = realm.l >= n && !memcmp(realm.p, ours, n) &&
		e->secret.p[n] == ':';

	e->hash = is_hash(&e->alg, &hash);
	if (!e->hash)
		return is_ours ? "the hash does not have 32 or 64 hexadecimal"
			" digits" : NULL;

	e->secret = hash;

	return is_ours && realm.l == n ? NULL :
		"the realm of the hash is not refer_realm";
}


/* A user has a password, or one hash of each kind */
static const char *twice_fault(const struct users *users,
			       const struct entry *e)
{
	const struct user *user = find(users, &e->name);

	return user && (user->pass || !e->hash || user->hasv[e->alg]) ?
		"this user has a line before" : NULL;
}


static int read_user(struct users *users, struct users_fault *fault,
		     const struct pl *line)
{
	const char *colon = memchr(line->p, ':', line->l);
	struct entry e = {.name = *line, .secret = *line};

	if (!line->l || *line->p == '#')
		return 0;

	if (!colon) {
		fault->why = "it has no colon, as in user:password";
		return EINVAL;
	}

	e.name.l = colon - line->p;
	pl_advance(&e.secret, (ssize_t)e.name.l + 1);

	if (!(fault->why = secret_fault(&e, users->realm)) &&
	    !(fault->why = name_fault(&e.name)))
		fault->why = twice_fault(users, &e);

	return fault->why ? EINVAL : set_secret(users, &e);
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


/* As ssh(1) has it for a private key: nobody else may read it, but a group may
   if the file is another user's. And nobody else may write it */
static const char *mode_fault(FILE *f)
{
	struct stat st;
	mode_t bad = S_IWGRP | S_IRWXO;

	if (fstat(fileno(f), &st) || !S_ISREG(st.st_mode))
		return NULL;

	if (st.st_uid == geteuid())
		bad |= S_IRWXG;

	return st.st_mode & bad ? "others can read or write the file: make its"
		" mode 0600" : NULL;
}


static int read_file(struct users *users, struct users_fault *fault,
		     const char *path)
{
	FILE *f = fopen(path, "r");
	int err;

	if (!f)
		return errno;

	fault->why = mode_fault(f);
	err = fault->why ? EPERM : read_all(users, fault, f);
	(void)fclose(f);

	return err;
}


/**
 * Read a file of users
 *
 * @return 0 if success, otherwise errorcode: EINVAL if a line is wrong, EPERM
 *         if others can read the file
 */
int users_load(struct users **up, struct users_fault *fault, const char *path,
	       const char *realm)
{
	struct users *users;
	int err;

	memset(fault, 0, sizeof(*fault));

	users = mem_zalloc(sizeof(*users), destructor);
	if (!users)
		return ENOMEM;

	err  = hash_alloc(&users->ht, TABLE_SIZE);
	err |= str_dup(&users->realm, realm);
	if (!err)
		err = read_file(users, fault, path);

	fault->err = err;
	if (err)
		mem_deref(users);
	else
		*up = users;

	return err;
}


/** Print what is wrong with a file of users */
int users_print_fault(struct re_printf *pf, const struct users_fault *fault)
{
	if (fault->line)
		return re_hprintf(pf, "line %u is wrong: %s", fault->line,
				  fault->why);

	if (fault->why)
		return re_hprintf(pf, "%s", fault->why);

	return re_hprintf(pf, "%m", fault->err);
}


/** Get the number of users */
unsigned users_count(const struct users *users)
{
	return users->n;
}


/** Tell whether a user can be checked with an algorithm; without a name, any
    of them */
bool users_have(const struct users *users, const struct pl *name,
		enum digest_algorithm alg)
{
	const struct user *user;

	if (!name)
		return users->algv[alg];

	user = find(users, name);

	return user && (user->pass || user->hasv[alg]);
}


/**
 * Get what a password is checked with: H(user:realm:password)
 *
 * @return False if there is none; it takes as long to find that out
 */
bool users_ha1(uint8_t *ha1, const struct users *users, const struct pl *name,
	       enum digest_algorithm alg)
{
	const struct user *user = find(users, name);
	const char *pass = user && user->pass ? user->pass : "";

	if (digest_printf(alg, ha1, "%r:%s:%s", name, users->realm, pass))
		return false;

	if (user && user->hasv[alg])
		memcpy(ha1, user->ha1v[alg], digest_size(alg));

	return user && (user->pass || user->hasv[alg]);
}
