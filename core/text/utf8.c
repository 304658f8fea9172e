#include "core/text/utf8.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

static bool is_ascii(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] >= 0x80)
			return false;
	return true;
}

static int fold_ascii(const char *text, size_t len, struct str *out)
{
	size_t at = out->len;
	if (str_add(out, text, len))
		return -1;
	for (; at < out->len; at++)
		if (out->p[at] >= 'A' && out->p[at] <= 'Z')
			out->p[at] = (char)(out->p[at] + ('a' - 'A'));
	return 0;
}

int utf8_fold(const char *text, struct str *out)
{
	size_t len = strlen(text);
	if (is_ascii(text, len))
		return fold_ascii(text, len, out);
	struct str clean = STR_INIT;
	utf8_repair(text, len, &clean);
	utf8proc_uint8_t *folded = utf8proc_NFKC_Casefold((const utf8proc_uint8_t *)clean.p);
	int result = str_adds(out, folded ? (const char *)folded : clean.p);
	free(folded);
	str_release(&clean);
	return result;
}

bool utf8_contains_folded(const char *hay, const char *needle)
{
	struct str h = STR_INIT, n = STR_INIT;
	utf8_fold(hay, &h);
	utf8_fold(needle, &n);
	bool found = strstr(h.p, n.p) != NULL;
	str_release(&h);
	str_release(&n);
	return found;
}
