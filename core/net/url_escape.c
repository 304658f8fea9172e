#include "core/net/url_escape.h"

#include <string.h>

void url_escape(struct str *out, const char *text)
{
	for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
		bool plain = (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || (*p >= '0' && *p <= '9') ||
		             strchr("-._~", *p);
		if (plain)
			str_addc(out, (char)*p);
		else
			str_addf(out, "%%%02X", *p);
	}
}

void form_add(struct str *form, const char *key, const char *value)
{
	str_addf(form, "%s%s=", form->len ? "&" : "", key);
	url_escape(form, value);
}
