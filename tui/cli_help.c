/* curlew help: the manual's own pages, whole or what they say of a command, a setting, a key, an option or an error.
 * The pages are those that man(1) shows, from where they are installed or built; man itself is not needed. */
#include "tui/cli.h"

#include "core/base/paths.h"
#include "core/base/problems.h"
#include "core/text/cells.h"
#include "core/text/mdoc.h"
#include "core/text/plain.h"
#include "tui/manual.h"

#include <stdio.h>
#include <string.h>

enum { COLS_MAX = 78, COLS_MIN = 40, NEAR = 6, SAID_MIN = 10 };

static const char *const pages[] = {"curlew.1", "curlewd.8", "curlew.conf.5", "curlew-keys.5", "curlew-adapter.7",
        "curlew-rss.1", "curlew-replay.1"};
enum { PAGES = sizeof pages / sizeof *pages };

struct manual {
	struct mdoc_page page[PAGES];
};

static int read_pages(struct manual *manual, struct err *err)
{
	int cols = cli_columns() ? cli_columns() - 2 : COLS_MAX, result = 0;
	cols = cols > COLS_MAX ? COLS_MAX : cols < COLS_MIN ? COLS_MIN : cols;
	for (int i = 0; !result && i < PAGES; i++) {
		struct str source = STR_INIT;
		result = manual_source(pages[i], &source, err);
		if (!result) {
			result = mdoc_read(source.p, cols, &manual->page[i], err);
			if (result)
				err_prefix(err, "%s", pages[i]);
		}
		str_release(&source);
	}
	return result;
}

static void release_pages(struct manual *manual)
{
	for (int i = 0; i < PAGES; i++)
		mdoc_release(&manual->page[i]);
}

/* --- what is asked for */

/* An answer: the parts of the manual that have the name, by one way of comparing. */
typedef bool matches(const char *name, size_t len, const char *topic);

static bool is_exactly(const char *name, size_t len, const char *topic)
{
	return strlen(topic) == len && memcmp(name, topic, len) == 0;
}

/* Case, and what stands around a name in its place (":", "--", "<Enter>", "tag:"), do not count. */
static bool is_nearly(const char *name, size_t len, const char *topic)
{
	size_t size;
	topic += strspn(topic, ":-<");
	size = strcspn(topic, ">");
	while (size > 1 && strchr(":-", topic[size - 1]))
		size--;
	while (len > 1 && strchr(":-<", *name))
		name++, len--;
	while (len > 1 && strchr(":>", name[len - 1]))
		len--;
	return size && size == len && str_icmp_n(name, topic, len) == 0;
}

/* The words of an error, as they were met: where the manual has "…", anything may stand, and something around all. */
static bool is_said(const char *name, size_t len, const char *topic)
{
	static const char any[] = "\u2026";
	struct str words = STR_INIT;
	size_t said = 0;
	str_add(&words, name, len);
	for (char *piece = words.p, *gap; topic && *piece; piece = gap) {
		gap = strstr(piece, any);
		size_t size = gap ? (size_t)(gap - piece) : strlen(piece);
		gap = piece + size + (gap ? strlen(any) : 0);
		piece[size] = '\0';
		topic = strstr(topic, piece);
		topic = topic ? topic + size : NULL;
		said += size;
	}
	str_release(&words);
	return topic && said >= SAID_MIN && memchr(name, ' ', len);
}

static bool part_has(const struct mdoc_part *part, matches *match, const char *topic)
{
	for (const char *name = part->names; name && *name;) {
		size_t len = strcspn(name, "\n");
		if (match(name, len, topic))
			return true;
		name += len + 1;
	}
	return false;
}

/* Where it stands: "curlew-keys(5): DEFAULT KEYS, Everywhere". */
static void put_place(struct str *out, const struct mdoc_page *page, const struct mdoc_part *part)
{
	const struct mdoc_part *in = part->section >= 0 ? &page->parts.at[part->section] : NULL;
	const struct mdoc_part *outer = in && in->section >= 0 ? &page->parts.at[in->section] : NULL;
	str_addf(out, "%c%s", MDOC_BOLD, page->title);
	if (outer)
		str_addf(out, ": %.*s, ", (int)strcspn(outer->names, "\n"), outer->names);
	if (in)
		str_addf(out, "%s%.*s", outer ? "" : ": ", (int)strcspn(in->names, "\n"), in->names);
	str_addf(out, "%c\n", MDOC_PLAIN);
}

static void put_part(struct str *out, const struct mdoc_page *page, const struct mdoc_part *part)
{
	size_t len = part->to - part->from;
	while (len > 1 && page->text.p[part->from + len - 2] == '\n')
		len--; /* one empty line between two answers */
	if (out->len)
		str_addc(out, '\n');
	put_place(out, page, part);
	str_add(out, page->text.p + part->from, len);
}

