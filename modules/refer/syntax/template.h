/**
 * @file template.h  Headers that the configuration adds to an INVITE
 */
#ifndef REFER_TEMPLATE_H
#define REFER_TEMPLATE_H

/** What a template can name */
enum template_var {
	VAR_REFERRER,
	VAR_REFERRED,
	VAR_ACCOUNT,
	VAR_TARGET,
	VAR_REFERRED_BY,
	VARS,
};

/** Their URIs; one that is empty is unknown */
struct template_values {
	struct pl v[VARS];
};

int template_add(struct list *l, const struct pl *text, const char **whyp);
int templates_print(struct mbuf *mb, const struct list *l,
		    const struct template_values *vals);
int templates_show(struct re_printf *pf, const struct list *l);

#endif
