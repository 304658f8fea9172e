/* A login (struct login of core/network/network.h) with person and server both played: lines that are typed, answers
 * that are given, and what was said, asked and kept. Included by one file a program. */
#ifndef TESTS_LIB_LOGIN_TALK_H
#define TESTS_LIB_LOGIN_TALK_H

#include "core/base/str.h"
#include "core/network/network.h"

#include <stdlib.h>
#include <string.h>

struct answer {
	int status;
	const char *text;
};

struct talk {
	struct login login;
	const char *const *lines;  /* what the person types; STATE stands for the state */
	const struct answer *says; /* what the server answers, in order */
	struct credentials known, kept;
	struct str said, asked;
	json *body;
	int line, answer;
};

static int ask(struct login *login, const struct http_request *request, struct login_answer *answer, struct err *err)
{
	struct talk *t = (struct talk *)login;
	(void)err;
	str_addf(&t->asked, "%s %s %s\n", str_or(request->method, "GET"), request->url, str_or(request->bearer, "-"));
	for (size_t i = 0; i < request->headers_len; i++)
		str_addf(&t->asked, "%s: %s\n", request->headers[i].name, request->headers[i].value);
	if (request->body)
		str_addf(&t->asked, "%.*s\n", (int)request->body_len, request->body);
	json_free(t->body);
	const char *text = t->says[t->answer].text;
	t->body = json_parse(text, strlen(text), NULL);
	*answer = (struct login_answer){t->says[t->answer].status, t->body, text};
	t->answer++;
	return 0;
}

static void say(struct login *login, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void say(struct login *login, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	str_vaddf(&((struct talk *)login)->said, fmt, ap);
	va_end(ap);
}

static int read_line(struct login *login, bool hidden, struct str *line, struct err *err)
{
	struct talk *t = (struct talk *)login;
	const char *text = t->lines[t->line];
	(void)hidden;
	if (!text)
		return err_set(err, ERR_USAGE, "nothing was said");
	t->line++;
	const char *mark = strstr(text, "STATE"), *last = NULL;
	for (const char *p = t->said.p; (p = strstr(p, "&state=")); p++)
		last = p + strlen("&state=");
	str_clear(line);
	if (mark && !last)
		return err_set(err, ERR_USAGE, "no address with a state was shown");
	if (mark)
		str_addf(line, "%.*s%.*s%s", (int)(mark - text), text, (int)strcspn(last, "&"), last, mark + 5);
	else
		str_adds(line, text);
	return 0;
}

static int keep(struct login *login, const struct credential_value *values, int count, struct err *err)
{
	struct talk *t = (struct talk *)login;
	(void)err;
	for (int i = 0; i < count; i++)
		credentials_set(&t->kept, values[i].credential, values[i].value);
	return 0;
}

/* Everything but lines and says, which stand there already. */
static void talk_begin(struct talk *t, const char *server, const char *handle)
{
	t->login = (struct login){"acme", server, handle, &t->known, ask, say, read_line, keep};
	str_init(&t->said, SIZE_MAX);
	str_init(&t->asked, SIZE_MAX);
}

static void release(struct talk *t)
{
	credentials_release(&t->known);
	credentials_release(&t->kept);
	str_release(&t->said);
	str_release(&t->asked);
	json_free(t->body);
}

#endif
