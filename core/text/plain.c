#include "core/text/plain.h"

#include "core/base/utf8.h"
#include "core/text/cells.h"

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* A va_list may be an array, which a function can take on only by a pointer to what it is in. */
struct values {
	va_list ap;
};

struct conversion {
	bool left, zeros;
	int width, precision; /* precision -1: none */
	int longs;            /* 0 int, 1 long, 2 long long, 3 size_t */
	char kind;
};

static int read_number(const char **fmt, struct values *values)
{
	int n = 0;
	if (**fmt == '*') {
		++*fmt;
		return va_arg(values->ap, int);
	}
	for (; **fmt >= '0' && **fmt <= '9'; ++*fmt)
		n = n * 10 + (**fmt - '0');
	return n;
}

/* fmt stands behind the '%'; returns what follows the conversion. */
static const char *read_conversion(const char *fmt, struct conversion *c, struct values *values)
{
	*c = (struct conversion){.precision = -1};
	for (; *fmt == '-' || *fmt == '0'; fmt++) {
		c->left |= *fmt == '-';
		c->zeros |= *fmt == '0';
	}
	c->width = read_number(&fmt, values);
	if (*fmt == '.') {
		fmt++;
		c->precision = read_number(&fmt, values);
	}
	for (; *fmt == 'l' || *fmt == 'z' || *fmt == 'h'; fmt++)
		c->longs = *fmt == 'z' ? 3 : *fmt == 'l' ? c->longs + 1 : 0; /* an h is an int here as everywhere */
	c->kind = *fmt;
	return fmt + 1;
}

static void pad(struct str *out, char with, int cells)
{
	for (; cells > 0; cells--)
		str_addc(out, with);
}

static void add_padded(struct str *out, const struct conversion *c, const char *text, size_t len, char with)
{
	int missing = c->width - cells_width(text, len);
	if (!c->left)
		pad(out, with, missing);
	str_add(out, text, len);
	if (c->left)
		pad(out, ' ', missing);
}

static void add_text(struct str *out, const struct conversion *c, const char *value)
{
	struct str clean = STR_INIT;
	value = value ? value : "(null)";
	size_t len = c->precision < 0 ? strlen(value) : strnlen(value, (size_t)c->precision);
	text_clean(value, len, &clean);
	add_padded(out, c, clean.p, clean.len, ' ');
	str_release(&clean);
}

static void add_number(struct str *out, const struct conversion *c, bool negative, unsigned long long n)
{
	char digits[24];
	int len = snprintf(digits, sizeof digits, "%s%llu", negative && !c->zeros ? "-" : "", n);
	if (negative && c->zeros)
		str_addc(out, '-');
	struct conversion rest = *c;
	rest.width -= negative && c->zeros;
	add_padded(out, &rest, digits, (size_t)len, c->zeros && !c->left ? '0' : ' ');
}

static void add_signed(struct str *out, const struct conversion *c, struct values *values)
{
	long long n = c->longs == 2   ? va_arg(values->ap, long long)
	              : c->longs == 1 ? va_arg(values->ap, long)
	              : c->longs == 3 ? (long long)va_arg(values->ap, ptrdiff_t)
	                              : va_arg(values->ap, int);
	add_number(out, c, n < 0, n < 0 ? 0ULL - (unsigned long long)n : (unsigned long long)n);
}

static void add_unsigned(struct str *out, const struct conversion *c, struct values *values)
{
	unsigned long long n = c->longs == 2   ? va_arg(values->ap, unsigned long long)
	                       : c->longs == 1 ? va_arg(values->ap, unsigned long)
	                       : c->longs == 3 ? va_arg(values->ap, size_t)
	                                       : va_arg(values->ap, unsigned);
	add_number(out, c, false, n);
}

static void add_value(struct str *out, const struct conversion *c, struct values *values)
{
	char one[2] = "";
	switch (c->kind) {
	case 's': add_text(out, c, va_arg(values->ap, const char *)); break;
	case 'd':
	case 'i': add_signed(out, c, values); break;
	case 'u': add_unsigned(out, c, values); break;
	case 'c':
		one[0] = (char)va_arg(values->ap, int);
		add_text(out, c, one);
		break;
	default: assert(c->kind == '%'); str_addc(out, '%');
	}
}

void plain_vaddf(struct str *out, const char *fmt, va_list ap)
{
	struct values values;
	va_copy(values.ap, ap);
	while (*fmt) {
		size_t ours = strcspn(fmt, "%");
		str_add(out, fmt, ours);
		fmt += ours;
		if (*fmt) {
			struct conversion conversion;
			fmt = read_conversion(fmt + 1, &conversion, &values);
			add_value(out, &conversion, &values);
		}
	}
	va_end(values.ap);
}

void plain_addf(struct str *out, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	plain_vaddf(out, fmt, ap);
	va_end(ap);
}

/* Zero-width non-joiner and joiner, and the variation selectors of emoji and text. */
static bool joins(uint32_t cp)
{
	return cp == 0x200C || cp == 0x200D || cp == 0xFE0E || cp == 0xFE0F;
}

void plain_add_value(struct str *out, const char *text, size_t len)
{
	for (size_t at = 0; at < len;) {
		uint32_t cp;
		char bytes[4];
		at += utf8_decode(text + at, len - at, &cp);
		if (utf8_is_hidden(cp) && !joins(cp))
			cp = ' ';
		str_add(out, bytes, utf8_encode(cp, bytes));
	}
}
