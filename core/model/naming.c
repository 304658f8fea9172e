#include "core/model/naming.h"

#include "core/base/str.h"

#include <ctype.h>
#include <string.h>

/* Letters beyond ASCII are letters, too. */
static bool in_name(char c)
{
	return isalnum((unsigned char)c) || (unsigned char)c >= 0x80 || (c && strchr("_-@", c));
}

/* A full stop ends a sentence, unless a name goes on behind it. */
static bool ends(const char *p)
{
	return *p == '.' ? !in_name(p[1]) : !in_name(*p);
}

bool text_names(const char *text, const char *agent)
{
	size_t len = strlen(agent);
	for (const char *p = text; len && (p = strchr(p, '@')); p++) {
		bool begins = p == text || !in_name(p[-1]);
		if (begins && str_icmp_n(p + 1, agent, len) == 0 && ends(p + 1 + len))
			return true;
	}
	return false;
}
