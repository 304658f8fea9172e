#include "core/text/html.h"
#include "core/base/json.h"
#include "core/base/mem.h"
#include "core/base/paths.h"
#include "core/text/cells.h"
#include "core/text/utf8.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int utf8_locale(void **state)
{
	(void)state;
	return setlocale(LC_ALL, "C.UTF-8") ? 0 : -1;
}

static json *fixture(const char *name)
{
	struct str bytes;
	struct err err = ERR_INIT;
	str_init(&bytes, 1 << 20);
	const char *dir = getenv("CURLEW_TEST_DATA");
	char *path = path_join(dir ? dir : "tests/data", name);
	if (file_read(path, &bytes, &err))
		fail_msg("%s", err.text);
	json *value = json_parse(bytes.p, bytes.len, &err);
	assert_non_null(value);
	str_release(&bytes);
	free(path);
	return value;
}

static void check(const char *html, const char *wanted)
{
	struct str out = STR_INIT;
	assert_int_equal(html_to_text(html, strlen(html), NULL, &out, NULL), 0);
	assert_string_equal(out.p, wanted);
	assert_true(utf8_valid(out.p, out.len));
	str_release(&out);
}

static void a_status_of_mastodon_is_plain_text_with_its_links(void **state)
{
	(void)state;
	json *sample = fixture("text/status_html.json");
	const char *html = json_str(json_get(sample, "body"), "content");
	const json *expect = json_get(sample, "expect");
	struct str out = STR_INIT;
	struct html_links links = {0};
	assert_int_equal(html_to_text(html, strlen(html), NULL, &out, &links), 0);
	assert_string_equal(out.p, json_str(expect, "plain"));
	assert_int_equal(links.len, 3);
	assert_int_equal(links.at[0].kind, LINK_MENTION);
	assert_string_equal(links.at[0].href, "https://mastodon.example/@brandcare");
	assert_memory_equal(out.p + links.at[0].start, "@brandcare", links.at[0].end - links.at[0].start);
	assert_int_equal(links.at[1].kind, LINK_PLAIN);
	assert_string_equal(links.at[1].href, json_text(json_first(json_get(expect, "links"))));
	assert_memory_equal(out.p + links.at[1].start, links.at[1].href, strlen(links.at[1].href));
	assert_int_equal(links.at[2].kind, LINK_HASHTAG);
	html_links_release(&links);
	str_release(&out);
	json_free(sample);
}

/* The sample with hostile controls wants them gone; that is so once its text has gone through the door, save for marks.
 */
static void check_hostile(const char *text, const char *wanted)
{
	struct str shown = STR_INIT, rest = STR_INIT;
	assert_non_null(strchr(text, '\x1b'));
	text_clean(text, strlen(text), &shown);
	for (size_t at = 0; at < shown.len;) {
		uint32_t cp;
		size_t n = utf8_decode(shown.p + at, shown.len - at, &cp);
		assert_false(utf8_is_hidden(cp));
		if (cp != UTF8_REPLACEMENT && cp != 0x241B)
			str_add(&rest, shown.p + at, n);
		at += n;
	}
	assert_string_equal(rest.p, wanted);
	str_release(&shown);
	str_release(&rest);
}

static void the_markup_of_other_servers_is_plain_text_too(void **state)
{
	(void)state;
	json *sample = fixture("text/status_html.json");
	const struct html_options options = {.drop_quote_inline = true};
	int seen = 0;
	for (const json *i = json_first(json_get(sample, "foreign_markup")); i; i = json_next(i), seen++) {
		const char *html = json_str(i, "html"), *wanted = json_str(i, "plain");
		struct str out = STR_INIT;
		assert_int_equal(html_to_text(html, strlen(html), &options, &out, NULL), 0);
		if (str_starts(json_str(i, "origin"), "hostile"))
			check_hostile(out.p, wanted);
		else
			assert_string_equal(out.p, wanted);
		str_release(&out);
	}
	assert_int_equal(seen, 6);
	json_free(sample);
}

