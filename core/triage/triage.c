#include "core/triage/triage.h"

#include "core/base/str.h"
#include "core/base/utf8.h"
#include "core/text/grapheme.h"
#include "core/text/similar.h"
#include "core/triage/feeling.h"
#include "core/triage/personal.h"
#include "core/triage/said.h"
#include "core/triage/summary.h"

enum { TEXT_MAX = 16 * 1024 };

/* A semicolon behind a letter of Greek, as its keyboards have it. */
static bool asks_in_greek(const char *said)
{
	const char *mark = strchr(said, ';');
	for (; mark; mark = strchr(mark + 1, ';')) {
		uint32_t cp = 0;
		const char *letter = mark;
		while (letter > said && mark - letter < 4 && ((unsigned char)*--letter & 0xC0) == 0x80)
			;
		if (letter < mark)
			utf8_decode(letter, (size_t)(mark - letter), &cp);
		if ((cp >= 0x370 && cp < 0x400) || (cp >= 0x1F00 && cp < 0x2000))
			return true;
	}
	return false;
}

/* Folding has made the full-width mark '?' and Greek's own a semicolon. */
static bool is_question(const char *said)
{
	static const char *const marks[] = {"؟", "՞", "፧", "꘏", "꛷", "𑅃"};
	static const char *const leads = "\xD8\xD5\xE1\xEA\xF0"; /* of the marks */
	if (strchr(said, '?') || asks_in_greek(said))
		return true;
	if (!strpbrk(said, leads))
		return false;
	for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
		if (strstr(said, marks[i]))
			return true;
	}
	return false;
}

/* 2 where a good part of a country may hear of it, 1 where a town does. */
static int priority_by_reach(const struct post *post, const struct customer *customer)
{
	int64_t followers = customer ? customer->followers : -1;
	if (followers >= 100000 || post->boosts >= 50)
		return 2;
	if (followers >= 10000 || post->boosts >= 5)
		return 1;
	return customer && customer->bot ? -1 : 0;
}

/* What the author put under a warning stays there; a picture alone speaks through its description. */
static void summarise(const struct post *post, size_t len, struct triage *out)
{
	const char *warning = str_or(post->warning, "");
	if (*warning) {
		summary_of(warning, strlen(warning), out->summary + 1, TRIAGE_SUMMARY_MAX - 2);
		out->summary[0] = '[';
		size_t end = strlen(out->summary);
		out->summary[end] = ']';
		out->summary[end + 1] = '\0';
		return;
	}
	summary_of(str_or(post->text, ""), len, out->summary, TRIAGE_SUMMARY_MAX);
	for (int i = 0; !*out->summary && i < post->media_count; i++) {
		const char *alt = str_or(post->media[i].alt, "");
		summary_of(alt, strlen(alt), out->summary, TRIAGE_SUMMARY_MAX);
	}
}

void triage_post(const struct post *post, const struct customer *customer, struct triage *out)
{
	const char *text = str_or(post->text, "");
	size_t len = strlen(text);
	if (len > TEXT_MAX)
		len = grapheme_floor(text, len, TEXT_MAX);
	struct str said = STR_INIT;
	said_fold(text, len, &said);
	struct feeling feeling = feeling_of(said.p);
	*out = (struct triage){
	        .question = is_question(said.p),
	        .personal_data = personal_any(said.p),
	        .priority = priority_by_reach(post, customer),
	        .alike = similar_hash(text),
	};
	out->praise = feeling_is_praise(&feeling) && !out->question;
	summarise(post, len, out);
	str_release(&said);
}
