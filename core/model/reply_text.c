#include "core/model/reply_text.h"

#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/text/length.h"
#include "core/text/utf8.h"

enum { ADDRESSED_MAX = 128 };

static bool is_user_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* A byte of a host: letters of other scripts stand there too, as bytes of UTF-8. */
static bool is_host_byte(char c)
{
	return is_user_byte(c) || (unsigned char)c >= 0x80;
}

/* Dots and hyphens only inside: the full stop after a handle ends a sentence. */
static size_t run(const char *s, bool (*is_inner)(char))
{
	size_t len = 0;
	for (size_t i = 0; is_inner(s[i]) || s[i] == '.' || s[i] == '-'; i++) {
		if (is_inner(s[i]))
			len = i + 1;
	}
	return len;
}

/* Of "@user" or "@user@host" at s; 0 when there is none. */
static size_t mention_length(const char *s)
{
	size_t user = is_user_byte(s[1]) ? run(s + 1, is_user_byte) : 0;
	if (!user)
		return 0;
	size_t host = s[1 + user] == '@' && is_host_byte(s[2 + user]) ? run(s + 2 + user, is_host_byte) : 0;
	return 1 + user + (host ? 1 + host : 0);
}

static bool may_follow(const char *text, size_t at)
{
	if (at == 0)
		return true;
	char before = text[at - 1];
	return !is_user_byte(before) && before != '/' && before != '=';
}

size_t mention_at(const char *text, size_t at)
{
	return text[at] == '@' && may_follow(text, at) ? mention_length(text + at) : 0;
}

bool mention_next(const char *text, size_t from, struct mention *out)
{
	for (const char *p = strchr(text + from, '@'); p; p = strchr(p + 1, '@')) {
		size_t at = (size_t)(p - text), len = mention_at(text, at);
		if (len) {
			*out = (struct mention){at, len};
			return true;
		}
	}
	return false;
}

size_t mentions_lead(const char *text)
{
	size_t end = strspn(text, " \t\n\r."), len;
	bool any = false;
	while ((len = mention_at(text, end)) > 0) {
		end += len;
		end += strspn(text + end, " \t\n\r,:");
		any = true;
	}
	return any ? end : 0;
}

/* "user@host", folded; the host is home's when the handle has none. */
static void handle_fold(const char *handle, const char *home, struct str *out)
{
	handle += *handle == '@';
	utf8_fold(handle, out);
	if (strchr(handle, '@') || !*home)
		return;
	const char *scheme = strstr(home, "://");
	const char *host = scheme ? scheme + 3 : home;
	char *bare = mem_strndup(host, strcspn(host, "/"));
	str_addc(out, '@');
	utf8_fold(bare, out);
	free(bare);
}

bool handle_same(const char *a, const char *b, const char *home)
{
	struct str left = STR_INIT, right = STR_INIT;
	handle_fold(a, home, &left);
	handle_fold(b, home, &right);
	bool same = str_eq(left.p, right.p);
	str_release(&left);
	str_release(&right);
	return same;
}

bool reply_names(const char *text, const char *handle, const char *home)
{
	struct mention mention;
	for (size_t at = 0; mention_next(text, at, &mention); at = mention.at + mention.len) {
		char *named = mem_strndup(text + mention.at, mention.len);
		bool same = handle_same(named, handle, home);
		free(named);
		if (same)
			return true;
	}
	return false;
}

static bool is_listed(const char *const *handles, int count, const char *handle, const char *home)
{
	for (int i = 0; i < count; i++) {
		if (handle_same(handles[i], handle, home))
			return true;
	}
	return false;
}

void reply_addressed(
        const char *text, const struct account *account, struct arena *arena, const char *const **handles, int *count)
{
	const char *home = str_or(account->server, "");
	const char **list = arena_array(arena, const char *, ADDRESSED_MAX);
	struct mention mention;
	int n = 0;
	for (size_t at = 0; n < ADDRESSED_MAX && mention_next(text, at, &mention); at = mention.at + mention.len) {
		const char *handle = arena_strndup(arena, text + mention.at, mention.len);
		if (!handle_same(handle, str_or(account->handle, ""), home) && !is_listed(list, n, handle, home))
			list[n++] = handle;
	}
	*handles = list;
	*count = n;
}

