/**
 * @file attach.c  An INVITE with a second body part
 *
 * baresip's core and libre write the end of an INVITE: the custom headers of
 * the call, "Content-Type: application/sdp", Content-Length, an empty line
 * and the session description. So the last custom header ends the head and
 * begins the body: what the core writes behind it is the first part. The
 * second part, and the end, stand behind the description, where libre's
 * handler of its last medium writes them.
 *
 * The length of the body stands in the head, which is written first. So the
 * description is filled up to a length that was fixed before, with blanks
 * behind the last delimiter, where RFC 2046 section 5.1.1 lets anything
 * stand. The handler refuses what does not fit: then nothing is sent.
 *
 * The head also stands in front of each retry of the INVITE with credentials,
 * so that every description until the 2xx has the second part: on 1.x libre
 * keeps the last one for a retry, and for a re-INVITE after the 2xx. That one
 * is cut off then. On 3.x and 4.x it asks for each anew; in an early dialog it
 * also asks for that of an UPDATE, of which an event tells.
 *
 * Nothing in the header is from the peer; the part is in the body only.
 */
#include <string.h>
#include <re.h>
#include "host/host.h"
#include "host/module.h"


/* An event between media and description: 3.x, 4.0 and 4.1 have neither it nor
   media from the beginning, as 1.x has */
#define HAS_EVENT (HOST_MAJOR * 100 + HOST_MINOR >= 402)

enum {
	CAN_ATTACH = HAS_EVENT || HOST_MAJOR < 3,

	BOUNDARY_LEN = 32,
	MOST = 60000,          /* Of a body: a datagram takes no more       */
#if !HAS_EVENT
	MARGIN = 256,          /* Attributes that other modules add         */
#else
	ROOM = 512,            /* Of a description without what follows    */
	ROOM_CODEC = 128,      /* Of a codec with its parameters            */
	ROOM_VIDEO = 512,
	ROOM_KEYS  = 768,      /* Of the keys for encrypted media           */
#endif
};

/** A part on its way */
struct attachment {
	struct le le;
	const struct call *call;
	char boundary[BOUNDARY_LEN + 1];
	struct mbuf *tail;     /**< What stands behind the description  */
	size_t len;            /**< Of the description, filled up       */
	struct mbuf *desc;     /**< The last one                        */
	size_t sdp_len;        /**< Of it, without what was added       */
	bool update;           /**< The next one is not of the INVITE   */
};

static struct list attachl;


static void destructor(void *arg)
{
	struct attachment *a = arg;

	list_unlink(&a->le);
	mem_deref(a->tail);
	mem_deref(a->desc);
}


static struct attachment *find(const struct call *call)
{
	struct le *le;

	LIST_FOREACH(&attachl, le) {
		struct attachment *a = le->data;

		if (a->call == call)
			return a;
	}

	return NULL;
}


static struct sdp_media *last_media(const struct call *call)
{
	struct stream *strm = list_ledata(list_tail(call_streaml(call)));

	return strm ? stream_sdpmedia(strm) : NULL;
}


static int fill(struct mbuf *mb, struct attachment *a)
{
	int err;

	mem_deref(a->desc);
	a->desc    = mem_ref(mb);
	a->sdp_len = mb->end;

	err = mbuf_write_mem(mb, a->tail->buf, a->tail->end);
	while (!err && mb->end < a->len)
		err = mbuf_write_u8(mb, ' ');

	return err;
}


/* baresip 1.x does not survive an error when a call is put on hold */
static int refuse(const struct call *call, int err)
{
	const bool sent = call_id(call) != NULL;

	return HOST_MAJOR < 3 && sent ? 0 : err;
}


/* libre calls it even after /rmmod, when it is no longer known what an offer
   of a call that is not established is for */
static int encode_handler(struct mbuf *mb, bool offer, void *arg)
{
	const struct call *call = arg;
	struct attachment *a = find(call);

	if (!offer || call_state(call) == CALL_STATE_ESTABLISHED)
		return 0;

	if (!a)
		return refuse(call, EPROTO);

	if (a->update) {
		a->update = false;
		return 0;
	}

	if (mb->end + a->tail->end > a->len)
		return refuse(call, EMSGSIZE);

	return fill(mb, a);
}


static int sdp_length(size_t *len, const struct call *call)
{
	struct mbuf *mb;
	int err;

	err = call_sdp_get(call, &mb, true);
	if (err)
		return err;

	*len = mb->end;
	mem_deref(mb);

	return 0;
}


/* It is proven before the INVITE is made that the handler has the last word */
static int set_handler(struct attachment *a, struct call *call)
{
	struct sdp_media *m = last_media(call);
	size_t len;
	int err;

	if (!m)
		return ENOTSUP;

	sdp_media_set_encode_handler(m, encode_handler, call);

	err = sdp_length(&len, call);
	if (!err && len != a->len)
		err = ENOTSUP;

	return err;
}


#if !HAS_EVENT

