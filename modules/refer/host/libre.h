/**
 * @file libre.h  What differs between the releases of libre
 */
#ifndef REFER_HOST_LIBRE_H
#define REFER_HOST_LIBRE_H

/* Not in re.h; that of 1.x wants OpenSSL's headers */
#if LIBRE_MAJOR >= 3
#include <re_sha.h>
#endif

#ifndef ARRAY_SIZE
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#endif

/** The parameters of a sip_send_h of which src, tp, mb and arg are used */
#if LIBRE_MAJOR >= 3
#define LIBRE_SEND_PARAMS						\
	enum sip_transp tp, struct sa *src,				\
	__attribute__((unused)) const struct sa *dst, struct mbuf *mb,	\
	__attribute__((unused)) struct mbuf **contp, void *arg
#else
#define LIBRE_SEND_PARAMS						\
	enum sip_transp tp, const struct sa *src,			\
	__attribute__((unused)) const struct sa *dst, struct mbuf *mb,	\
	void *arg
#endif

/* Not in all releases: in those without PRACK and UPDATE an INVITE that is
   not answered yet is the last request of its dialog */
__attribute__((weak))
uint32_t sip_dialog_lseqinv(const struct sip_dialog *dlg);

/* Not in 1.x */
__attribute__((weak))
bool sipsess_ack_pending(const struct sipsess *sess);
__attribute__((weak))
bool sipsess_awaiting_prack(const struct sipsess *sess);

/* 1.x has no SHA-256 of its own, but is linked with OpenSSL's */
#if LIBRE_MAJOR < 3
__attribute__((weak))
unsigned char *SHA256(const unsigned char *d, size_t n, unsigned char *md);
#endif

/* In all releases, but 1.x does not declare it */
const char *sip_dialog_uri(const struct sip_dialog *dlg);


/** CSeq of the last INVITE that was sent in a dialog */
static inline uint32_t libre_invite_cseq(const struct sip_dialog *dlg)
{
	return sip_dialog_lseqinv ? sip_dialog_lseqinv(dlg)
		: sip_dialog_lseq(dlg) - 1;
}


/** Whether libre compares a response to an INVITE with the dialog before it
    acts on it: Call-ID, From-tag and CSeq, since it knows that CSeq; otherwise
    the Via branch is all that it looks at */
static inline bool libre_compares(void)
{
	return sip_dialog_lseqinv != NULL;
}


/** Whether libre knows that it has sent no 2xx to the first INVITE of a
    session: the same list has what waits for an ACK and for a PRACK */
static inline bool libre_unanswered(const struct sipsess *sess)
{
	return sipsess_ack_pending && sipsess_awaiting_prack &&
		(!sipsess_ack_pending(sess) || sipsess_awaiting_prack(sess));
}


/** Whether libre can answer a challenge with MD5, or with SHA-256 */
static inline bool libre_answers(bool md5_only)
{
	return md5_only || LIBRE_MAJOR >= 3;
}


/** Whether there is a SHA-256: not with a libre 1.x without OpenSSL */
static inline bool libre_has_sha256(void)
{
#if LIBRE_MAJOR < 3
	return SHA256 != NULL;
#else
	return true;
#endif
}


static inline void libre_sha256(const uint8_t *d, size_t n, uint8_t *md)
{
#if LIBRE_MAJOR < 3
	(void)SHA256(d, n, md);
#else
	sha256(d, n, md);
#endif
}

#endif
