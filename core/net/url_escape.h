/* Percent-encoding, RFC 3986, 2.1. Pure. */
#ifndef CORE_NET_URL_ESCAPE_H
#define CORE_NET_URL_ESCAPE_H

#include "core/base/str.h"

/* Appends text with all but unreserved characters (2.3) encoded. */
void url_escape(struct str *out, const char *text);

/* Appends "key=value" to a query or a form (application/x-www-form-urlencoded), after a '&' when it has something. */
void form_add(struct str *form, const char *key, const char *value);

#endif