/* A call has its media from the beginning */
static int prepare(struct attachment *a, struct call *call)
{
	size_t len;
	int err;

	err = sdp_length(&len, call);
	if (err)
		return err;

	a->len = len + MARGIN + a->tail->end;

	return set_handler(a, call);
}


void host_attach_close(void)
{
}

#else

/* From the first one on, for as long as the module is there: a listener that
   goes during an event takes the core's place in its list with it */
static bool listening;


/* A call gets its media when its INVITE is sent, behind the head */
static void event_handler(enum bevent_ev ev, struct bevent *event, void *arg)
{
	struct call *call = bevent_get_call(event);
	struct attachment *a = find(call);
	int err;
	(void)arg;

	if (ev != BEVENT_CALL_LOCAL_SDP || !a)
		return;

	if (a->desc) {
		a->update = call_refresh_allowed(call);
		return;
	}

	err = set_handler(a, call);
	if (err)
		bevent_set_error(event, err);
}


void host_attach_close(void)
{
	if (listening)
		bevent_unregister(event_handler);

	listening = false;
}


static int prepare(struct attachment *a, struct call *call)
{
	const struct account *acc = ua_account(call_get_ua(call));
	const uint32_t audioc = list_count(account_aucodecl(acc));
	const uint32_t videoc = list_count(account_vidcodecl(acc));
	int err = 0;

	a->len = a->tail->end + ROOM + ROOM_CODEC * (audioc + videoc);
	if (videoc)
		a->len += ROOM_VIDEO;
	if (str_isset(account_mediaenc(acc)))
		a->len += ROOM_KEYS;

	if (!listening)
		err = bevent_register(event_handler, NULL);

	listening = !err;

	return err;
}

#endif


/* Nobody can have guessed it, but it is looked for */
static int make_boundary(char *str, const struct mbuf *part)
{
	const char *end = (const char *)part->buf + part->end - BOUNDARY_LEN;
	const char *p;

	if (re_snprintf(str, BOUNDARY_LEN + 1, "%016llx%016llx", rand_u64(),
			rand_u64()) != BOUNDARY_LEN)
		return EINVAL;

	for (p = (const char *)part->buf; p <= end; ++p) {
		if (!memcmp(p, str, BOUNDARY_LEN))
			return EAGAIN;
	}

	return 0;
}


static int print_tail(struct mbuf *mb, const char *boundary,
		      const struct mbuf *part)
{
	int err;

	err  = mbuf_printf(mb, "\r\n--%s\r\n", boundary);
	err |= mbuf_write_mem(mb, part->buf, part->end);
	err |= mbuf_printf(mb, "\r\n--%s--\r\n", boundary);

	return err;
}


static int add_end_of_head(struct list *hdrs, const struct attachment *a)
{
	char first[160];
	size_t len;
	int n;

	n = re_snprintf(first, sizeof(first), "--%s\r\n"
			"Content-Type: application/sdp\r\n"
			"Content-Length: %zu\r\n\r\n",
			a->boundary, a->len);
	if (n < 0)
		return EINVAL;

	len = (size_t)n + a->len;
	if (len > MOST)
		return EMSGSIZE;

	return custom_hdrs_add(hdrs, "Content-Type",
			       "multipart/mixed;boundary=%s\r\n"
			       "Content-Length: %zu\r\n\r\n--%s",
			       a->boundary, len, a->boundary);
}


/** Tell whether INVITEs of a user agent can have a second body part: with
    media NAT traversal they leave later */
bool host_attach_possible(const struct ua *ua)
{
	return CAN_ATTACH && host_ua_sends_at_once(ua);
}


/**
 * Add a part to the body of the INVITE that a new call will send
 *
 * @param ap   Pointer to allocated attachment, which must live until the call
 *             is established: see host_call_keep_part()
 * @param call Call
 * @param hdrs List that becomes the custom headers of the call: nothing may be
 *             added behind
 * @param part Headers, an empty line, content
 *
 * @return 0 if success, EMSGSIZE if it is too large, ENOTSUP if it cannot be
 *         done, otherwise errorcode
 */
int host_attach(struct attachment **ap, struct call *call, struct list *hdrs,
		const struct mbuf *part)
{
	struct attachment *a;
	int err;

	a = mem_zalloc(sizeof(*a), destructor);
	if (!a)
		return ENOMEM;

	list_prepend(&attachl, &a->le, a);
	a->call = call;
	a->tail = mbuf_alloc(part->end + 128);
	err = a->tail ? make_boundary(a->boundary, part) : ENOMEM;
	if (!err)
		err = print_tail(a->tail, a->boundary, part);
	if (!err)
		err = prepare(a, call);
	if (!err)
		err = add_end_of_head(hdrs, a);

	if (err)
		mem_deref(a);
	else
		*ap = a;

	return err;
}


void host_part_end(struct call *call)
{
	struct attachment *a = find(call);

	if (!a)
		return;

	if (a->desc)
		a->desc->end = a->sdp_len;

	sdp_media_set_encode_handler(last_media(call), NULL, NULL);
	host_call_keep_part(call, NULL);
}