static void a_quote_that_is_shown_otherwise_is_left_out_on_request(void **state)
{
	(void)state;
	static const char html[] =
	        "<p class=\"quote-inline\">RE: <a href=\"https://a.example/1\">https://a.example/1</a></p>"
	        "<p>this</p>";
	check(html, "RE: https://a.example/1\n\nthis");
	const struct html_options options = {.drop_quote_inline = true};
	static const char forgotten[] = "<p>a</p><p class='x quote-inline'>RE: <a href='https://a.example/1'>text<p>b";
	struct str out = STR_INIT;
	struct html_links links = {0};
	html_to_text(forgotten, strlen(forgotten), &options, &out, &links);
	assert_string_equal(out.p, "a\n\nb");
	assert_int_equal(links.len, 0);
	html_links_release(&links);
	str_release(&out);
}

static void a_link_shows_its_target(void **state)
{
	(void)state;
	check("<a href='https://example.com/a/b'>example.com/a/b</a>", "https://example.com/a/b");
	check("<a href='https://example.com/'>https://EXAMPLE.com</a>", "https://example.com/");
	check("<a href='https://www.example.com/long'>example.com/lo\u2026</a>!", "https://www.example.com/long!");
	check("<a href='https://example.com/long'>example.com/lo...</a>", "https://example.com/long");
	check("see <a href=https://example.com/x> this </a> now", "see this <https://example.com/x> now");
	check("<a href='https://example.com/'></a>", "https://example.com/");
	check("<a>no target</a>", "no target");
	check("<a href='https://e.example/?a=1&amp;b=2&copy=3'>e.example/?a\u2026</a>",
	        "https://e.example/?a=1&b=2&copy=3");
}

static void a_link_that_says_another_address_shows_both(void **state)
{
	(void)state;
	check("<a href='https://evil.example/login'>https://bank.example/login</a>",
	        "https://bank.example/login <https://evil.example/login>");
	check("<a href='https://bank.example.evil.example/'>bank.example\u2026</a>",
	        "bank.example\u2026 <https://bank.example.evil.example/>");
	check("<a href='https://evil.example/'><span class='ellipsis'></span>b</a>", "b <https://evil.example/>");
	check("<a href='java\nscript:alert(1)'>ok</a>", "ok <javascript:alert(1)>");
	check("<a class='mention' href='https://evil.example/'>https://bank.example</a>",
	        "https://bank.example <https://evil.example/>");
	check("<a class='hashtag' href='https://evil.example/'>pay here</a>", "pay here <https://evil.example/>");
}

static void mentions_and_hashtags_show_what_they_say(void **state)
{
	(void)state;
	check("<a class='u-url mention' href='https://a.example/@x'>@<span>x</span></a>, hi", "@x, hi");
	check("@<a class='mention' href='https://a.example/x'>x</a> #<a rel=tag href='https://a.example/t'>t</a>",
	        "@x #t");
}

static void lists_are_marked_numbered_and_nested(void **state)
{
	(void)state;
	check("<ul><li>a</li><li>b<ul><li>c</li></ul></li><li>d</li></ul>after", "- a\n- b\n  - c\n- d\n\nafter");
	check("<ol><li>a</li><li value='7'>b</li><li>c</li></ol>", "1. a\n7. b\n8. c");
	check("<ol start=3 reversed><li>a<li>b</ol>", "3. a\n2. b");
	check("<ul><li><p>a</p></li><li><p>b</p><p>c</p></li></ul>", "- a\n- b\n  c");
	check("<ol start=9><li>a<br>b<li>c<br>d</ol>", "9. a\n   b\n10. c\n    d");
	check("<p>x</p><li>stray", "x\n\n- stray");
	check("<ol start='99999999999'><li>a</ol>", "1. a");
}

