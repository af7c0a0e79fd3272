/**
 * @file call_plan.c  How the target of a REFER is called
 *
 * The options of an application, or of a person, are checked before anything
 * is sent; what they leave out is as the REFER and the configuration say.
 */
#include <re.h>
#include "admission/admission.h"
#include "config/config.h"
#include "config/rules.h"
#include "config/settings.h"
#include "core/core.h"
#include "host/host.h"
#include "refer.h"
#include "referee/referee.h"
#include "referee/server.h"
#include "referrer/referrer.h"
#include "syntax/header.h"
#include "syntax/people.h"
#include "syntax/refer_to.h"
#include "syntax/template.h"
#include "syntax/text.h"
#include "syntax/uri.h"


static void destructor(void *arg)
{
	struct call_plan *plan = arg;

	mem_deref(plan->rt);
	mem_deref(plan->hdrs);
	mem_deref(plan->name);
	mem_deref(plan->outbound);
}


static int print_templates(struct mbuf *mb, const struct refer_server *srv,
			   const struct call_plan *plan)
{
	const struct referral *rf = &srv->referral;
	struct template_values vals = {
		.v[VAR_REFERRED] = srv->msg->to.auri,
	};
	const struct rules *rules = config_rules(srv->refer->config);
	struct person who;
	struct pl by;

	referral_referrer(&who, rf);
	vals.v[VAR_REFERRER] = who.uri;
	pl_set_str(&vals.v[VAR_ACCOUNT], host_ua_aor(plan->ua));
	pl_set_str(&vals.v[VAR_TARGET], plan->rt->uri);
	pl_set_str(&by, rf->referred_by ? rf->referred_by : "");
	if (refer_to_addr(&vals.v[VAR_REFERRED_BY], &by))
		vals.v[VAR_REFERRED_BY] = pl_null;

	return templates_print(mb, &rules->templatel, &vals);
}


static int print_line(struct mbuf *mb, const char *line, size_t end)
{
	const struct pl before = {(char *)mb->buf, end};
	struct pl name, val;
	char *str;
	int err;

	err = header_line_decode(&str, &val, line);
	if (err)
		return err;

	pl_set_str(&name, str);
	if (header_is_reserved(&name))
		err = EINVAL;
	else if (!header_lines_have(&before, str))
		err = mbuf_printf(mb, "%s: %r\r\n", str, &val);
	mem_deref(str);

	return err;
}


/* The lines that are there already win over one of the same name */
static int print_delegate(struct mbuf *mb, struct refer_server *srv)
{
	const struct refer_delegate *d = srv->delegate;
	const char *const *linev = d && d->headersh ?
		d->headersh(srv, srv->arg) : NULL;
	const size_t end = mb->end;
	int err = 0;

	for (; linev && *linev && !err; ++linev) {
		err = print_line(mb, *linev, end);
		if (err == EINVAL)
			warning("refer: #%u this header of an application"
				" cannot be sent: %H\n", srv->id,
				text_clean_str, *linev);
	}

	return err;
}


/* RFC 3323 section 4.2, RFC 3325 section 7 */
static int print_privacy(struct mbuf *mb)
{
	const struct pl before = {(char *)mb->buf, mb->end};

	return header_lines_have(&before, "Privacy") ? 0 :
		mbuf_write_str(mb, "Privacy: id\r\n");
}


/* Replaces, Referred-By, the headers of the application and of the
   configuration, then those of the URI and of the REFER; each wins over those
   behind it */
static int print_headers(struct mbuf *mb, struct refer_server *srv,
			 const struct call_plan *plan,
			 const char *const *hdrv)
{
	const struct referral *rf = &srv->referral;
	const struct settings *set = srv->refer->set;
	const bool require = plan->rt->require || set->require_replaces;
	int err = 0;

	if (plan->rt->replaces)
		err |= mbuf_printf(mb, "Replaces: %s\r\n%s",
				   plan->rt->replaces,
				   require ? "Require: replaces\r\n" : "");

	if (rf->referred_by)
		err |= mbuf_printf(mb, "Referred-By: %s\r\n",
				   rf->referred_by);

	for (; hdrv && *hdrv; ++hdrv)
		err |= mbuf_printf(mb, "%s\r\n", *hdrv);

	if (!err)
		err = print_delegate(mb, srv);
	if (plan->anonymous)
		err |= print_privacy(mb);

	err |= print_templates(mb, srv, plan);
	err |= carried_print(mb, &rf->headers, CARRIED_URI,
			     set->copy_headers);
	err |= carried_print(mb, &rf->headers, CARRIED_REFER,
			     set->pass_headers);

	return err;
}


