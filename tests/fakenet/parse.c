#include "tests/fakenet/parse.h"

#include "core/base/json.h"
#include "core/base/str.h"

#include <string.h>

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* NUL bytes are dropped: a C string follows. */
static char *url_decode(struct arena *arena, const char *text, size_t len, bool plus_is_space)
{
	char *out = arena_alloc(arena, len + 1);
	size_t n = 0;
	for (size_t i = 0; i < len; i++) {
		char c = text[i];
		if (c == '+' && plus_is_space) {
			c = ' ';
		} else if (c == '%' && i + 2 < len && hex_digit(text[i + 1]) >= 0 && hex_digit(text[i + 2]) >= 0) {
			c = (char)(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
			i += 2;
		}
		if (c)
			out[n++] = c;
	}
	out[n] = '\0';
	return out;
}

const char *http_header_get(const struct http_request *request, const char *name)
{
	for (size_t i = 0; i < request->header_count; i++)
		if (str_ieq(request->headers[i].name, name))
			return request->headers[i].value;
	return NULL;
}

static const char *find(const char *bytes, size_t len, const char *what, size_t what_len)
{
	for (size_t i = 0; i + what_len <= len; i++)
		if (!memcmp(bytes + i, what, what_len))
			return bytes + i;
	return NULL;
}

static bool parse_request_line(char *line, struct arena *arena, struct http_request *out)
{
	char *target = strchr(line, ' ');
	if (!target)
		return false;
	*target++ = '\0';
	char *version = strchr(target, ' ');
	if (!version)
		return false;
	*version++ = '\0';
	if (!str_starts(version, "HTTP/1.") || !*line || target[0] != '/')
		return false;
	out->method = line;
	out->target = target;
	const char *query = strchr(target, '?');
	size_t path_len = query ? (size_t)(query - target) : strlen(target);
	out->path = url_decode(arena, target, path_len, false);
	out->query = query ? query + 1 : "";
	out->keep_alive = str_eq(version, "HTTP/1.1");
	return true;
}

static bool parse_header(char *line, struct http_request *out)
{
	char *colon = strchr(line, ':');
	if (!colon || colon == line || out->header_count == HTTP_HEADERS_MAX)
		return false;
	*colon++ = '\0';
	while (*colon == ' ' || *colon == '\t')
		colon++;
	size_t n = strlen(colon);
	while (n && (colon[n - 1] == ' ' || colon[n - 1] == '\t'))
		colon[--n] = '\0';
	out->headers[out->header_count++] = (struct http_header){line, colon};
	return true;
}

static bool parse_head(char *head, struct arena *arena, struct http_request *out)
{
	bool first = true;
	for (char *line = head; line;) {
		char *end = strstr(line, "\r\n");
		if (end)
			*end = '\0';
		if (first ? !parse_request_line(line, arena, out) : !parse_header(line, out))
			return false;
		first = false;
		line = end ? end + 2 : NULL;
	}
	return !first;
}

/* A chunked body (RFC 9112 §7.1): bytes consumed, 0 for more, or minus a status. */
static ptrdiff_t parse_chunks(const char *bytes, size_t len, struct arena *arena, struct http_request *out)
{
	struct str body;
	str_init(&body, HTTP_BODY_MAX);
	ptrdiff_t result = 0;
	for (size_t at = 0;;) {
		const char *eol = find(bytes + at, len - at, "\r\n", 2);
		if (!eol)
			break;
		size_t size = 0, digits = 0;
		for (; hex_digit(bytes[at]) >= 0 && digits < 7; at++, digits++)
			size = size * 16 + (size_t)hex_digit(bytes[at]);
		if (!digits || (bytes[at] != '\r' && bytes[at] != ';')) {
			result = -400;
			break;
		}
		at = (size_t)(eol - bytes) + 2;
		if (at + size + 2 > len)
			break;
		if (str_add(&body, bytes + at, size)) {
			result = -413;
			break;
		}
		at += size + 2;
		if (!size) {
			result = (ptrdiff_t)at;
			break;
		}
	}
	if (result > 0) {
		out->body = arena_strndup(arena, body.p, body.len);
		out->body_len = body.len;
	}
	str_release(&body);
	return result;
}

static ptrdiff_t parse_body(const char *bytes, size_t len, struct arena *arena, struct http_request *out)
{
	const char *encoding = http_header_get(out, "Transfer-Encoding");
	if (encoding)
		return str_ieq(encoding, "chunked") ? parse_chunks(bytes, len, arena, out) : -501;
	const char *length = http_header_get(out, "Content-Length");
	int64_t n = 0;
	if (length && (!parse_i64(length, &n) || n < 0))
		return -400;
	if ((uint64_t)n > HTTP_BODY_MAX)
		return -413;
	if (len < (size_t)n)
		return 0;
	out->body = arena_strndup(arena, bytes, (size_t)n);
	out->body_len = (size_t)n;
	return (ptrdiff_t)n;
}

ptrdiff_t http_parse(const char *bytes, size_t len, struct arena *arena, struct http_request *out)
{
	*out = (struct http_request){.body = ""};
	const char *end = find(bytes, len < HTTP_HEAD_MAX ? len : HTTP_HEAD_MAX, "\r\n\r\n", 4);
	if (!end)
		return len >= HTTP_HEAD_MAX ? -431 : 0;
	size_t head_len = (size_t)(end - bytes);
	if (memchr(bytes, '\0', head_len))
		return -400;
	if (!parse_head(arena_strndup(arena, bytes, head_len), arena, out))
		return -400;
	const char *connection = http_header_get(out, "Connection");
	if (connection && str_ieq(connection, "close"))
		out->keep_alive = false;
	size_t body_at = head_len + 4;
	/* An empty body must not read as "need more": the sum with the head never is 0. */
	bool empty = !http_header_get(out, "Transfer-Encoding") && !http_header_get(out, "Content-Length");
	if (empty)
		return (ptrdiff_t)body_at;
	const char *length = http_header_get(out, "Content-Length");
	ptrdiff_t body = parse_body(bytes + body_at, len - body_at, arena, out);
	if (body < 0)
		return body;
	if (body == 0 && !(length && str_eq(length, "0"))) {
		const char *expect = http_header_get(out, "Expect");
		out->wants_continue = expect && str_ieq(expect, "100-continue");
		return 0;
	}
	return (ptrdiff_t)body_at + body;
}

static void param_add(struct params *params, struct arena *arena, const char *name, const char *value)
{
	struct param *param = arena_new(arena, struct param);
	*param = (struct param){name, value, NULL};
	if (params->last)
		params->last->next = param;
	else
		params->first = param;
	params->last = param;
}

static void read_form(struct params *params, struct arena *arena, const char *form)
{
	while (*form) {
		size_t len = strcspn(form, "&");
		size_t name_len = strcspn(form, "=&");
		const char *value = name_len < len ? form + name_len + 1 : "";
		size_t value_len = name_len < len ? len - name_len - 1 : 0;
		if (name_len)
			param_add(params, arena, url_decode(arena, form, name_len, true),
			        url_decode(arena, value, value_len, true));
		form += len + (form[len] == '&');
	}
}

static const char *scalar_text(struct arena *arena, const json *value)
{
	if (json_text(value))
		return arena_strdup(arena, json_text(value));
	struct str text = STR_INIT;
	json_print(value, &text);
	const char *copy = str_eq(text.p, "null") ? NULL : arena_strdup(arena, text.p);
	str_release(&text);
	return copy;
}

static bool read_json(struct params *params, struct arena *arena, const struct http_request *request)
{
	json *root = json_parse(request->body, request->body_len, NULL);
	if (!json_is_object(root)) {
		json_free(root);
		return false;
	}
	for (const json *i = json_first(root); i; i = json_next(i)) {
		const char *name = arena_strdup(arena, json_key(i));
		if (!json_is_array(i)) {
			const char *value = scalar_text(arena, i);
			if (value)
				param_add(params, arena, name, value);
			continue;
		}
		for (const json *j = json_first(i); j; j = json_next(j)) {
			const char *value = scalar_text(arena, j);
			if (value)
				param_add(params, arena, arena_printf(arena, "%s[]", name), value);
		}
	}
	json_free(root);
	return true;
}

bool params_read(struct params *params, struct arena *arena, const struct http_request *request)
{
	*params = (struct params){0};
	read_form(params, arena, request->query);
	if (!request->body_len)
		return true;
	const char *type = str_or(http_header_get(request, "Content-Type"), "");
	if (!str_icmp_n(type, "application/json", 16))
		return read_json(params, arena, request);
	if (!str_icmp_n(type, "application/x-www-form-urlencoded", 33))
		read_form(params, arena, request->body);
	return true;
}

const struct param *param_next(const struct params *params, const struct param *from, const char *name)
{
	for (const struct param *p = from ? from->next : params->first; p; p = p->next)
		if (str_eq(p->name, name))
			return p;
	return NULL;
}

const char *param_get(const struct params *params, const char *name)
{
	const char *value = NULL;
	for (const struct param *p = NULL; (p = param_next(params, p, name));)
		value = p->value;
	return value;
}

int64_t param_int(const struct params *params, const char *name, int64_t otherwise)
{
	int64_t n;
	const char *text = param_get(params, name);
	return text && parse_i64(text, &n) ? n : otherwise;
}

bool param_bool(const struct params *params, const char *name)
{
	const char *text = param_get(params, name);
	return text && *text && !str_eq(text, "0") && !str_eq(text, "false") && !str_eq(text, "off");
}
