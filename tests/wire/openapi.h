/**
 * @file openapi.h  What openapi.json says of a response
 */
#ifndef OPENAPI_H
#define OPENAPI_H

typedef void (openapi_h)(const char *method, const char *path,
			 const struct odict *op);

void openapi_response(const char *file, int line, const char *method,
		      const char *path, unsigned scode, const char *ctype,
		      const struct odict *od);
void openapi_object(const char *file, int line, const char *schema,
		    const struct odict *od);
bool openapi_has(const char *method, const char *path);
void openapi_each(openapi_h *h);
const struct odict *openapi_body(const struct odict *op);
const struct odict *openapi_get(const struct odict *od, const char *key);
void openapi_all_seen(const char *file, int line);

#endif
