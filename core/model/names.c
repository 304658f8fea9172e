#include "core/base/str.h"
#include "core/model/model.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))
#define WORD(n, w) w,

static int find(const char *const *words, size_t count, const char *word)
{
	for (size_t i = 0; i < count; i++) {
		if (str_eq(words[i], word))
			return (int)i;
	}
	return -1;
}

#define NAMED(type, TABLE)                                                                                             \
	static const char *const type##_words[] = {TABLE(WORD)};                                                       \
	const char *type##_name(enum type v)                                                                           \
	{                                                                                                              \
		return (size_t)v < COUNT(type##_words) ? type##_words[v] : "unknown";                                  \
	}                                                                                                              \
	bool type##_parse(const char *word, enum type *out)                                                            \
	{                                                                                                              \
		int i = find(type##_words, COUNT(type##_words), word);                                                 \
		if (i < 0)                                                                                             \
			return false;                                                                                  \
		*out = (enum type)i;                                                                                   \
		return true;                                                                                           \
	}

NAMED(case_status, CASE_STATUS_TABLE)
NAMED(visibility, VISIBILITY_TABLE)
NAMED(direction, DIRECTION_TABLE)
NAMED(reply_kind, REPLY_KIND_TABLE)
NAMED(reply_state, REPLY_STATE_TABLE)
NAMED(account_state, ACCOUNT_STATE_TABLE)
NAMED(media_kind, MEDIA_KIND_TABLE)
NAMED(escalation_state, ESCALATION_STATE_TABLE)

#define CAPABILITY_ROW(n, word, help) {word, help},
static const struct {
	const char *word, *help;
} capabilities[] = {CAPABILITY_TABLE(CAPABILITY_ROW)};

const char *capability_word(enum capability_number number)
{
	return capabilities[number].word;
}

const char *capability_help(enum capability_number number)
{
	return capabilities[number].help;
}

bool capability_parse(const char *word, enum capability *out)
{
	for (unsigned i = 0; i < CAP_COUNT; i++) {
		if (str_eq(capabilities[i].word, word)) {
			*out = (enum capability)(1u << i);
			return true;
		}
	}
	return false;
}
