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
 * stand. The handler refuses what does not fit, and an offer of which it is
 * not known whether it belongs to the INVITE: then nothing is sent.
 *
 * Nothing in the header is from the peer; the part is in the body only.
 */
#include <string.h>
#include <re.h>
#include "host/host.h"
#include "host/module.h"


enum {
	/* 3.x, 4.0 and 4.1 have no event between media and description */
	CAN_ATTACH = HOST_MAJOR < 3 || HOST_MAJOR > 4 ||
		(HOST_MAJOR == 4 && HOST_MINOR >= 2),

	BOUNDARY_LEN = 32,
	MOST = 60000,          /* Of a body: a datagram takes no more       */
#if HOST_MAJOR < 3
	MARGIN = 256,          /* Attributes that other modules add         */
#else
	ROOM = 1536,           /* Of a description, with keys for the media */
	ROOM_CODEC = 128,      /* Of a codec with its parameters            */
#endif
};

/** A part on its way */
struct attachment {
	struct le le;
	struct call *call;
	char boundary[BOUNDARY_LEN + 1];
	struct mbuf *tail;     /**< What stands behind the description */
	size_t len;            /**< Of the description, filled up      */
};

static struct list attachl;

static void unregister(void);


static void destructor(void *arg)
{
	struct attachment *a = arg;

	list_unlink(&a->le);
	mem_deref(a->tail);

	if (list_isempty(&attachl))
		unregister();
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


/* No dialog has been made yet, so that an offer can only be the INVITE's */
static bool is_invite(const struct call *call, const struct sdp_media *m)
{
	const enum call_state state = call_state(call);

	return (state == CALL_STATE_IDLE || state == CALL_STATE_OUTGOING) &&
		!sa_isset(sdp_media_raddr(m), SA_PORT);
}


static struct sdp_media *last_media(const struct call *call)
{
	struct stream *strm = list_ledata(list_tail(call_streaml(call)));

	return strm ? stream_sdpmedia(strm) : NULL;
}


/* libre calls it even after /rmmod; the call is alive then */
static int encode_handler(struct mbuf *mb, bool offer, void *arg)
{
	const struct call *call = arg;
	const struct attachment *a = find(call);
	int err;

	if (!offer || call_state(call) == CALL_STATE_ESTABLISHED)
		return 0;

	if (!a || !is_invite(call, last_media(call)))
		return EPROTO;

	if (mb->end + a->tail->end > a->len)
		return EMSGSIZE;

	err = mbuf_write_mem(mb, a->tail->buf, a->tail->end);
	while (!err && mb->end < a->len)
		err = mbuf_write_u8(mb, ' ');

	return err;
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
static int set_handler(struct attachment *a)
{
	struct sdp_media *m = last_media(a->call);
	size_t len;
	int err;

	if (!m)
		return ENOTSUP;

	sdp_media_set_encode_handler(m, encode_handler, a->call);

	err = sdp_length(&len, a->call);
	if (!err && len != a->len)
		err = ENOTSUP;

	return err;
}


#if HOST_MAJOR < 3

/* A call has its media from the beginning */
static int prepare(struct attachment *a)
{
	size_t len;
	int err;

	err = sdp_length(&len, a->call);
	if (err)
		return err;

	a->len = len + MARGIN + a->tail->end;

	return set_handler(a);
}


/* libre keeps the body for retries */
static bool is_needed(int err)
{
	(void)err;

	return false;
}


static void unregister(void)
{
}

#else

static void event_handler(enum bevent_ev ev, struct bevent *event, void *arg)
{
	struct attachment *a = find(bevent_get_call(event));
	int err;
	(void)arg;

	if (ev == BEVENT_SHUTDOWN)
		list_flush(&attachl);

	if (!a || ev == BEVENT_SHUTDOWN)
		return;

	if (ev == BEVENT_CALL_LOCAL_SDP) {
		err = set_handler(a);
		if (err)
			bevent_set_error(event, err);
	}
	else if (ev == BEVENT_CALL_ESTABLISHED || ev == BEVENT_CALL_CLOSED) {
		mem_deref(a);
	}
}


static void unregister(void)
{
	bevent_unregister(event_handler);
}


/* /uadel takes calls away without an event */
static void purge(void)
{
	struct le *le = attachl.head;

	while (le) {
		struct attachment *a = le->data;

		le = le->next;
		if (!host_call_alive(a->call, NULL))
			mem_deref(a);
	}

	unregister();
}


/* A call gets its media when its INVITE is sent, behind the head */
static int prepare(struct attachment *a)
{
	const struct account *acc = ua_account(call_get_ua(a->call));

	a->len = ROOM + a->tail->end + ROOM_CODEC *
		(list_count(account_aucodecl(acc)) +
		 list_count(account_vidcodecl(acc)));

	purge();

	return bevent_register(event_handler, NULL);
}


/* libre asks for the description whenever it sends the INVITE again */
static bool is_needed(int err)
{
	return !err;
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
	return CAN_ATTACH && !str_isset(account_medianat(ua_account(ua)));
}


/** Add a part to the body of the INVITE that a new call will send; hdrs must
    become its last custom headers */
int host_attach(struct call *call, struct list *hdrs, const struct mbuf *part)
{
	struct attachment *a;
	int err;

	a = mem_zalloc(sizeof(*a), destructor);
	if (!a)
		return ENOMEM;

	a->call = call;
	a->tail = mbuf_alloc(part->end + 128);
	if (!a->tail) {
		err = ENOMEM;
		goto out;
	}

	err = make_boundary(a->boundary, part);
	if (err)
		goto out;

	err = print_tail(a->tail, a->boundary, part);
	if (err)
		goto out;

	list_prepend(&attachl, &a->le, a);
	err = prepare(a);
	if (!err)
		err = add_end_of_head(hdrs, a);

 out:
	if (err)
		mem_deref(a);

	return err;
}


/** The call has sent its INVITE, or could not */
void host_attach_sent(const struct call *call, int err)
{
	if (!is_needed(err))
		mem_deref(find(call));
}
