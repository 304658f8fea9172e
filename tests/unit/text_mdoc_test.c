#include "core/text/mdoc.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define HEAD ".Dd November 27, 2026\n.Dt TERN 1\n.Os\n.Sh NAME\n.Nm tern\n.Nd a bird\n"

/* The page's text behind NAME, bold as *…*. */
static void expect(const char *source, const char *wanted)
{
	struct mdoc_page page;
	struct err err = ERR_INIT;
	struct str all = STR_INIT, text = STR_INIT;
	str_addf(&all, "%s%s", HEAD, source);
	assert_int_equal(mdoc_read(all.p, 40, &page, &err), 0);
	const char *at = strstr(page.text.p, "a bird\n");
	for (at += strlen("a bird\n"); *at; at++)
		str_addc(&text, *at == MDOC_BOLD || *at == MDOC_PLAIN ? '*' : *at);
	assert_string_equal(text.p, wanted);
	mdoc_release(&page);
	str_release(&all);
	str_release(&text);
}

static void a_page_has_a_title_and_says_what_it_is_about(void **state)
{
	(void)state;
	struct mdoc_page page;
	struct err err = ERR_INIT;
	assert_int_equal(mdoc_read(HEAD, 40, &page, &err), 0);
	assert_string_equal(page.title, "tern(1)");
	assert_string_equal(page.about, "a bird");
	assert_string_equal(page.text.p, "\001NAME\002\n     \001tern\002 \u2013 a bird\n");
	mdoc_release(&page);
}

static void lines_are_filled_and_marks_stand_at_their_words(void **state)
{
	(void)state;
	expect(".Sh SEA\nOf the terns\n.Nm\nis one; see\n.Xr gull 7 ,\n.Pq Ql a , b No or Em c .\nand\n.Op Fl -far Ar "
	       "where .\n",
	        "\n*SEA*\n     Of the terns *tern* is one; see\n     gull(7), (\u2018a, b or c\u2019). and [*--far*\n  "
	        "   where].\n");
	expect(".Sh SEA\nA\n.Cm \\(haX\n.Po\nand\n.Ns B\n.Pc .\n.Pp\nx\\ y \\e \\(ti\\(ga\\(dq\\-\\&.\n",
	        "\n*SEA*\n     A *^X* (andB).\n\n     x\u00a0y \\ ~`\"-.\n");
}

static void a_call_begins_a_line_and_goes_on_behind_its_name(void **state)
{
	(void)state;
	expect(".Sh SYNOPSIS\n.Nm\n.Op Fl v\n.Ar\n.Nm\n.Fl -where Ar place\n.Op Fl -when Ar time of day\n",
	        "\n*SYNOPSIS*\n     *tern* [*-v*] file ...\n     *tern* *--where* place [*--when* time of\n          "
	        "day]\n");
}

static void lists_hang_behind_their_heads(void **state)
{
	(void)state;
	expect(".Sh A\n.Bl -tag -width Ds\n.It Fl x\nshort\n.It Cm longer Ar word\nbelow\n.El\nafter\n",
	        "\n*A*\n     *-x*      short\n\n     *longer* word\n             below\n     after\n");
	expect(".Sh A\n.Bl -tag -width Ds\n.It a long head that needs two lines, it does\nbelow\n.El\n",
	        "\n*A*\n     a long head that needs two lines,\n     it does\n             below\n");
	expect(".Sh A\n.Bl -enum\n.It\none\n.It\ntwo\n.El\n", "\n*A*\n     1.  one\n\n     2.  two\n");
	expect(".Sh A\n.Bl -tag -width ab -compact\n.It Ql a\n1\n.Bl -tag -width b -compact\n.It b\n2\n.El\n.El\n",
	        "\n*A*\n     \u2018a\u2019 1\n         b  2\n");
	expect(".Sh A\n.Bl -column abc defg\n.It x y Ta z\n.It u Ta v\n.El\n", "\n*A*\n     x y  z\n     u    v\n");
}

static void what_is_literal_stands_as_it_is(void **state)
{
	(void)state;
	expect(".Sh A\nb\n.Bd -literal -offset indent\n$ c  | d\n    e\n.Ed\n.Pp\nf\n.Pp\n.Dl $ g Ar h\n",
	        "\n*A*\n     b\n\n           $ c  | d\n               e\n\n     f\n\n           $ g h\n");
}

static void expect_part(const struct mdoc_page *page, size_t at, const char *names, int section, const char *text)
{
	const struct mdoc_part *part = &page->parts.at[at];
	assert_string_equal(part->names, names);
	assert_int_equal(part->section, section);
	assert_int_equal(part->to - part->from, strlen(text));
	assert_memory_equal(page->text.p + part->from, text, strlen(text));
}

static void parts_have_the_names_by_which_they_are_asked_for(void **state)
{
	(void)state;
	struct mdoc_page page;
	struct err err = ERR_INIT;
	assert_int_equal(
	        mdoc_read(".Sh A B\n.Ss c\n.Bl -tag -width Ds\n.It Cm go Ar where Op Fl -far | Fl -near Ar x\nd\n"
	                  ".It Va id , name No * Pq import\ne\n.It \"it is \\(dqgone\\(dq\"\nf\n.El\n.Sh D\n",
	                78, &page, &err),
	        0);
	assert_int_equal(page.parts.len, 6);
	assert_string_equal(page.parts.at[1].names, "c\n");
	assert_int_equal(page.parts.at[1].to, page.parts.at[5].from);
	expect_part(&page, 2, "go\n--far\n--near\n", 1,
	        "     \001go\002 where [\001--far\002 | \001--near\002 x]\n             d\n");
	expect_part(&page, 3, "id\nname\n", 1, "     id, name * (import)\n             e\n");
	expect_part(&page, 4, "it is \"gone\"\n", 1, "     it is \"gone\"\n             f\n");
	expect_part(&page, 5, "D\n", -1, "\001D\002\n");
	assert_string_equal(page.parts.at[0].names, "A B\n");
	mdoc_release(&page);
}

static void what_it_does_not_know_is_an_error_with_its_line(void **state)
{
	(void)state;
	static const struct {
		const char *source, *why;
	} wrong[] = {
	        {".Sh A\n.Zz x\n", "line 2: unknown macro \"Zz\""},
	        {".Sh A\nx \\(zz\n", "line 2: unknown character \"\\(zz\""},
	        {".It a\n", "line 1: an item without a list \"It\""},
	        {".El\n", "line 1: no list ends here \"El\""},
	        {".Bl -tag -wide\n", "line 1: unknown word of a list \"-wide\""},
	        {".Bl -tag -width Ds\n", "line 1: a list does not end before \"the end\""},
	};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		struct mdoc_page page;
		struct err err = ERR_INIT;
		assert_int_equal(mdoc_read(wrong[i].source, 78, &page, &err), -ERR_DATA);
		assert_string_equal(err.text, wrong[i].why);
		mdoc_release(&page);
	}
}

int main(void)
{
	setlocale(LC_CTYPE, "C.UTF-8");
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_page_has_a_title_and_says_what_it_is_about),
	        cmocka_unit_test(lines_are_filled_and_marks_stand_at_their_words),
	        cmocka_unit_test(a_call_begins_a_line_and_goes_on_behind_its_name),
	        cmocka_unit_test(lists_hang_behind_their_heads),
	        cmocka_unit_test(what_is_literal_stands_as_it_is),
	        cmocka_unit_test(parts_have_the_names_by_which_they_are_asked_for),
	        cmocka_unit_test(what_it_does_not_know_is_an_error_with_its_line),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
