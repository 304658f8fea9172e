#include "tests/fakenet/text.h"

#include "core/base/str.h"

#include <ctype.h>
#include <string.h>
#include <utf8proc.h>

#define LINK_WEIGHT 23
#define LINK_VISIBLE 30

static bool word_byte(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

static size_t mention_length(const char *at, size_t *name_len)
{
	size_t n = 1;
	while (word_byte(at[n]) || ((at[n] == '.' || at[n] == '-') && word_byte(at[n + 1])))
		n++;
	*name_len = n - 1;
	if (n == 1 || at[n] != '@' || !word_byte(at[n + 1]))
		return n > 1 ? n : 0;
	n++;
	while (word_byte(at[n]) || ((at[n] == '.' || at[n] == '-') && word_byte(at[n + 1])))
		n++;
	return n;
}

/* Letters of any script; emoji (F0) and the punctuation blocks around U+2000, U+3000 and U+FF00 end a tag. */
static bool tag_byte(const char *at)
{
	unsigned char c = (unsigned char)at[0], d = (unsigned char)at[c ? 1 : 0];
	if (c < 0x80)
		return word_byte((char)c);
	return c < 0xF0 && c != 0xE2 && !(c == 0xE3 && d == 0x80) && !(c == 0xEF && d == 0xBC);
}

static size_t tag_length(const char *at)
{
	size_t n = 1;
	bool letter = false;
	while (tag_byte(at + n)) {
		letter = letter || !isdigit((unsigned char)at[n]);
		for (n++; ((unsigned char)at[n] & 0xC0) == 0x80;)
			n++;
	}
	return letter ? n : 0;
}

static size_t link_length(const char *at)
{
	size_t scheme = str_starts(at, "https://") ? 8 : str_starts(at, "http://") ? 7 : 0;
	if (!scheme || !word_byte(at[scheme]))
		return 0;
	size_t n = scheme + strcspn(at + scheme, " \t\r\n<>\"");
	while (n > scheme && strchr(".,;:!?)'", at[n - 1]))
		n--;
	return n;
}

static bool token_at(const char *text, size_t i, struct text_token *out)
{
	bool open = i == 0 || !(word_byte(text[i - 1]) || text[i - 1] == '/' || text[i - 1] == '@');
	*out = (struct text_token){TEXT_PLAIN, text + i, 0, 0};
	if (open && text[i] == '@') {
		out->kind = TEXT_MENTION;
		out->len = mention_length(text + i, &out->name_len);
	} else if (open && text[i] == '#') {
		out->kind = TEXT_TAG;
		out->len = tag_length(text + i);
	} else if (open && text[i] == 'h') {
		out->kind = TEXT_LINK;
		out->len = link_length(text + i);
	}
	return out->len > 0;
}

bool text_next(const char *text, size_t *at, struct text_token *out)
{
	if (!text[*at])
		return false;
	if (!token_at(text, *at, out)) {
		size_t start = *at, i = start + 1;
		while (text[i] && !token_at(text, i, out))
			i++;
		*out = (struct text_token){TEXT_PLAIN, text + start, i - start, 0};
	}
	*at += out->len;
	return true;
}

static void add_escaped(struct str *html, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		switch (text[i]) {
		case '&': str_adds(html, "&amp;"); break;
		case '<': str_adds(html, "&lt;"); break;
		case '>': str_adds(html, "&gt;"); break;
		case '"': str_adds(html, "&quot;"); break;
		case '\'': str_adds(html, "&#39;"); break;
		case '\r': break;
		case '\n':
			if (i + 1 < len && text[i + 1] == '\n') {
				str_adds(html, "</p><p>");
				while (i + 1 < len && text[i + 1] == '\n')
					i++;
			} else {
				str_adds(html, "<br />");
			}
			break;
		default: str_addc(html, text[i]);
		}
	}
}

/* Scheme and "www." hidden, thirty characters shown, the rest hidden: Mastodon's three spans. */
static void add_link(struct str *html, const char *url, size_t len)
{
	size_t hidden = (size_t)(strstr(url, "//") - url) + 2;
	if (str_starts(url + hidden, "www."))
		hidden += 4;
	size_t shown = len - hidden < LINK_VISIBLE ? len - hidden : LINK_VISIBLE;
	while (hidden + shown < len && ((unsigned char)url[hidden + shown] & 0xC0) == 0x80)
		shown++;
	str_adds(html, "<a href=\"");
	add_escaped(html, url, len);
	str_adds(html, "\" target=\"_blank\" rel=\"nofollow noopener\" translate=\"no\"><span class=\"invisible\">");
	add_escaped(html, url, hidden);
	str_addf(html, "</span><span class=\"%s\">", hidden + shown < len ? "ellipsis" : "");
	add_escaped(html, url + hidden, shown);
	str_adds(html, "</span><span class=\"invisible\">");
	add_escaped(html, url + hidden + shown, len - hidden - shown);
	str_adds(html, "</span></a>");
}

