/**
 * @file typed.c  Interactive programs
 *
 * Their standard input is a FIFO that never reaches an end of file.
 */
#include <stdio.h>
#include <sys/stat.h>
#include "wire.h"
#include "typed.h"


static const char *dir_of(const char *name)
{
	return F("%s/%s", test_dir(), name);
}


/**
 * Start a program in a directory of its own, which is its HOME as well
 *
 * @param name    Name in messages, and of the directory
 * @param command Command line for the shell
 *
 * @return The process
 */
struct proc *typed_run(const char *name, const char *command)
{
	const char *dir = dir_of(name);

	(void)mkdir(dir, 0700);
	(void)mkfifo(F("%s/stdin", dir), 0600);

	return proc_run(name, "/bin/sh", "-c",
			F("cd %s && HOME=%s exec %s <>stdin 2>&1", dir, dir,
			  command), NULL);
}


/**
 * Type a line
 *
 * @param name Name of the program
 * @param line The line
 */
void type(const char *name, const char *line)
{
	FILE *f = fopen(F("%s/stdin", dir_of(name)), "w");

	CHECK(f, "stdin of %s", name);
	(void)fprintf(f, "%s\n", line);
	(void)fclose(f);
}
