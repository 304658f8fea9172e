#include "core/base/err.h"
#include "core/base/secret.h"

#include <stdio.h>
#include <string.h>

static const struct {
	int exit_status;
	const char *word;
} codes[] = {
#define X(name, exit_status, word, help) {exit_status, word},
#include "core/base/err.def"
#undef X
};

/* snprintf may have cut a multi-byte sequence in two: drops the incomplete tail. */
static void trim_partial_utf8(char *text)
{
	size_t n = strlen(text);
	size_t back = 0;
	while (back < 4 && back < n && ((unsigned char)text[n - 1 - back] & 0xC0) == 0x80)
		back++;
	if (back == n)
		return;
	unsigned char lead = (unsigned char)text[n - 1 - back];
	size_t want = lead < 0xC0 ? 0 : lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : 3;
	if (lead >= 0xC0 && back < want)
		text[n - 1 - back] = '\0';
}

/* What the sentence quotes may come from a server that says a token back. */
static void finish(struct err *err)
{
	secret_hide(err->text, strlen(err->text));
	trim_partial_utf8(err->text);
}

int err_set(struct err *err, enum err_code code, const char *fmt, ...)
{
	if (err) {
		va_list ap;
		va_start(ap, fmt);
		err->code = code;
		vsnprintf(err->text, sizeof err->text, fmt, ap);
		va_end(ap);
		finish(err);
	}
	return -(int)code;
}

void err_prefix(struct err *err, const char *fmt, ...)
{
	if (!err)
		return;
	char rest[sizeof err->text];
	memcpy(rest, err->text, sizeof rest);
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(err->text, sizeof err->text, fmt, ap);
	va_end(ap);
	/* What does not fit any more is cut: the words in front say where, and matter more. */
	size_t used = strlen(err->text), room = sizeof err->text - 1 - used;
	size_t colon = room < 2 ? room : 2;
	size_t len = strlen(rest) < room - colon ? strlen(rest) : room - colon;
	memcpy(err->text + used, ": ", colon);
	memcpy(err->text + used + colon, rest, len);
	err->text[used + colon + len] = '\0';
	finish(err);
}

void err_clear(struct err *err)
{
	if (err) {
		err->code = ERR_NONE;
		err->text[0] = '\0';
	}
}

int err_exit_status(enum err_code code)
{
	return (unsigned)code < ERR_COUNT ? codes[code].exit_status : 70;
}

const char *err_word(enum err_code code)
{
	return (unsigned)code < ERR_COUNT ? codes[code].word : "internal";
}
