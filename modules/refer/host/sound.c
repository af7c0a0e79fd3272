/**
 * @file sound.c  A sound for the person at the phone
 */
#include <re.h>
#include "host/host.h"
#include "host/module.h"
#include "syntax/text.h"


static struct play *play;


/* As the menu does for a message: baresip's default, which is empty, is the
   first module that plays */
static void get_device(char *mod, size_t msz, char *dev, size_t dsz)
{
	struct pl val, name;

	*mod = *dev = '\0';
	if (conf_get(conf_cur(), "audio_alert", &val))
		return;

	(void)text_cut(&name, &val, ',');
	text_trim(&name);
	text_trim(&val);
	(void)pl_strcpy(&name, mod, msz);
	(void)pl_strcpy(&val, dev, dsz);
}


void host_sound(const char *file)
{
	char mod[64], dev[128];

	if (play || list_isempty(baresip_auplayl()))
		return;

	get_device(mod, sizeof(mod), dev, sizeof(dev));
	if (play_file(&play, baresip_player(), file, 0, mod, dev))
		debug("refer: %s could not be played\n", file);
}


void host_sound_close(void)
{
	play = mem_deref(play);
}
