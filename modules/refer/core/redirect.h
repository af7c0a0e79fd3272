/**
 * @file redirect.h  Where a 3xx sends us
 */
#ifndef REFER_REDIRECT_H
#define REFER_REDIRECT_H

enum {
	REDIRECTS_MAX = 5,     /**< So many others are tried */
};

void  redirect_add(struct list *l, const struct sip_msg *msg);
char *redirect_take(struct list *l);
char *redirect_take_uri(struct list *l);
bool  redirect_goes_on(uint16_t scode);

#endif
