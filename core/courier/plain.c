#include "core/courier/plain.h"

#include "core/text/plain.h"

void plain_line(FILE *out, const char *fmt, ...)
{
	struct str line = STR_INIT;
	va_list ap;
	va_start(ap, fmt);
	plain_vaddf(&line, fmt, ap);
	va_end(ap);
	fprintf(out, "%s\n", line.p);
	str_release(&line);
}
