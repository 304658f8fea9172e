/* Feeds in the shapes that the world sends. */
#include "core/base/paths.h"
#include "core/network/adapters/feed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

struct read {
	struct arena arena;
	struct feed feed;
	struct err err;
	int rc;
};

static void parse(struct read *r, const char *bytes, size_t len, const char *base)
{
	*r = (struct read){.arena = ARENA_INIT, .err = ERR_INIT};
	r->rc = feed_parse(bytes, len, base, &r->arena, &r->feed, &r->err);
}

static void parse_file(struct read *r, const char *name, const char *base)
{
	struct str bytes = STR_INIT, path = STR_INIT;
	struct err err = ERR_INIT;
	str_addf(&path, "%s/feed/%s", str_or(getenv("CURLEW_TEST_DATA"), "tests/data"), name);
	if (file_read(path.p, &bytes, &err))
		fail_msg("%s", err.text);
	parse(r, bytes.p, bytes.len, base);
	str_release(&bytes);
	str_release(&path);
}

static void a_blogs_rss_is_read_with_its_whole_text(void **state)
{
	struct read r;
	(void)state;
	parse_file(&r, "blog.rss", "https://tea.example/feed/");
	assert_int_equal(r.rc, 0);
	assert_string_equal(r.feed.title, "Tea & Kettles");
	assert_int_equal(r.feed.ttl_ms, 3600000);
	assert_int_equal(r.feed.count, 2);
	const struct feed_entry *first = &r.feed.entries[0], *second = &r.feed.entries[1];
	assert_string_equal(first->id, "https://tea.example/?p=4711");
	assert_string_equal(first->title, "Six weeks with the Acme K2 – a verdict");
	assert_string_equal(first->text,
	        "The lid came off on day three.\n\nNobody at Acme <https://acme.example/help> has "
	        "answered & I asked twice.");
	assert_string_equal(first->url, "https://tea.example/2026/11/acme-k2/?utm_source=rss&utm_medium=feed");
	assert_string_equal(first->author, "Ines Marlow");
	assert_true(first->published == INT64_C(1795252445000)); /* 2026-11-21T09:14:05Z */
	assert_string_equal(second->url, "https://tea.example/2026/11/nambu/");
	assert_string_equal(second->image, "https://tea.example/nambu.jpg");
	assert_true(second->published == INT64_C(1795215600000)); /* 2026-11-20T23:00:00Z */
	arena_release(&r.arena);
}

static void a_forums_atom_is_read_with_html_and_xhtml(void **state)
{
	struct read r;
	(void)state;
	parse_file(&r, "forum.atom", "https://forum.example/app.php/feed");
	assert_int_equal(r.feed.count, 2);
	const struct feed_entry *first = &r.feed.entries[0], *second = &r.feed.entries[1];
	assert_string_equal(first->id, "https://forum.example/viewtopic.php?p=991#p991");
	assert_string_equal(first->author, "kettle_fan");
	assert_non_null(strstr(first->title, "Kitchen • Re: Acme kettle"));
	assert_string_equal(first->text, "> ships in two days\n\nMine took three weeks.\nRefund refused.");
	assert_true(first->updated - first->published == INT64_C(18) * 60000);
	assert_string_equal(second->title, "Plain & simple <b>");
	assert_string_equal(second->text, "First.\n\nSecond 🍵 cup.");
	assert_string_equal(second->url, "https://forum.example/app.php/viewtopic.php?p=990");
	assert_true(second->published == second->updated);
	arena_release(&r.arena);
}

static void rss_of_the_first_kind_is_read_in_its_own_encoding(void **state)
{
	struct read r;
	(void)state;
	parse_file(&r, "reviews.rdf", "https://reviews.example/");
	assert_int_equal(r.feed.count, 1);
	assert_string_equal(r.feed.entries[0].title, "Café owner on acme");
	assert_string_equal(r.feed.entries[0].id, "https://reviews.example/5");
	assert_string_equal(r.feed.entries[0].author, "J. Doe");
	assert_true(r.feed.entries[0].published == INT64_C(1795165200000)); /* 2026-11-20T09:00:00Z */
	arena_release(&r.arena);
}

static void what_is_sloppy_is_read_as_far_as_it_goes(void **state)
{
	struct read r;
	(void)state;
	parse_file(&r, "sloppy.rss", "https://sloppy.example/");
	assert_int_equal(r.rc, 0);
	assert_int_equal(r.feed.count, 2);
	assert_string_equal(r.feed.entries[0].id, "77");
	assert_string_equal(r.feed.entries[0].title, "Acme again — café");
	assert_string_equal(r.feed.entries[0].text, "No prefix < declared");
	assert_string_equal(r.feed.entries[0].author, "Sam Hill");
	assert_string_equal(r.feed.entries[0].url, "");
	assert_true(r.feed.entries[0].published == INT64_C(1795312800000)); /* 2026-11-22T02:00:00Z */
	assert_string_equal(r.feed.entries[1].title, "Cut off here");
	assert_true(strlen(r.feed.entries[1].id) == 16);
	arena_release(&r.arena);
}

static void nothing_that_a_document_declares_is_expanded_or_fetched(void **state)
{
	struct read r;
	(void)state;
	parse_file(&r, "bomb.rss", "https://bomb.example/");
	assert_int_equal(r.rc, 0);
	assert_int_equal(r.feed.count, 1);
	assert_string_equal(r.feed.entries[0].title, "before after");
	assert_string_equal(r.feed.entries[0].text, "acme");
	arena_release(&r.arena);
}

static void what_is_no_feed_is_called_that(void **state)
{
	static const char *const wrong[] = {"", "hello", "<html><body>503</body></html>", "<rss></rss>", "{}"};
	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		struct read r;
		parse(&r, wrong[i], strlen(wrong[i]), "https://a.example/");
		assert_int_equal(r.rc, -ERR_DATA);
		assert_non_null(strstr(r.err.text, "it is no feed"));
		assert_int_equal(r.feed.count, 0);
		arena_release(&r.arena);
	}
}

static void an_address_is_absolute_and_of_the_web(void **state)
{
	static const char *const each[][2] = {{"/b", "https://a.example/b"}, {"c?d=1", "https://a.example/x/c?d=1"},
	        {"//b.example/", "https://b.example/"}, {"javascript:alert(1)", NULL}, {"file:///etc/passwd", NULL},
	        {"", NULL}, {"http://c.example/", "http://c.example/"}};
	(void)state;
	for (size_t i = 0; i < sizeof each / sizeof *each; i++) {
		char *url = feed_address(each[i][0], "https://a.example/x/y");
		assert_true(str_eq(url, each[i][1]));
		free(url);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_blogs_rss_is_read_with_its_whole_text),
	        cmocka_unit_test(a_forums_atom_is_read_with_html_and_xhtml),
	        cmocka_unit_test(rss_of_the_first_kind_is_read_in_its_own_encoding),
	        cmocka_unit_test(what_is_sloppy_is_read_as_far_as_it_goes),
	        cmocka_unit_test(nothing_that_a_document_declares_is_expanded_or_fetched),
	        cmocka_unit_test(what_is_no_feed_is_called_that),
	        cmocka_unit_test(an_address_is_absolute_and_of_the_web),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
