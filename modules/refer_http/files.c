/**
 * @file files.c  The page and openapi.json, as they are in this directory
 */
#include <string.h>
#include <re.h>
#include "http.h"


#ifndef FILES_DIR
#error "FILES_DIR is the directory of page.html and openapi.json"
#endif

#define FILE_IN(name, path)						\
	__asm__(".pushsection .rodata\n"				\
		"file_" #name ": .incbin \"" FILES_DIR "/" path "\"\n"	\
		"file_" #name "_end: .byte 0\n"				\
		".popsection\n");					\
	extern const char file_##name[], file_##name##_end[]

FILE_IN(page, "page.html");
FILE_IN(openapi, "openapi.json");

/* For each <script> and <style> of the page: nothing else is run */
#define NONCE "@NONCE@"

enum {
	NONCE_SIZE = 17,
};


int openapi_get(struct request *req)
{
	const struct mbuf mb = {
		.buf = (uint8_t *)file_openapi,
		.end = (size_t)(file_openapi_end - file_openapi),
	};

	reply(req, 200, "application/json", NULL, &mb);

	return 0;
}


static int print_page(struct re_printf *pf, const char *nonce)
{
	const char *p = file_page, *next;
	int err = 0;

	while (!err && (next = strstr(p, NONCE))) {
		err = pf->vph(p, (size_t)(next - p), pf->arg);
		err |= re_hprintf(pf, "%s", nonce);
		p = next + strlen(NONCE);
	}

	return err | pf->vph(p, strlen(p), pf->arg);
}


int page_get(struct request *req)
{
	char nonce[NONCE_SIZE], hdrs[512];

	rand_str(nonce, sizeof(nonce));
	(void)re_snprintf(hdrs, sizeof(hdrs), "Content-Security-Policy:"
			  " default-src 'none'; script-src 'nonce-%s';"
			  " style-src 'nonce-%s'; img-src 'self' data:;"
			  " connect-src 'self'; base-uri 'none';"
			  " form-action 'none'; frame-ancestors 'none'\r\n"
			  "Referrer-Policy: no-referrer\r\n", nonce, nonce);

	return reply_text(req, "text/html; charset=utf-8", hdrs,
			  (re_printf_h *)print_page, nonce);
}
