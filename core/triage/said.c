#include "core/triage/said.h"

#include "core/model/reply_text.h"
#include "core/text/utf8.h"

/* The property White_Space of Unicode. */
static bool is_space(uint32_t cp)
{
	if (cp < 0x80)
		return cp == ' ' || (cp >= 9 && cp <= 13);
	return cp == 0x85 || cp == 0xA0 || cp == 0x1680 || (cp >= 0x2000 && cp <= 0x200A) || cp == 0x2028 ||
	       cp == 0x2029 || cp == 0x202F || cp == 0x205F || cp == 0x3000;
}

/* The bytes from p that are all blank, or all not. */
static size_t span(const char *p, size_t len, bool blank)
{
	size_t at = 0;
	while (at < len) {
		uint32_t cp = (unsigned char)p[at];
		size_t n = cp < 0x80 ? 1 : utf8_decode(p + at, len - at, &cp);
		if (is_space(cp) != blank)
			break;
		at += n;
	}
	return at;
}

static bool begins(const char *p, size_t len, const char *prefix)
{
	return len >= strlen(prefix) && str_icmp_n(p, prefix, strlen(prefix)) == 0;
}

static bool is_url(const char *p, size_t len)
{
	while (len && strchr("(<[\"'", *p)) {
		p++;
		len--;
	}
	return begins(p, len, "http://") || begins(p, len, "https://") || begins(p, len, "www.");
}

static bool is_handle(const char *p, size_t len)
{
	size_t start = strspn(p, ".");
	size_t mention = mention_at(p, start);
	return mention && start + mention + strspn(p + start + mention, ",:.") >= len;
}

bool chunk_next(const char *text, size_t len, size_t *at, struct chunk *out)
{
	*at += span(text + *at, len - *at, true);
	if (*at >= len)
		return false;
	out->p = text + *at;
	out->len = span(out->p, len - *at, false);
	out->url = is_url(out->p, out->len);
	out->handle = is_handle(out->p, out->len);
	*at += out->len;
	return true;
}

/* All of them begin with one byte. */
static void add_with_hyphens(struct str *out, const char *text)
{
	size_t len = strlen(text), n;
	for (size_t at = 0; at < len; at += n) {
		uint32_t cp;
		const char *hyphen = memchr(text + at, 0xE2, len - at);
		n = hyphen ? (size_t)(hyphen - text) - at : len - at;
		if (n) {
			str_add(out, text + at, n);
			continue;
		}
		n = utf8_decode(text + at, len - at, &cp);
		if ((cp >= 0x2010 && cp <= 0x2015) || cp == 0x2212)
			str_addc(out, '-');
		else
			str_add(out, text + at, n);
	}
}

void said_fold(const char *text, size_t len, struct str *out)
{
	struct chunk chunk;
	struct str kept = STR_INIT, folded = STR_INIT;
	str_reserve(&kept, len + 1);
	for (size_t at = 0; chunk_next(text, len, &at, &chunk);) {
		bool language = !chunk.url && !chunk.handle;
		str_addc(&kept, language ? ' ' : '\n');
		if (language)
			str_add(&kept, chunk.p, chunk.len);
	}
	utf8_fold(kept.p, &folded);
	add_with_hyphens(out, folded.p);
	str_release(&folded);
	str_release(&kept);
}
