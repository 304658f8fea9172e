#include "core/base/str.h"
#include "core/base/mem.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char str_empty_bytes[1];

void str_init(struct str *s, size_t max)
{
	*s = (struct str){str_empty_bytes, 0, 0, max};
}

void str_release(struct str *s)
{
	if (s->cap)
		free(s->p);
	str_init(s, s->max);
}

void str_clear(struct str *s)
{
	s->len = 0;
	if (s->cap)
		s->p[0] = '\0';
}

char *str_detach(struct str *s)
{
	char *bytes = s->cap ? s->p : mem_alloc(1);
	str_init(s, s->max);
	return bytes;
}

int str_reserve(struct str *s, size_t extra)
{
	if (extra > s->max || s->len > s->max - extra)
		return -1;
	size_t need = s->len + extra + 1;
	if (need <= s->cap)
		return 0;
	size_t cap = s->cap ? s->cap : 32;
	while (cap < need)
		cap = cap > SIZE_MAX / 2 ? need : cap * 2;
	s->p = mem_realloc(s->cap ? s->p : NULL, cap, 1);
	s->p[s->len] = '\0';
	s->cap = cap;
	return 0;
}

int str_insert(struct str *s, size_t at, const char *bytes, size_t len)
{
	if (at > s->len)
		return -1;
	if (!len)
		return 0;
	if (str_reserve(s, len))
		return -1;
	memmove(s->p + at + len, s->p + at, s->len - at);
	memcpy(s->p + at, bytes, len);
	s->len += len;
	s->p[s->len] = '\0';
	return 0;
}

int str_add(struct str *s, const char *bytes, size_t len)
{
	if (!len)
		return 0;
	if (str_reserve(s, len))
		return -1;
	memcpy(s->p + s->len, bytes, len);
	s->len += len;
	s->p[s->len] = '\0';
	return 0;
}

int str_adds(struct str *s, const char *text)
{
	return text ? str_add(s, text, strlen(text)) : 0;
}

int str_addc(struct str *s, char c)
{
	return str_add(s, &c, 1);
}

int str_vaddf(struct str *s, const char *fmt, va_list ap)
{
	va_list again;
	va_copy(again, ap);
	int n = vsnprintf(NULL, 0, fmt, ap);
	int result = n < 0 ? -1 : str_reserve(s, (size_t)n);
	if (!result) {
		vsnprintf(s->p + s->len, (size_t)n + 1, fmt, again);
		s->len += (size_t)n;
	}
	va_end(again);
	return result;
}

int str_addf(struct str *s, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	int result = str_vaddf(s, fmt, ap);
	va_end(ap);
	return result;
}

void str_remove(struct str *s, size_t at, size_t len)
{
	if (at >= s->len)
		return;
	if (len > s->len - at)
		len = s->len - at;
	memmove(s->p + at, s->p + at + len, s->len - at - len);
	s->len -= len;
	s->p[s->len] = '\0';
}

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

void str_trim(struct str *s)
{
	size_t end = s->len, start = 0;
	while (end && is_space(s->p[end - 1]))
		end--;
	while (start < end && is_space(s->p[start]))
		start++;
	str_remove(s, end, s->len - end);
	str_remove(s, 0, start);
}

bool str_copy(char *dst, size_t size, const char *src)
{
	size_t len = src ? strlen(src) : 0;
	assert(size);
	size_t n = len < size ? len : size - 1;
	while (n < len && n && ((unsigned char)src[n] & 0xC0) == 0x80)
		n--;
	if (n)
		memcpy(dst, src, n);
	dst[n] = '\0';
	return n == len;
}

bool str_eq(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

bool str_starts(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

bool str_ends(const char *s, const char *suffix)
{
	size_t n = strlen(s), m = strlen(suffix);
	return n >= m && memcmp(s + n - m, suffix, m) == 0;
}

static int lower(char c)
{
	return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : (unsigned char)c;
}

int str_icmp_n(const char *a, const char *b, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int d = lower(a[i]) - lower(b[i]);
		if (d || !a[i])
			return d;
	}
	return 0;
}

bool str_ieq(const char *a, const char *b)
{
	return str_icmp_n(a, b, SIZE_MAX) == 0;
}

const char *str_or(const char *s, const char *otherwise)
{
	return s && *s ? s : otherwise;
}

bool parse_i64(const char *text, int64_t *out)
{
	if (!text || !*text || is_space(*text) || *text == '+')
		return false;
	char *end;
	errno = 0;
	long long value = strtoll(text, &end, 10);
	if (errno || *end)
		return false;
	*out = value;
	return true;
}

uint64_t hash_bytes(const void *bytes, size_t len)
{
	const unsigned char *p = bytes;
	uint64_t h = 1469598103934665603u;
	for (size_t i = 0; i < len; i++)
		h = (h ^ p[i]) * 1099511628211u;
	return h;
}