static void quotes_are_marked_on_every_line(void **state)
{
	(void)state;
	check("<blockquote><p>a<br>b</p><p>c</p></blockquote><p>d</p>", "> a\n> b\n>\n> c\n\nd");
	check("<blockquote>a<blockquote>b</blockquote></blockquote>", "> a\n>\n> > b");
	check("<blockquote><ul><li>a</li><li>b</li></ul></blockquote>", "> - a\n> - b");
}

static void preformatted_text_keeps_its_space(void **state)
{
	(void)state;
	check("<p>x</p><pre><code>\nif (a)\n  b;\n</code></pre>y", "x\n\nif (a)\n  b;\n\ny");
	check("<pre>a\n\nb</pre>", "a\n\nb");
	check("  a \n b  ", "a b");
}

static void breaks_and_paragraphs_are_newlines(void **state)
{
	(void)state;
	check("<p>a<br>b</p><p>c<br></p><p>d</p>", "a\nb\n\nc\n\nd");
	check("a<br><br>b<br><br><br><br><br>c", "a\n\nb\n\n\nc");
	check("<br><p></p><p> </p>a<br>", "a");
	check("<div>a</div><div>b</div>", "a\nb");
	check("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc");
	check("<p>a<p>b", "a\n\nb");
}

static void character_references_are_decoded(void **state)
{
	(void)state;
	check("&lt;b&gt; &amp;amp; &#x1F44B;&#128075;", "<b> &amp; \U0001F44B\U0001F44B");
	check("&eacute;&Eacute;&hellip;&euro;&thetasym;", "\u00E9\u00C9\u2026\u20AC\u03D1");
	check("&notit; &copy &amp&lt &hellip &nosuch; &;&", "\u00ACit; \u00A9 &< &hellip &nosuch; &;&");
	check("&#150;&#x80;&#0;&#xD800;&#x110000;&#99999999999999;", "\u2013\u20AC\uFFFD\uFFFD\uFFFD\uFFFD");
	check("&#; &#x; &#xZ; &#65 &#65", "&#; &#x; &#xZ; A A");
	check("a&nbsp;&nbsp;b", "a  b");
	struct str out = STR_INIT;
	assert_int_equal(html_decode("a &amp; &quot;b&quot; <i>\xFF", 26, &out), 0);
	assert_string_equal(out.p, "a & \"b\" <i>\uFFFD");
	str_release(&out);
}

static void what_is_no_text_is_passed_over(void **state)
{
	(void)state;
	check("a<script>if (a < b) alert('</p>')</script>b<style>p{}</STYLE >c", "abc");
	check("a<!-- > <p> -->b<!doctype html>c<?php ?>d", "abcd");
	check("<unknown>a</unknown><img class=emoji alt=':blob:' src=x> <img src=y>b", "a:blob: b");
	check("a<p title='>'>b</p>", "a\n\nb");
}

static void malformed_markup_gives_some_text(void **state)
{
	(void)state;
	check("1 < 2 <3 a<", "1 < 2 <3 a<");
	check("a</p></li></x>b", "ab");
	check("a<b", "a");
	check("a<a href=\"x", "a");
	check("<p><b>a</p>b", "a\n\nb");
	check("a<!-- b", "a");
	check("a<script>b", "a");
	check("<a href='https://e.example/'>x<p>y</p>z", "x <https://e.example/>\n\ny\n\nz");
	check("a\xFFz\xE2\x82", "a\uFFFDz\uFFFD");
	check("", "");
}

static void nul_is_a_mark(void **state)
{
	(void)state;
	struct str out = STR_INIT;
	assert_int_equal(html_to_text("a\0b", 3, NULL, &out, NULL), 0);
	assert_string_equal(out.p, "a\uFFFD"
	                           "b");
	str_release(&out);
}

