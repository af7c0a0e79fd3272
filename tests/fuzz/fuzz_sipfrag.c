/**
 * @file fuzz_sipfrag.c  Any body of a NOTIFY
 *
 * What is read can be written, and then means the same.
 */
#include "fuzz.h"
#include "syntax/sipfrag.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sipfrag frag, again;
	struct pl body, pl;
	char *copy;
	struct mbuf *mb;

	copy = fuzz_copy(&body, data, size);
	mb = mbuf_alloc(size + 32);

	if (!mb)
		abort();

	if (sipfrag_decode(&frag, &body))
		goto out;

	PROPERTY(frag.scode >= 100 && frag.scode < 700);
	PROPERTY(frag.reason.p >= body.p);
	PROPERTY(frag.reason.p + frag.reason.l <= body.p + body.l);
	PROPERTY(!fuzz_has(frag.reason.p, frag.reason.l, "\r\n", 2));

	PROPERTY(!mbuf_printf(mb, "%H", sipfrag_print, &frag));
	pl.p = (char *)mb->buf;
	pl.l = mb->end;
	PROPERTY(!sipfrag_decode(&again, &pl));
	PROPERTY(frag.scode == again.scode);
	PROPERTY(!pl_cmp(&frag.reason, &again.reason));

 out:
	mem_deref(mb);
	free(copy);

	return 0;
}
