/* Any bytes at the door to the screen: each unit is what a cell can hold and a terminal does not act on. */
#include "tests/fuzz/fuzz.h"

#include "core/text/cells.h"
#include "core/text/wrap.h"

#include <locale.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	must(setlocale(LC_ALL, "C.UTF-8"));
	return 0;
}

static void check_unit(const struct cluster *unit)
{
	int code_points = 0;
	must(unit->len > 0 && unit->len < sizeof unit->bytes && unit->bytes[unit->len] == '\0');
	must(unit->cells == 1 || unit->cells == 2);
	for (size_t at = 0; at < unit->len;) {
		uint32_t cp;
		must(utf8_valid(unit->bytes, unit->len));
		at += utf8_decode(unit->bytes + at, unit->len - at, &cp);
		must(cp >= 0x20 && !utf8_is_hidden(cp));
		code_points++;
	}
	must(code_points <= 5);
}

static int walk(const char *text, size_t len)
{
	struct cluster unit;
	int cells = 0;
	for (size_t at = 0; at < len;) {
		size_t next = cells_next(text, len, at, &unit);
		must(next > at && next <= len);
		check_unit(&unit);
		cells += unit.cells;
		at = next;
	}
	return cells;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str clean = STR_INIT, kept = STR_INIT;
	int fits, all = walk((const char *)data, size);
	must(cells_width((const char *)data, size) == all);
	for (int most = 0; most < 12; most++)
		must(cells_fit((const char *)data, size, most, &fits) <= size && fits <= most);
	must(text_clean((const char *)data, size, &clean) == 0);
	for (size_t at = 0; at < clean.len;) {
		uint32_t cp;
		at += utf8_decode(clean.p + at, clean.len - at, &cp);
		must(!utf8_is_hidden(cp));
	}
	must(utf8_repair((const char *)data, size, &kept) == 0);
	must(utf8_valid(kept.p, kept.len) && !memchr(kept.p, '\0', kept.len));
	str_release(&clean);
	str_release(&kept);
	return 0;
}
