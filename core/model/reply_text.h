/* The text of a reply, as to whom it reaches: which handles it names, what it must begin with, and how publicly it may
 * be said. Desk and courier share these rules. Pure. */
#ifndef CORE_MODEL_REPLY_TEXT_H
#define CORE_MODEL_REPLY_TEXT_H

#include "core/base/arena.h"
#include "core/base/str.h"
#include "core/model/model.h"

/* A handle in a text, from the byte of its '@' on: "@sam", "@sam@social.example", "@care.example.com". */
struct mention {
	size_t at, len;
};

/* The first mention at or after byte `from`. As Mastodon's Account::MENTION_RE reads them: none inside a word, an
 * e-mail address, a path or a query; hosts with letters of any script; punctuation at the end is not of it. That of
 * the other networks is narrower: what they would not link is named here too, never the other way round. */
bool mention_next(const char *text, size_t from, struct mention *out);

/* The length of the mention that begins at byte `at`; 0 when none does. */
size_t mention_at(const char *text, size_t at);

/* Where the handles (and commas and blanks among them) end that a text begins with; 0 when it begins otherwise. */
size_t mentions_lead(const char *text);

/* Are they the same handle? Case, and a leading '@', don't matter; a handle without a host is of `home`'s ("", a URL
 * like "https://mas.example", or a bare host). */
bool handle_same(const char *a, const char *b, const char *home);

/* Does the text name this handle? */
bool reply_names(const char *text, const char *handle, const char *home);

/* The handles that the text names, each once, in order, without our own (that of the account). At most 128. */
void reply_addressed(
        const char *text, const struct account *account, struct arena *arena, const char *const **handles, int *count);

/* The same without the one who is answered: whom else it addresses. */
void reply_also(const char *text, const struct account *account, const char *to_handle, struct arena *arena,
        const char *const **handles, int *count);

/* Who else would read an answer of this visibility, because its text names them: where the network reaches whom the
 * text names (CAP_NAMING), that is whoever reply_also() tells, in private alone. */
void reply_overheard_by(const char *text, const struct account *account, const char *to_handle,
        enum visibility visibility, struct arena *arena, const char *const **handles, int *count);

/* What a reply's text begins with: "@sam@social.example " where the network reaches nobody else (CAP_NAMING), else "".
 * The recipient alone: whoever else was named in their post is added by hand. */
const char *reply_opening(const struct account *account, const char *to_handle, struct arena *arena);

/* Whether the network, as the account is there, refuses an answer to the post (NULL: to any), with the reason in words:
 * asked before anything is typed. An account that was never reached refuses nothing in public. */
bool reply_refused(const struct account *account, const struct post *post, bool in_private, char *why, size_t size);

/* How publicly a reply is said when `wanted` was asked for: never wider than the post that it answers. */
enum visibility reply_visibility(enum visibility parent, enum visibility wanted);

/* Appends the text as it will be published: trimmed, with reply_opening() before it unless it names to_handle, and the
 * account's signature ("" for none) behind it, in which {agent} is filled in. */
void reply_published(const struct account *account, const char *to_handle, const char *text, const char *signature,
        const char *agent, struct str *out);

/* How much of the network's limit a published text leaves, negative when it is too long. False: the limit is not
 * known. warning: NULL for none. */
bool reply_left(const struct account *account, const char *published, const char *warning, int *left);
/* False when the server may count otherwise: then the number is about right. */
bool reply_left_is_exact(const struct account *account, const char *published, const char *warning);

/* What the network charges for it, in millionths of account->prices.currency; 0: nothing. *for_link: because there is a
 * link in it. */
int64_t reply_price(const struct account *account, const char *published, bool *for_link);

#endif
