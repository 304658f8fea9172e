#include "core/text/domain.h"

#include <string.h>

/* ISO C promises 4,095 bytes of literal; both our compilers take any length, and the list is longer. */
#pragma GCC diagnostic ignored "-Woverlength-strings"

/* Every top-level domain in lower case, each between line feeds (made by the Makefile). */
static const char top_level_domains[] =
#include "top_level_domains.inc"
        ;

bool domain_is_top_level(const char *name, size_t len)
{
	char line[DOMAIN_TOP_MAX * 4 + 3] = "\n";
	if (!len || len > DOMAIN_TOP_MAX * 4 || memchr(name, '\n', len))
		return false;
	memcpy(line + 1, name, len);
	line[len + 1] = '\n';
	line[len + 2] = '\0';
	return strstr(top_level_domains, line) != NULL;
}

static const char *without_scheme(const char *url)
{
	static const char *const starts[] = {"https://", "http://", "mailto:"};
	for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++)
		if (str_icmp_n(url, starts[i], strlen(starts[i])) == 0) {
			url += strlen(starts[i]);
			break;
		}
	return str_icmp_n(url, "www.", 4) == 0 ? url + 4 : url;
}

static size_t without_slash(const char *s)
{
	size_t n = strlen(s);
	return n && s[n - 1] == '/' ? n - 1 : n;
}

bool link_is_form_of(const char *text, const char *target, bool cut)
{
	const char *shown = without_scheme(text);
	target = without_scheme(target);
	size_t shown_len = without_slash(shown), target_len = without_slash(target);
	if (shown_len == target_len && str_icmp_n(shown, target, shown_len) == 0)
		return true;
	if (str_ends(shown, "\u2026") || str_ends(shown, "...")) {
		shown_len = strlen(shown) - 3; /* both are three bytes */
		cut = true;
	}
	return cut && shown_len > strcspn(target, "/?#") && shown_len <= target_len &&
	       str_icmp_n(shown, target, shown_len) == 0;
}

void link_clean(struct str *target)
{
	str_trim(target);
	size_t kept = 0;
	for (size_t i = 0; i < target->len; i++)
		if ((unsigned char)target->p[i] > ' ' && target->p[i] != 0x7F)
			target->p[kept++] = target->p[i];
	str_remove(target, kept, target->len - kept);
}