const char *reply_opening(const struct account *account, const char *to_handle, struct arena *arena)
{
	if (!(account->caps & CAP_NAMING) || !*str_or(to_handle, ""))
		return "";
	return arena_printf(arena, "%s%s ", *to_handle == '@' ? "" : "@", to_handle);
}

bool reply_refused(const struct account *account, const struct post *post, bool in_private, char *why, size_t size)
{
	const char *refusal = post ? str_or(post->reply_refusal, "") : "";
	*why = '\0';
	if (!account)
		return false;
	if (in_private && !(account->caps & CAP_DIRECT))
		snprintf(why, size, "%s has no private replies", account->network);
	else if (account->caps && !(account->caps & CAP_REPLY))
		snprintf(why, size, "%s can only be read, not answered", account->name);
	else if (!in_private && *refusal)
		str_copy(why, size, refusal);
	return *why;
}

enum visibility reply_visibility(enum visibility parent, enum visibility wanted)
{
	return wanted > parent ? wanted : parent;
}

/* --- published */

static void add_signature(const char *signature, const char *agent, struct str *out)
{
	static const char place[] = "{agent}";
	const char *at = strstr(signature, place);
	if (!*signature)
		return;
	if (out->len && out->p[out->len - 1] != '\n')
		str_addc(out, ' ');
	if (at) {
		str_add(out, signature, (size_t)(at - signature));
		str_adds(out, agent);
		signature = at + strlen(place);
	}
	str_adds(out, signature);
}

void reply_published(const struct account *account, const char *to_handle, const char *text, const char *signature,
        const char *agent, struct str *out)
{
	struct arena arena = ARENA_INIT;
	struct str trimmed = STR_INIT;
	str_adds(&trimmed, text);
	str_trim(&trimmed);
	if (!reply_names(trimmed.p, to_handle, account->server))
		str_adds(out, reply_opening(account, to_handle, &arena));
	str_add(out, trimmed.p, trimmed.len);
	add_signature(signature, agent, out);
	str_release(&trimmed);
	arena_release(&arena);
}

static struct length_rule rule_of(const struct account *account)
{
	struct length_rule rule = *length_rule((enum length_name)account->limits.rule);
	rule.url = account->limits.url;
	rule.max = account->limits.max;
	return rule;
}

bool reply_left(const struct account *account, const char *published, const char *warning, int *left)
{
	struct length_rule rule = rule_of(account);
	*left = 0;
	if (rule.max <= 0)
		return false;
	struct arena arena = ARENA_INIT;
	const char *sent = length_sent(&rule, published, &arena);
	*left = length_left(&rule, sent, strlen(sent), warning && *warning ? warning : NULL);
	arena_release(&arena);
	return true;
}

void reply_also(const char *text, const struct account *account, const char *to_handle, struct arena *arena,
        const char *const **handles, int *count)
{
	const char *const *all;
	int n;
	reply_addressed(text, account, arena, &all, &n);
	const char **also = arena_array(arena, const char *, (size_t)n + 1);
	*count = 0;
	for (int i = 0; i < n; i++)
		if (!handle_same(all[i], to_handle, account->server))
			also[(*count)++] = all[i];
	*handles = also;
}

void reply_overheard_by(const char *text, const struct account *account, const char *to_handle,
        enum visibility visibility, struct arena *arena, const char *const **handles, int *count)
{
	*count = 0;
	if (visibility == VIS_DIRECT && account->caps & CAP_NAMING)
		reply_also(text, account, to_handle, arena, handles, count);
}

bool reply_left_is_exact(const struct account *account, const char *published, const char *warning)
{
	struct length_rule rule = rule_of(account);
	return length_is_exact(&rule, published, strlen(published)) &&
	       (!warning || length_is_exact(&rule, warning, strlen(warning)));
}

int64_t reply_price(const struct account *account, const char *published, bool *for_link)
{
	const struct prices *prices = &account->prices;
	struct length_rule rule = rule_of(account);
	*for_link = prices->reply_link != prices->reply && length_has_link(&rule, published);
	return *for_link ? prices->reply_link : prices->reply;
}
