/* A query asked of a case in memory. */
#include "core/base/str.h"
#include "core/model/query.h"
#include "core/text/utf8.h"

#include <assert.h>

#define SAME(n, w, l) (int)QUERY_IS_##n == (int)STATUS_##n
static_assert(SAME(NEW, , ) && SAME(OPEN, , ) && SAME(WAITING, , ) && SAME(SNOOZED, , ) && SAME(DONE, , ) &&
                      SAME(IGNORED, , ),
        "the words of is: begin with the statuses");

#define LOCAL(n, w, l) l,
static const bool is_local[] = {QUERY_IS_TABLE(LOCAL)};
static const bool has_local[] = {QUERY_HAS_TABLE(LOCAL)};

static bool term_is_local(const struct query *query)
{
	if (query->term == QT_IS)
		return is_local[query->number];
	if (query->term == QT_HAS)
		return has_local[query->number];
	return query->term != QT_TEXT;
}

bool query_is_local(const struct query *query)
{
	if (query->op == Q_TERM)
		return term_is_local(query);
	return (!query->left || query_is_local(query->left)) && (!query->right || query_is_local(query->right));
}

static bool matches_is(enum query_is word, const struct kase *kase)
{
	bool resolved = kase->status == STATUS_DONE || kase->status == STATUS_IGNORED;
	switch (word) {
	case QUERY_IS_NEW:
	case QUERY_IS_OPEN:
	case QUERY_IS_WAITING:
	case QUERY_IS_SNOOZED:
	case QUERY_IS_DONE:
	case QUERY_IS_IGNORED: return (int)kase->status == (int)word;
	case QUERY_IS_NEEDS_REPLY:
		return (kase->status == STATUS_NEW || kase->status == STATUS_OPEN) &&
		       kase->last_in_at > kase->last_out_at;
	case QUERY_IS_UNRESOLVED: return !resolved;
	case QUERY_IS_ESCALATED: return *str_or(kase->escalated_to, "");
	case QUERY_IS_PRAISE: return kase->praise;
	case QUERY_IS_QUESTION: return kase->question;
	case QUERY_IS_LATE:
	case QUERY_IS_PRIVATE:
	case QUERY_IS_OUTBOX:
	case QUERY_IS_COUNT: break;
	}
	return true;
}

static bool matches_has(enum query_has word, const struct kase *kase)
{
	switch (word) {
	case QUERY_HAS_MEDIA: return kase->media_count > 0;
	case QUERY_HAS_DRAFT: return kase->draft_at != 0;
	case QUERY_HAS_PERSONAL_DATA: return kase->personal_data;
	case QUERY_HAS_LINK:
	case QUERY_HAS_COUNT: break;
	}
	return true;
}

static bool has_tag(const struct kase *kase, const char *tag)
{
	for (int i = 0; i < kase->tag_count; i++) {
		if (str_eq(kase->tags[i], tag))
			return true;
	}
	return false;
}

static bool matches_handle(const char *beginning, const char *handle)
{
	struct str folded = STR_INIT;
	utf8_fold(handle + (*handle == '@'), &folded);
	bool found = str_starts(folded.p, beginning);
	str_release(&folded);
	return found;
}

/* "de" is de, de-AT and de_AT. */
static bool matches_language(const char *asked, const char *language)
{
	size_t len = strlen(asked);
	if (strlen(language) < len || str_icmp_n(asked, language, len) != 0)
		return false;
	return !language[len] || language[len] == '-' || language[len] == '_';
}

static bool compare(const struct query *query, int64_t n)
{
	switch (query->compare) {
	case CMP_LT: return n < query->number;
	case CMP_GT: return n > query->number;
	case CMP_EQ: break;
	}
	return n == query->number;
}

static bool matches_term(const struct query *query, const struct kase *kase, int64_t now)
{
	switch (query->term) {
	case QT_IS: return matches_is((enum query_is)query->number, kase);
	case QT_HAS: return matches_has((enum query_has)query->number, kase);
	case QT_LATE: return kase->due && kase->due <= now;
	case QT_TAG: return has_tag(kase, query->text);
	case QT_FROM: return matches_handle(query->text, str_or(kase->handle, ""));
	case QT_ASSIGNEE: return str_eq(str_or(kase->assignee, ""), query->text);
	case QT_ACCOUNT: return str_ieq(str_or(kase->account, ""), query->text);
	case QT_NETWORK: return str_ieq(str_or(kase->network, ""), query->text);
	case QT_TEAM: return str_eq(str_or(kase->escalated_to, ""), query->text);
	case QT_LANG: return matches_language(query->text, str_or(kase->language, ""));
	case QT_PRIORITY: return compare(query, kase->priority);
	case QT_AGE: return kase->last_in_at && compare(query, now - kase->last_in_at);
	case QT_DUE: return kase->due && compare(query, kase->due - now);
	case QT_FOLLOWERS: return kase->followers >= 0 && compare(query, kase->followers);
	case QT_CASE: return kase->id == query->number;
	case QT_TEXT:
	case QT_COUNT: break;
	}
	return true;
}

bool query_matches(const struct query *query, const struct kase *kase, int64_t now)
{
	switch (query->op) {
	case Q_AND: return query_matches(query->left, kase, now) && query_matches(query->right, kase, now);
	case Q_OR: return query_matches(query->left, kase, now) || query_matches(query->right, kase, now);
	case Q_NOT: return !query_matches(query->left, kase, now);
	case Q_TERM: return matches_term(query, kase, now);
	case Q_ALL: break;
	}
	return true;
}

bool query_asks_outbox(const struct query *query)
{
	if (query->op == Q_AND || query->op == Q_OR)
		return query_asks_outbox(query->left) || query_asks_outbox(query->right);
	return query->op == Q_TERM && query->term == QT_IS && query->number == QUERY_IS_OUTBOX;
}
