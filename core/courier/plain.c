#include "core/courier/plain.h"

#include "core/base/str.h"
#include "core/text/cells.h"

#include <stdarg.h>

void plain_line(FILE *out, const char *fmt, ...)
{
	struct str text = STR_INIT, clean = STR_INIT;
	va_list ap;
	va_start(ap, fmt);
	str_vaddf(&text, fmt, ap);
	va_end(ap);
	text_clean(text.p, text.len, &clean, 0);
	fprintf(out, "%s\n", clean.p);
	str_release(&text);
	str_release(&clean);
}
