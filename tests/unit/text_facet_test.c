#include "core/text/facet.h"
#include "core/base/json.h"
#include "core/base/paths.h"
#include "core/text/domain.h"
#include "core/text/length.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static json *vectors(void)
{
	struct str bytes;
	struct err err = ERR_INIT;
	str_init(&bytes, 1 << 20);
	const char *dir = getenv("CURLEW_TEST_DATA");
	char *path = path_join(dir ? dir : "tests/data", "text/facets.json");
	if (file_read(path, &bytes, &err))
		fail_msg("%s", err.text);
	json *value = json_parse(bytes.p, bytes.len, &err);
	assert_non_null(value);
	str_release(&bytes);
	free(path);
	return value;
}

static void check_facet(const char *typed, const struct facet *facet, const json *wanted)
{
	static const char *const kinds[] = {"mention", "link", "tag"};
	const json *begin = json_next(json_first(wanted)), *end = json_next(begin), *target = json_next(end);
	int64_t from = -1, to = -1;
	struct str number = STR_INIT;
	json_print(begin, &number);
	assert_true(parse_i64(number.p, &from));
	str_clear(&number);
	json_print(end, &number);
	assert_true(parse_i64(number.p, &to));
	str_release(&number);
	if (!str_eq(kinds[facet->kind], json_text(json_first(wanted))) || (int64_t)facet->begin != from ||
	        (int64_t)facet->end != to || !str_eq(facet->target, json_text(target)))
		fail_msg("'%s': %s at %zu to %zu, '%s'", typed, kinds[facet->kind], facet->begin, facet->end,
		        facet->target);
}

static void every_vector_has_its_facets_where_its_bytes_are(void **state)
{
	(void)state;
	json *all = vectors();
	int seen = 0;
	for (const json *v = json_first(json_get(all, "vectors")); v; v = json_next(v), seen++) {
		struct arena arena = ARENA_INIT;
		struct facet_text out;
		const char *typed = json_str(v, "typed");
		facet_text_of(typed, &arena, &out);
		assert_string_equal(out.text, json_str_or(v, "text", typed));
		if (out.count != (int)json_count(json_get(v, "facets")))
			fail_msg("'%s' has %d facets", typed, out.count);
		const struct facet *facet = out.facets;
		for (const json *f = json_first(json_get(v, "facets")); f; f = json_next(f))
			check_facet(typed, facet++, f);
		if (json_get(v, "graphemes"))
			assert_int_equal(length_count(&length_bluesky, out.text, strlen(out.text), NULL),
			        json_int(v, "graphemes", -1));
		if (json_get(v, "bytes"))
			assert_int_equal(strlen(out.text), json_int(v, "bytes", -1));
		arena_release(&arena);
	}
	assert_int_equal(seen, 21);
	json_free(all);
}

/* Facets of Bluesky count bytes. UTF-16 units (9, 32, 65) or code points (9, 32, 63) would mark other letters. */
static void facets_are_in_order_and_none_lies_over_another(void **state)
{
	(void)state;
	static const char *const texts[] = {"@a.com @b.com https://a.com/@c.com #t #https://x.com a.com/#t",
	        "(https://a.com/(https://b.com) (@a.com)", "#a #b\n#c\xE2\x80\xA8#d \"a.com\" 'b.com'",
	        "\xFF@a.com \xFF https://\xFF.com/\xFF\xC3 #\xFF\xFF"};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct arena arena = ARENA_INIT;
		struct facet_text out;
		facet_text_of(texts[i], &arena, &out);
		assert_true(out.count > 0);
		for (int k = 0; k < out.count; k++) {
			assert_true(out.facets[k].begin < out.facets[k].end);
			assert_true(out.facets[k].end <= strlen(out.text));
			assert_true(k == 0 || out.facets[k - 1].end <= out.facets[k].begin);
		}
		arena_release(&arena);
	}
}

/* Each of these begins something at every other byte. Looked through from each of them, this takes minutes. */
static void a_text_that_is_all_beginnings_is_looked_through_once(void **state)
{
	(void)state;
	static const char *const parts[] = {"(a.", "(#", " #", "@a.", "(https://", "(a.com/", "a.com))", "(https://))"};
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		struct str text = STR_INIT;
		struct arena arena = ARENA_INIT;
		struct facet_text out;
		for (int n = 0; n < 50000; n++)
			str_adds(&text, parts[i]);
		facet_text_of(text.p, &arena, &out);
		assert_true(strlen(out.text) <= text.len);
		str_release(&text);
		arena_release(&arena);
	}
}

static void what_a_link_shows_is_known_from_where_it_leads(void **state)
{
	(void)state;
	static const struct {
		const char *text, *target;
		bool same;
	} links[] = {{"help.example.com/articles/42?...", "https://help.example.com/articles/42?ref=abc", true},
	        {"https://a.com", "http://www.a.com/", true}, {"a.com/b\u2026", "https://a.com/bcd", true},
	        {"a.co...", "https://a.com/bcd", false}, {"bank.example", "https://bank.example.evil.example/", false},
	        {"click here", "https://evil.example", false}, {"a.com/b", "https://a.com/c", false}};
	for (size_t i = 0; i < sizeof links / sizeof *links; i++)
		assert_int_equal(link_is_form_of(links[i].text, links[i].target, false), links[i].same);
}

static void top_level_domains_are_known_whole(void **state)
{
	(void)state;
	static const char *const known[] = {"co", "com", "museum", "рф"}, *const unknown[] = {
	                                                                          "c", "zzz", "", "com\nde", "COM"};
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		assert_true(domain_is_top_level(known[i], strlen(known[i])));
	for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++)
		assert_false(domain_is_top_level(unknown[i], strlen(unknown[i])));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_vector_has_its_facets_where_its_bytes_are),
	        cmocka_unit_test(facets_are_in_order_and_none_lies_over_another),
	        cmocka_unit_test(a_text_that_is_all_beginnings_is_looked_through_once),
	        cmocka_unit_test(what_a_link_shows_is_known_from_where_it_leads),
	        cmocka_unit_test(top_level_domains_are_known_whole),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