static void depth_and_size_are_capped(void **state)
{
	(void)state;
	struct str html = STR_INIT, out;
	for (int i = 0; i < 20000; i++)
		str_adds(&html, "<blockquote><ul><li>");
	str_adds(&html, "deep<br>x");
	for (int i = 0; i < 20000; i++)
		str_adds(&html, "</li></ul></blockquote>");
	str_adds(&html, "<p>end</p>");
	str_init(&out, SIZE_MAX);
	assert_int_equal(html_to_text(html.p, html.len, NULL, &out, NULL), 0);
	assert_true(out.len < 200 && str_ends(out.p, "\n\nend"));
	str_release(&out);
	str_init(&out, 7);
	assert_int_equal(html_to_text("<p>abc\u7533\u7533\u7533", 15, NULL, &out, NULL), -1);
	assert_string_equal(out.p, "abc\u7533");
	str_release(&out);
	str_release(&html);
}

static void text_is_appended_to_what_stands_there(void **state)
{
	(void)state;
	struct str out = STR_INIT;
	str_adds(&out, "before: ");
	html_to_text("<p>a</p>", 8, NULL, &out, NULL);
	assert_string_equal(out.p, "before: a");
	str_release(&out);
}

static void no_cut_and_no_garbage_breaks_it(void **state)
{
	(void)state;
	static const char *const bits[] = {"<p>", "</p>", "<a href='", "<a href=x class=mention>", "</a>", "<ul>",
	        "<li>", "</ul>", "<ol start=5>", "<blockquote>", "</blockquote>", "<pre>", "</pre>", "<br>", "<!--",
	        "-->", "&#", "&amp", "<script>", "text ", "\n", "\xFF", "<span class='invisible'>", "</span>", "'",
	        "\"", ">", "<", "@x", "https://a.b/"};
	uint32_t seed = 11;
	for (int round = 0; round < 20000; round++) {
		struct str html = STR_INIT, out = STR_INIT;
		struct html_links links = {0};
		for (int n = 0; n < 20; n++) {
			seed = seed * 1664525u + 1013904223u;
			str_adds(&html, bits[(seed >> 8) % (sizeof bits / sizeof bits[0])]);
		}
		char *exact = mem_strndup(
		        html.p, html.len - (size_t)round % 3); /* its end is the heap's: a reader beyond it is seen */
		exact = mem_realloc(exact, html.len - (size_t)round % 3, 1);
		assert_int_equal(html_to_text(exact, html.len - (size_t)round % 3, NULL, &out, &links), 0);
		assert_true(utf8_valid(out.p, out.len));
		for (size_t i = 0; i < links.len; i++)
			assert_true(links.at[i].start <= links.at[i].end && links.at[i].end <= out.len);
		free(exact);
		html_links_release(&links);
		str_release(&out);
		str_release(&html);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_status_of_mastodon_is_plain_text_with_its_links),
	        cmocka_unit_test(the_markup_of_other_servers_is_plain_text_too),
	        cmocka_unit_test(a_quote_that_is_shown_otherwise_is_left_out_on_request),
	        cmocka_unit_test(a_link_shows_its_target),
	        cmocka_unit_test(a_link_that_says_another_address_shows_both),
	        cmocka_unit_test(mentions_and_hashtags_show_what_they_say),
	        cmocka_unit_test(lists_are_marked_numbered_and_nested),
	        cmocka_unit_test(quotes_are_marked_on_every_line),
	        cmocka_unit_test(preformatted_text_keeps_its_space),
	        cmocka_unit_test(breaks_and_paragraphs_are_newlines),
	        cmocka_unit_test(character_references_are_decoded),
	        cmocka_unit_test(what_is_no_text_is_passed_over),
	        cmocka_unit_test(malformed_markup_gives_some_text),
	        cmocka_unit_test(nul_is_a_mark),
	        cmocka_unit_test(depth_and_size_are_capped),
	        cmocka_unit_test(text_is_appended_to_what_stands_there),
	        cmocka_unit_test(no_cut_and_no_garbage_breaks_it),
	};
	return cmocka_run_group_tests(tests, utf8_locale, NULL);
}