static void add_tag(struct world *world, struct str *html, struct status *status, const struct text_token *token)
{
	char *name = arena_strndup(&world->arena, token->at + 1, token->len - 1);
	str_addf(html, "<a href=\"https://%s/tags/%s\" class=\"mention hashtag\" rel=\"tag\">#<span>%s</span></a>",
	        WORLD_DOMAIN, name, name);
	for (char *c = name; *c; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c + 32);
	for (size_t i = 0; i < status->tag_count; i++)
		if (str_eq(status->tags[i], name))
			return;
	status->tags[status->tag_count++] = name;
}

static bool add_mention(struct world *world, struct str *html, struct status *status, const struct text_token *token)
{
	struct person *person = world_find_person(world, token->at, token->len);
	if (!person)
		return false;
	str_addf(html,
	        "<span class=\"h-card\" translate=\"no\"><a href=\"%s\" class=\"u-url "
	        "mention\">@<span>%s</span></a></span>",
	        person->url, person->username);
	for (size_t i = 0; i < status->mention_count; i++)
		if (status->mentions[i] == person)
			return true;
	status->mentions[status->mention_count++] = person;
	return true;
}

static size_t count_kind(const char *text, enum text_kind kind)
{
	size_t n = 0;
	struct text_token token;
	for (size_t at = 0; text_next(text, &at, &token);)
		n += token.kind == kind;
	return n;
}

void text_render(struct world *world, struct status *status)
{
	struct str html = STR_INIT;
	struct text_token token;
	status->mention_count = status->tag_count = 0;
	status->mentions = arena_array(&world->arena, struct person *, count_kind(status->text, TEXT_MENTION) + 1);
	status->tags = arena_array(&world->arena, const char *, count_kind(status->text, TEXT_TAG) + 1);
	str_adds(&html, "<p>");
	for (size_t at = 0; text_next(status->text, &at, &token);) {
		if (token.kind == TEXT_LINK)
			add_link(&html, token.at, token.len);
		else if (token.kind == TEXT_TAG)
			add_tag(world, &html, status, &token);
		else if (token.kind == TEXT_PLAIN || !add_mention(world, &html, status, &token))
			add_escaped(&html, token.at, token.len);
	}
	str_adds(&html, "</p>");
	status->html = *status->text ? arena_strndup(&world->arena, html.p, html.len) : "";
	str_release(&html);
}

struct person **text_mentions(struct world *world, const char *text, size_t *count)
{
	struct status probe = {.text = text};
	text_render(world, &probe);
	*count = probe.mention_count;
	return probe.mentions;
}

size_t text_clusters(const char *text, size_t len)
{
	size_t n = 0;
	utf8proc_int32_t before = -1, now, state = 0;
	for (size_t at = 0; at < len;) {
		utf8proc_ssize_t took =
		        utf8proc_iterate((const utf8proc_uint8_t *)text + at, (utf8proc_ssize_t)(len - at), &now);
		if (took <= 0) {
			now = 0xFFFD;
			took = 1;
		}
		if (before < 0 || utf8proc_grapheme_break_stateful(before, now, &state))
			n++;
		before = now;
		at += (size_t)took;
	}
	return n;
}

size_t text_length(const char *text, const char *cw)
{
	struct str counted = STR_INIT, body = STR_INIT;
	struct text_token token;
	str_adds(&counted, cw);
	str_trim(&counted);
	for (size_t at = 0; text_next(text, &at, &token);) {
		if (token.kind == TEXT_LINK)
			str_addf(&body, "%0*d", LINK_WEIGHT, 0);
		else
			str_add(&body, token.at, token.kind == TEXT_MENTION ? token.name_len + 1 : token.len);
	}
	str_trim(&body);
	str_add(&counted, body.p, body.len);
	size_t n = text_clusters(counted.p, counted.len);
	str_release(&body);
	str_release(&counted);
	return n;
}
