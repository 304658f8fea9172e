#include "core/courier/login.h"

#include "core/base/json.h"
#include "core/base/secret.h"
#include "core/config/credentials.h"
#include "core/net/http.h"
#include "core/net/loop.h"
#include "core/network/network.h"
#include "core/text/plain.h"

#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>
#include <uv.h>

#define LINE_MAX_BYTES 4096

/* What a room's login is given, and what stands behind it. */
struct talk {
	struct login login;
	const struct config *config;
	const struct config_account *account;
	struct credentials known;
	FILE *in, *out;
	uv_loop_t loop;
	struct timers timers;
	struct loop_timers *glue;
	struct http *http;
	/* of the request under way */
	bool answered;
	enum http_outcome outcome;
	int status;
	json *body;
	struct str text;
	struct err why;
};

/* --- one request, waited for */

static void on_done(void *arg, struct http_response *response)
{
	struct talk *talk = arg;
	talk->answered = true;
	uv_stop(&talk->loop); /* this may be the loop's timer phase, and what follows it would wait */
	talk->outcome = response->outcome;
	talk->status = response->status;
	talk->why = response->err;
	json_free(talk->body);
	talk->body = response->outcome == HTTP_DONE ? json_parse(response->body.p, response->body.len, NULL) : NULL;
	secret_release(&talk->text);
	talk->text = response->body; /* tokens come in it */
	str_init(&response->body, SIZE_MAX);
}

static int ask(struct login *login, const struct http_request *request, struct login_answer *answer, struct err *err)
{
	struct talk *talk = (struct talk *)login;
	talk->answered = false;
	if (!http_send(talk->http, request, &(struct http_handlers){.on_done = on_done}, talk, err))
		return -(int)err->code;
	while (!talk->answered)
		uv_run(&talk->loop, UV_RUN_DEFAULT);
	*answer = (struct login_answer){.status = talk->status, .body = talk->body, .text = talk->text.p};
	if (talk->outcome == HTTP_DONE)
		return 0;
	const char *host = strstr(request->url, "://");
	host = host ? host + 3 : request->url;
	return err_set(err, ERR_UNAVAILABLE, "%.*s: %s", (int)strcspn(host, "/"), host, talk->why.text);
}

/* --- the person */

static void say(struct login *login, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void say(struct login *login, const char *fmt, ...)
{
	struct talk *talk = (struct talk *)login;
	struct str text = STR_INIT;
	va_list ap;
	va_start(ap, fmt);
	plain_vaddf(&text, fmt, ap);
	va_end(ap);
	fputs(text.p, talk->out);
	fflush(talk->out);
	str_release(&text);
}

/* True when the terminal echoed, and now does not. */
static bool echo_off(int fd, struct termios *before)
{
	if (!isatty(fd) || tcgetattr(fd, before))
		return false;
	struct termios quiet = *before;
	quiet.c_lflag &= ~(tcflag_t)ECHO;
	return tcsetattr(fd, TCSAFLUSH, &quiet) == 0;
}

static int read_line(struct login *login, bool hidden, struct str *line, struct err *err)
{
	struct talk *talk = (struct talk *)login;
	char bytes[LINE_MAX_BYTES];
	struct termios before;
	int fd = fileno(talk->in);
	bool off = hidden && echo_off(fd, &before);
	bool got = fgets(bytes, sizeof bytes, talk->in);
	if (off) {
		tcsetattr(fd, TCSAFLUSH, &before);
		fputc('\n', talk->out);
	}
	str_clear(line);
	str_reserve(line, sizeof bytes);
	if (got)
		str_adds(line, bytes);
	secret_wipe(bytes, sizeof bytes);
	str_trim(line);
	if (!got)
		return err_set(err, ERR_IO, "nothing was given: nothing was changed");
	if (!line->len)
		return err_set(err, ERR_USAGE, "the line was empty: nothing was changed");
	if (hidden)
		secret_know(line->p);
	return 0;
}

static int keep(struct login *login, const struct credential_value *values, int count, struct err *err)
{
	struct talk *talk = (struct talk *)login;
	return credentials_keep(talk->config, talk->account, "", values, count, err);
}

/* --- the whole */

static int check_account(
        const struct config *config, const char *name, const struct config_account **out, struct err *err)
{
	const struct config_account *account = config_account(config, name);
	*out = account;
	if (!account)
		return err_set(err, ERR_NOT_FOUND, "no account \"%s\" in %s", name, config->file);
	const struct network_ops *ops = network_by_name(config_network_word(account->network));
	if (!ops || !ops->login)
		return err_set(err, ERR_CONFIG, "account %s: there is no login for network %s", name,
		        config_network_word(account->network));
	if (*account->token_command)
		return err_set(err, ERR_CONFIG,
		        "account %s: its token comes from token_command; remove that first, or put the token there",
		        name);
	return 0;
}

int login_run(const struct config *config, const char *name, FILE *in, FILE *out, struct err *err)
{
	struct talk talk = {.config = config, .in = in, .out = out, .text = STR_INIT};
	int rc = check_account(config, name, &talk.account, err);
	if (rc == 0)
		rc = credentials_load(config, talk.account, CREDENTIAL_COUNT, &talk.known, err);
	if (rc)
		return rc;
	talk.login = (struct login){.account = talk.account->name,
	        .server = talk.account->server,
	        .handle = talk.account->handle,
	        .known = &talk.known,
	        .ask = ask,
	        .say = say,
	        .read = read_line,
	        .keep = keep};
	uv_loop_init(&talk.loop);
	timers_init(&talk.timers);
	talk.glue = loop_timers_attach(&talk.loop, &talk.timers);
	talk.http = http_new(&talk.loop, &talk.timers, err);
	rc = talk.http ? network_by_name(config_network_word(talk.account->network))->login(&talk.login, err)
	               : -(int)err->code;
	http_free(talk.http);
	loop_timers_detach(talk.glue);
	uv_run(&talk.loop, UV_RUN_DEFAULT);
	uv_loop_close(&talk.loop);
	timers_release(&talk.timers);
	json_free(talk.body);
	secret_release(&talk.text);
	credentials_release(&talk.known);
	return rc;
}
