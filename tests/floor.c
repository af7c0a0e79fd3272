/**
 * @file floor.c  The least that a REFER can cost
 *
 * A bare libre program for the benchmark. It takes the place of a baresip,
 * "floor -f DIR", with the same sizes of libre's tables, and sends the same
 * messages as one with the module: 202 and two NOTIFYs, a refusal, or 100
 * after 3.5 s and nothing more if Refer-To is <sip:..;wait>. It checks nothing
 * and forgets all it can.
 */
#include <string.h>
#include <re.h>


enum {
	TABLE_SIZE   = 16,    /* as in baresip */
	TRYING_DELAY = 3500,  /* RFC 4320 section 4.1 [ms] */
};

/** A REFER that was accepted, or waits */
struct referral {
	struct tmr tmr;
	const struct sip_msg *msg;
	struct sip_strans *st;
	struct sip_dialog *dlg;
	struct sip_auth *auth;
	struct sip_request *req;
	uint32_t id;
	bool last;
};

static struct sip *sip;
static struct sip_lsnr *lsnr;
static bool reject;


static void response_handler(int err, const struct sip_msg *msg, void *arg);


static void destructor(void *arg)
{
	struct referral *rf = arg;

	tmr_cancel(&rf->tmr);
	mem_deref(rf->req);
	mem_deref(rf->auth);
	mem_deref(rf->dlg);
	mem_deref(rf->st);
	mem_deref((void *)rf->msg);
}


static int auth_handler(char **username, char **password, const char *realm,
			void *arg)
{
	(void)username;
	(void)password;
	(void)realm;
	(void)arg;

	return ENOENT;
}


static int send_handler(enum sip_transp tp, const struct sa *src,
			const struct sa *dst, struct mbuf *mb, void *arg)
{
	struct sip_contact contact;
	(void)dst;
	(void)arg;

	sip_contact_set(&contact, "floor", src, tp);

	return mbuf_printf(mb, "%H", sip_contact_print, &contact);
}


static int notify(struct referral *rf, const char *state, const char *frag)
{
	return sip_drequestf(&rf->req, sip, true, "NOTIFY", rf->dlg, 0,
			     rf->auth, send_handler, response_handler, rf,
			     "Event: refer;id=%u\r\n"
			     "Subscription-State: %s\r\n"
			     "Content-Type: message/sipfrag;version=2.0\r\n"
			     "Content-Length: %zu\r\n"
			     "\r\n"
			     "%s", rf->id, state, strlen(frag), frag);
}


static void response_handler(int err, const struct sip_msg *msg, void *arg)
{
	struct referral *rf = arg;

	if (!err && msg->scode < 200)
		return;

	if (!rf->last && !err) {
		rf->last = true;
		if (!notify(rf, "terminated;reason=noresource",
			    "SIP/2.0 200 OK\r\n"))
			return;
	}

	mem_deref(rf);
}


static void accept_refer(struct referral *rf, const struct sip_msg *msg)
{
	struct sip_contact contact;
	int err;

	sip_contact_set(&contact, "floor", &msg->dst, msg->tp);
	rf->id = msg->cseq.num;

	err  = sip_dialog_accept(&rf->dlg, msg);
	err |= sip_auth_alloc(&rf->auth, auth_handler, NULL, false);
	err |= sip_treplyf(NULL, NULL, sip, msg, true, 202, "Accepted",
			   "%H"
			   "Expires: 180\r\n"
			   "Content-Length: 0\r\n"
			   "\r\n", sip_contact_print, &contact);
	if (err || notify(rf, "active;expires=180", "SIP/2.0 100 Trying\r\n"))
		mem_deref(rf);
}


static void trying_handler(void *arg)
{
	struct referral *rf = arg;

	(void)sip_treply(&rf->st, sip, rf->msg, 100, "Trying");
}


/* What waits does so until the end of the process */
static void wait_refer(struct referral *rf, const struct sip_msg *msg)
{
	rf->msg = mem_ref((void *)msg);

	if (sip_strans_alloc(&rf->st, sip, msg, NULL, NULL) ||
	    sip_dialog_accept(&rf->dlg, msg))
		mem_deref(rf);
	else
		tmr_start(&rf->tmr, TRYING_DELAY, trying_handler, rf);
}


static bool request_handler(const struct sip_msg *msg, void *arg)
{
	const struct sip_hdr *hdr = sip_msg_hdr(msg, SIP_HDR_REFER_TO);
	struct sip_addr target;
	struct referral *rf;
	(void)arg;

	if (!hdr || sip_addr_decode(&target, &hdr->val)) {
		(void)sip_reply(sip, msg, 400, "Bad Request");
		return true;
	}

	if (reject) {
		(void)sip_reply(sip, msg, 603, "Decline");
		return true;
	}

	rf = mem_zalloc(sizeof(*rf), destructor);
	if (!rf)
		return false;

	if (pl_strcmp(&target.uri.params, ";wait"))
		accept_refer(rf, msg);
	else
		wait_refer(rf, msg);

	return true;
}


static int start(const struct conf *conf)
{
	struct sa laddr;
	struct pl pl;
	int err;

	err = conf_get(conf, "sip_listen", &pl);
	if (!err)
		err = sa_decode(&laddr, pl.p, pl.l);
	if (err)
		return err;

	reject = !conf_get(conf, "refer_out_of_dialog", &pl) &&
		!pl_strcmp(&pl, "reject");

	err = sip_alloc(&sip, NULL, TABLE_SIZE, TABLE_SIZE, TABLE_SIZE,
			"floor", NULL, NULL);
	if (err)
		return err;

	err = sip_transp_add(sip, SIP_TRANSP_UDP, &laddr);
	if (err)
		return err;

	return sip_listen(&lsnr, sip, true, request_handler, NULL);
}


static int run(const char *path)
{
	struct conf *conf;
	int err;

	err = conf_alloc(&conf, path);
	if (err)
		return err;

	err = start(conf);
	mem_deref(conf);
	if (err)
		return err;

	(void)re_fprintf(stderr, "baresip is ready.\n");

	return re_main(NULL);
}


int main(int argc, char *argv[])
{
	char path[256];
	int err;

	if (argc != 3 || strcmp(argv[1], "-f"))
		return 2;

	(void)re_snprintf(path, sizeof(path), "%s/config", argv[2]);

	err = libre_init();
	if (err)
		return 1;

	err = run(path);
	if (err)
		(void)re_fprintf(stderr, "floor: %m\n", err);

	return 1;
}