static int set_headers(struct call_plan *plan, struct refer_server *srv,
		       const char *const *hdrv)
{
	struct mbuf *mb;
	int err;

	mb = mbuf_alloc(256);
	if (!mb)
		return ENOMEM;

	err = print_headers(mb, srv, plan, hdrv);

	mb->pos = 0;
	if (!err)
		err = mbuf_strdup(mb, &plan->hdrs, mb->end);
	mem_deref(mb);

	return err;
}


/* Another target passes the guards that the first one has passed */
static int set_target(struct call_plan *plan, const struct refer_server *srv,
		      const char *target)
{
	char *uri;
	int err;

	err = dial_uri(&uri, target, plan->ua);
	if (err)
		return err;

	plan->rt = refer_to_decode_uri(uri, host_ua_aor(plan->ua));
	mem_deref(uri);
	if (!plan->rt)
		return EINVAL;

	return policy_allows(srv->refer, plan->rt) ? 0 : EPERM;
}


/* The first target was looked at with the account of the REFER */
static int check_dialable(const struct call_plan *plan)
{
	int err;

	if (host_ua_dials(plan->ua, plan->rt->uri))
		return 0;

	err = refer_to_normalise(plan->rt);

	return err ? err : host_ua_dials(plan->ua, plan->rt->uri) ? 0 :
		ENOTSUP;
}


static int check_identity(const struct refer_invite_opts *opts,
			  const struct ua *ua)
{
	if (str_isset(opts->name) && (opts->anonymous ||
				      !text_is_display_name(opts->name)))
		return EINVAL;

	if (str_isset(opts->outbound) && !uri_is_proxy(opts->outbound))
		return EINVAL;

	return (opts->anonymous || str_isset(opts->outbound)) &&
		!host_ua_sends_at_once(ua) ? ENOTSUP : 0;
}


static int decode(struct call_plan *plan, struct refer_server *srv,
		  const struct refer_invite_opts *opts)
{
	int err;

	plan->ua = opts->ua ? opts->ua : srv->ua;
	if (!host_ua_alive(plan->ua))
		return ENOENT;

	if (!header_lines_valid(opts->hdrv))
		return EINVAL;

	err = check_identity(opts, plan->ua);
	if (err)
		return err;

	if (str_isset(opts->target))
		err = set_target(plan, srv, opts->target);
	else
		plan->rt = mem_ref(srv->referral.rt);
	if (!err)
		err = check_dialable(plan);
	if (err)
		return err;

	plan->novideo   = opts->novideo;
	plan->anonymous = opts->anonymous;
	if (str_isset(opts->name))
		err |= str_dup(&plan->name, opts->name);
	if (str_isset(opts->outbound))
		err |= str_dup(&plan->outbound, opts->outbound);

	return err ? err : set_headers(plan, srv, opts->hdrv);
}


/**
 * Check how a target is to be called
 *
 * @param planp Pointer to allocated plan
 * @param srv   Incoming REFER
 * @param opts  Options, or NULL; nothing of them is kept
 *
 * @return 0 if success, or as refer_server_accept()
 */
int call_plan_alloc(struct call_plan **planp, struct refer_server *srv,
		    const struct refer_invite_opts *opts)
{
	static const struct refer_invite_opts dflt;
	struct call_plan *plan;
	int err;

	plan = mem_zalloc(sizeof(*plan), destructor);
	if (!plan)
		return ENOMEM;

	err = decode(plan, srv, opts ? opts : &dflt);
	if (err)
		mem_deref(plan);
	else
		*planp = plan;

	return err;
}
