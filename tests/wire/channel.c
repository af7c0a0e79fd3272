/**
 * @file channel.c  A command over any of the channels of baresip
 *
 * What each makes of an answer is written here anew, byte for byte, without
 * the functions of libre that make it.
 */
#include <string.h>
#include "wire.h"
#include "scene.h"
#include "channel.h"


/**
 * Replace all of a text in another one
 *
 * @param text Text
 * @param what What is to be replaced, not empty
 * @param by   What stands there instead
 *
 * @return The new text
 */
const char *replaced(const char *text, const char *what, const char *by)
{
	const char *hit = strstr(text, what);

	if (!hit)
		return text;

	return F("%.*s%s%s", (int)(hit - text), text, by,
		 replaced(hit + strlen(what), what, by));
}


static const char *typed(const char *cmd, const char *prm)
{
	return prm ? F("/%s %s", cmd, prm) : F("/%s", cmd);
}


static const char *as_it_is(const char *answer, bool ok)
{
	(void)ok;

	return answer;
}


/* libre 4.x warns, at any time, that the namespace has no default route */
static const char *ask_console(const char *cmd, const char *prm)
{
	const char *text = console(t.bob, typed(cmd, prm)), *warning, *end;

	while ((warning = strstr(text, "\x1b[31mlinuxrt: "))) {
		end = strstr(warning, "\n\x1b[;m");
		CHECK(end, "a warning without an end: %s", text);
		text = F("%.*s%s", (int)(warning - text), text,
			 end + strlen("\n\x1b[;m"));
	}

	return text;
}


static const char *ask_http(const char *cmd, const char *prm)
{
	return http(F("/?%s", http_escape(typed(cmd, prm))));
}


static const char *ask_raw(const char *cmd, const char *prm)
{
	return http(F("/raw/?%s", http_escape(typed(cmd, prm))));
}


static const char *head(const char *type, size_t len)
{
	return F("HTTP/1.1 200 OK\r\n"
		 "Content-Type: %s;charset=UTF-8\r\n"
		 "Content-Length: %zu\r\n"
		 "Access-Control-Allow-Origin: *\r\n"
		 "\r\n", type, len);
}


/* As the baresip under test says when it starts: "baresip v1.0.0 Copyright" */
static const char *version(void)
{
	const char *p = strstr(proc_log(t.bob->proc), "baresip v");

	CHECK(p, "no version");
	p += strlen("baresip v");

	return keep(p, strcspn(p, " "));
}


static const char *wrap_http(const char *answer, bool ok)
{
	const char *text = replaced(answer, "&", "&amp;"), *page;
	(void)ok;

	text = replaced(text, "<", "&lt;");
	text = replaced(text, ">", "&gt;");
	page = F("<html>\n<head>\n<title>Baresip v%s</title>\n</head>\n"
		 "<body>\n<pre>\n%s%s</pre>\n</body>\n</html>\n",
		 version(), text, host_http_tail());

	return F("%s%s", head("text/html", strlen(page)), page);
}


static const char *wrap_raw(const char *answer, bool ok)
{
	const char *text = F("%s%s", answer, host_http_tail());
	(void)ok;

	return F("%s%s", head("text/plain", strlen(text)), text);
}


static const char *ask_ctrl(const char *cmd, const char *prm)
{
	const struct resp r = ctrl(t.bob, cmd, prm);

	return replaced(r.raw, r.token, "T");
}


static const char *json(const char *answer, bool ok)
{
	const char *text = replaced(answer, "\\", "\\\\");

	text = replaced(text, "\"", "\\\"");
	text = replaced(text, "/", "\\/");
	text = replaced(text, "\n", "\\n");

	return F("{\"response\":true,\"ok\":%s,\"data\":\"%s\",\"token\":"
		 "\"T\"}", ok ? "true" : "false", text);
}


static const char *ask_mqtt(const char *cmd, const char *prm)
{
	const char *token = random_id();

	return replaced(mqtt(t.bob, cmd, prm, token), token, "T");
}


/* ok is true, always: mqtt of baresip 1.0.0 overwrites its error */
static const char *wrap_mqtt(const char *answer, bool ok)
{
	(void)ok;

	return F("/bob/command_resp/T %s", json(answer, true));
}


const struct channel channel_console = {"console", ask_console, as_it_is};
const struct channel channel_http    = {"httpd", ask_http, wrap_http};
const struct channel channel_raw     = {"httpd /raw/", ask_raw, wrap_raw};
const struct channel channel_ctrl    = {"ctrl_tcp", ask_ctrl, json};
const struct channel channel_mqtt    = {"mqtt", ask_mqtt, wrap_mqtt};