/* Titles are not told from each other by case, as keys are. */
static bool put_matching(const struct manual *manual, matches *match, const char *topic, struct str *out)
{
	matches *title = match == is_exactly ? is_nearly : match;
	for (int i = 0; i < PAGES; i++) {
		const struct mdoc_page *page = &manual->page[i];
		for (size_t p = 0; p < page->parts.len; p++)
			if (part_has(&page->parts.at[p], page->parts.at[p].kind == MDOC_ITEM ? match : title, topic))
				put_part(out, page, &page->parts.at[p]);
	}
	return out->len > 0;
}

/* --- what there is */

static void put_index(const struct manual *manual, struct str *out)
{
	str_adds(out, "curlew help TOPIC shows what the manual says of it: a page, a command, a setting, a key\n"
	              "(^X, <Enter>), an option, a word of queries, a section, or the words of an error.\n\n");
	for (int i = 0; i < PAGES; i++)
		plain_addf(out, "  %-18s %s\n", manual->page[i].title, manual->page[i].about);
}

static int find_page(const struct manual *manual, const char *topic)
{
	for (int i = 0; i < PAGES; i++) {
		const char *title = manual->page[i].title;
		if (is_exactly(title, strcspn(title, "("), topic) || str_eq(title, topic) || str_eq(pages[i], topic))
			return i;
	}
	return -1;
}

struct near {
	const char *words[2048];
	size_t len;
};

static void collect(const struct manual *manual, struct arena *arena, struct near *near)
{
	for (int i = 0; i < PAGES; i++) {
		for (size_t p = 0; p < manual->page[i].parts.len; p++) {
			const char *name = str_or(manual->page[i].parts.at[p].names, "");
			for (size_t len; *name && near->len < sizeof near->words / sizeof *near->words;
			        name += len + 1) {
				len = strcspn(name, "\n");
				if (!memchr(name, ' ', len))
					near->words[near->len++] = arena_strndup(arena, name, len);
			}
		}
	}
}

/* The names that hold what was typed, else the one that is nearest. */
static int unknown(const struct manual *manual, const char *topic, struct arena *arena, struct err *err)
{
	struct near *near = arena_new(arena, struct near);
	struct str found = STR_INIT;
	int count = 0;
	collect(manual, arena, near);
	for (size_t i = 0; i < near->len && count < NEAR; i++) {
		bool again = false;
		for (size_t k = 0; k < i && !again; k++)
			again = str_eq(near->words[k], near->words[i]);
		if (!again && strlen(topic) > 2 && strstr(near->words[i], topic))
			str_addf(&found, "%s%s", count++ ? ", " : "", near->words[i]);
	}
	const char *meant = count ? found.p : suggest_word(topic, near->words, near->len);
	int result = err_set(err, ERR_NOT_FOUND, "the manual has nothing of that name: \"%.80s\"%s%s%s", topic,
	        meant ? "; did you mean " : "; curlew help says what there is", meant ? meant : "", meant ? "?" : "");
	str_release(&found);
	return result;
}

/* "is:late" is explained where "is:" is. */
static bool put_word_of(const struct manual *manual, const char *topic, struct str *out)
{
	char word[64];
	size_t len = strcspn(topic, ":");
	if (!len || !topic[len] || len >= sizeof word)
		return false;
	snprintf(word, sizeof word, "%.*s", (int)len, topic);
	return put_matching(manual, is_nearly, word, out);
}

static int answer(const struct manual *manual, const char *topic, struct arena *arena, struct str *out, struct err *err)
{
	int page = find_page(manual, topic);
	if (!*topic)
		put_index(manual, out);
	else if (page >= 0)
		str_add(out, manual->page[page].text.p, manual->page[page].text.len);
	else if (!put_matching(manual, is_exactly, topic, out) && !put_matching(manual, is_nearly, topic, out) &&
	         !put_matching(manual, is_said, topic, out) && !put_word_of(manual, topic, out))
		return unknown(manual, topic, arena, err);
	return 0;
}

int cli_help(struct cli *cli, int argc, char **argv, struct err *err)
{
	struct manual manual = {0};
	struct str topic = STR_INIT, out = STR_INIT;
	for (int i = 0; i < argc; i++)
		str_addf(&topic, "%s%s", i ? " " : "", argv[i]);
	int result = read_pages(&manual, err);
	if (!result)
		result = answer(&manual, topic.p, &cli->arena, &out, err);
	if (!result)
		result = manual_show(out.p, err);
	release_pages(&manual);
	str_release(&topic);
	str_release(&out);
	return result;
}
