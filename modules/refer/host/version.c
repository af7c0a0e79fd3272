/**
 * @file version.c  Whether this is the baresip that the module was built for
 *
 * Another one has other structures, and its libre too. What it lacks is weak
 * (see weak.h), so that the module gets as far as to say so.
 */
#include <stdio.h>
#include <string.h>
#include <re.h>
#include "host/module.h"


/* Exported from 4.x on */
__attribute__((weak))
const char *baresip_version(void);


/* A third number is for corrections that change no structure */
static bool is_same(const char *version, const char *built)
{
	const char *dot = strchr(built, '.');
	size_t len;

	if (dot)
		dot = strchr(dot + 1, '.');

	len = dot ? (size_t)(dot - built) : strlen(built);

	return !strncmp(version, built, len) &&
		(!version[len] || version[len] == '.');
}


/*
 * baresip before 4.x does not tell its version, but libre does, and they are
 * released together.
 */
bool host_version_matches(void)
{
	const char *version = baresip_version ? baresip_version() : NULL;
	const char *libre = sys_libre_version_get();

	if (is_same(libre, LIBRE_VERSION) &&
	    (!version || is_same(version, HOST_VERSION)))
		return true;

	/* its log may be another's too */
	(void)fprintf(stderr, "refer: built for baresip " HOST_VERSION
		      " with libre " LIBRE_VERSION ", but this is %s%s%s"
		      "libre %s: not loaded\n", version ? "baresip " : "",
		      version ? version : "", version ? " with " : "", libre);

	return false;
}
