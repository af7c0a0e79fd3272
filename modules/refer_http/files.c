/**
 * @file files.c  The page and openapi.json, as they are in this directory
 */
#include <re.h>
#include "http.h"
#include "page.h"


__asm__(".pushsection .rodata\n"
	"openapi_json: .incbin \"" FILES_DIR "/openapi.json\"\n"
	"openapi_json_end: .byte 0\n"
	".balign 4\n"
	"openapi_json_size: .long openapi_json_end - openapi_json\n"
	".popsection\n");

extern const uint8_t openapi_json[];
extern const uint32_t openapi_json_size;


static void reply_bytes(const struct request *req, const char *ctype,
			const char *hdrs, const uint8_t *p, size_t size)
{
	const struct mbuf mb = {.buf = (uint8_t *)(uintptr_t)p, .end = size};

	reply(req, 200, ctype, hdrs, &mb);
}


int openapi_get(struct request *req)
{
	reply_bytes(req, "application/json", NULL, openapi_json,
		    openapi_json_size);

	return 0;
}


int page_get(struct request *req)
{
	reply_bytes(req, "text/html; charset=utf-8",
		    "Content-Security-Policy: " PAGE_CSP "\r\n"
		    "Referrer-Policy: no-referrer\r\n", page_html,
		    sizeof(page_html));

	return 0;
}
