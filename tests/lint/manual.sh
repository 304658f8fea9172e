#!/bin/sh
# The manual is complete: every command, setting, key, query word, error that needs a person, variable, signal, and every
# name that is read or written in JSON stands in its page, and none that is not there any more. The tables themselves are
# generated (make man-check holds them); this is what would notice a table that was left out, and what is written by hand.
# Options and subcommands are compared by tests/e2e/help_test.c.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The second column of the X rows of a .def file.
words() {
	tr '\n' ' ' < "$1" | grep -oE "\b$2\([A-Za-z_]+, *\"[^\"]+\"" | grep -v '(NAME,' |
		sed 's/.*"\(.*\)"/\1/'
}

need() {
	if ! grep -qF -- "$2" "$1"; then
		echo "$1: nothing says $2"
		: > "$work/wrong"
	fi
}

for name in $(words tui/desk/command.def X); do
	need man/curlew.1 ".It Ic \"$name\""
done
for name in $(words core/model/query.def X); do
	grep -qE "^\.It Cm \"$name:?\"" man/curlew.1 || need man/curlew.1 "query word $name"
done
for kind in DESK ACCOUNT TEAM VIEW CANNED MACRO; do
	for name in $(grep -oE "^$kind\([a-z_]+, " core/config/settings.def | sed 's/.*(\(.*\), /\1/'); do
		need man/curlew.conf.5 ".It Cm $name No = Ar"
	done
done

rows=$(grep -c '^bind ' keymaps/default.keys)
said=$(sed -n '/^\.\\" begin keys/,/^\.\\" end keys/p' man/curlew-keys.5 | grep -c '^\.It ' || true)
if [ "$rows" != "$said" ]; then
	echo "man/curlew-keys.5: $said keys, and keymaps/default.keys binds $rows"
	: > "$work/wrong"
fi

# --- diagnostics: errors in words, each value as …

shown() {
	sed -E -e 's/%" *PRI[A-Za-z0-9]+ *"/…/g' -e 's/" *"//g' -e 's/%%/\n/g' -e 's/%[-0-9.*]*(ll|l|z|h)?[a-zA-Z]/…/g' \
		-e 's/\n/%/g' -e 's/(…)+/…/g' -e 's/^[^"]*"//' -e 's/" *$//' -e 's/\\"/"/g'
}

# What is set with one of these codes (an extended regular expression).
errors() {
	find core tui keymaps -name '*.c' -exec cat {} + | tr '\n\t' '  ' |
		grep -oE 'err_set\([^";]*("([^"\\]|\\.)*" *(PRI[A-Za-z0-9]+ *)?)+' | grep -E "^[^\"]*ERR_($1)|^[^\"]*, *code *," | shown | sort -u
}

errors '[A-Z_]+' > "$work/all"
errors 'PERMISSION|BUSY|TOO_NEW|UNAVAILABLE|CONFIG' | grep -vE '^(…: )?found ' | grep -E '([a-z].*){8}' > "$work/needed"
sed -n 's/^X([A-Z]*, \("\([^"\\]\|\\.\)*"\), .*/\1/p' man/diagnostics.def | shown | sort -u > "$work/told"
tell() {
	sed "s|^|$1: |" "$2"
	[ ! -s "$2" ] || : > "$work/wrong"
}
comm -13 "$work/all" "$work/told" > "$work/lines"
tell "man/diagnostics.def, which no source says" "$work/lines"
comm -23 "$work/needed" "$work/told" > "$work/lines"
tell "an error that man/diagnostics.def lacks" "$work/lines"

# --- words of tables that pages have by hand

# The words of a table of core/model: NAME_TABLE(X) X(A, "word")….
table() {
	awk -v name="define $1_TABLE" 'index($0, name) { on = 1 } on { print } !/\\$/ { on = 0 }' core/model/*.h |
		grep -oE '"[^"]*"' | tr -d '"'
}

# need_words PAGE PREFIX: each line of standard input stands in the page, behind the prefix.
need_words() {
	while IFS= read -r word; do need "$1" "$2$word"; done
}

table ACCOUNT_STATE | need_words man/curlew.1 '.It Sy '
table REPLY_STATE | need_words man/curlew.1 '.It Sy '
table CASE_STATUS | need_words man/curlew.1 '.Sy '
for name in VISIBILITY DIRECTION; do table $name | need_words man/curlew-adapter.7 '.Ql '; done

# The page's line behind a word of queries has all that can stand there.
for name in IS HAS; do
	said=$(grep -A1 -iF ".It Cm \"$name:\"" man/curlew.1 | tail -n 1)
	for word in $(table QUERY_$name); do
		echo "$said" | grep -qE "(^|[ ,])$word(,|\$| )" || need man/curlew.1 "$name:$word"
	done
done

# The words of an array in a source file, behind its declaration.
array() {
	tr '\n' ' ' < "$1" | grep -oE "$2[^;]*;" | grep -oE '"[^"]*"' | tr -d '"'
}

for word in $(array tui/view/theme_file.c 'colour_words\[\]') $(array tui/view/theme_file.c 'attr_words\[\]'); do
	grep -qE "^\.(Cm|Op Cm).* ?$word( |$)" man/curlew.conf.5 || need man/curlew.conf.5 "a colour or attribute $word"
done
for word in $(array keymaps/chord.c '} names\[\]'); do
	[ "$word" = Return ] || need man/curlew-keys.5 "<$word>"
done
for word in $(grep -oE 'IS\("[a-z]+"\)' tui/desk/canned.c | grep -oE '[a-z]+'); do
	need man/curlew.conf.5 ".Ql {$word}"
done
for type in $(grep -oE '^[A-Z]+\([a-z_]+, [A-Z]+,' core/config/settings.def | sed 's/.* \(.*\),/\1/' | sort -u); do
	need man/curlew.conf.5 ".It Ar $type"
done

for word in $(array tui/desk/command.c 'keymap_mode modes\[\]'); do
	sed -n '/^\.Ss Modes/,/^\.Ss Keys/p' man/curlew-keys.5 | grep -qE "^\.Cm (.* )?$word( |$)" || need man/curlew-keys.5 "mode $word"
done
grep -oE '^	X\([A-Z_]+, "[a-z_]+", ' core/model/credential.h | grep -oE '[a-z_]{2,}' | while read -r word; do
	grep -qE "^\.Cm (.* )?$word( |$)" man/curlew.conf.5 || need man/curlew.conf.5 "secret $word"
done
for word in $(tr '\n' ' ' < tui/desk/macro.c | grep -oE 'command_id [a-z_]+\[\] = [^;]*;' | grep -oE 'CMD_[A-Z_]+' | sed 's/^CMD_//'); do
	word=$(echo "$word" | tr 'A-Z_' 'a-z-')
	sed -n '/^\.Sh MACROS/,/^\.Sh THEMES/p' man/curlew.conf.5 | grep -qE "^\.Ic (.* )?$word( |$)" || need man/curlew.conf.5 "macro command $word"
done

# --- the environment, and signals that are caught

for name in $(grep -rhoE 'getenv\("[A-Z_a-z]+"\)' core tui keymaps | grep -oE '[A-Z_a-z]{2,}' | sed '/getenv/d' | sort -u); do
	grep -hE '^\.It Ev ' man/*.[158] | grep -qE " $name( |$)" || need man/curlew.1 "variable $name"
done
for name in $(array core/base/child.c 'kept\[\]'); do
	grep -qF -- " $name" man/curlewd.8 || need man/curlewd.8 "variable $name"
done
for name in $(grep -ohE 'SIG(WINCH|HUP|TERM|INT|USR1|USR2|CHLD)' tui/app.c core/courier/session.c | sort -u); do
	grep -hE '^\.It Dv ' man/*.[158] | grep -qE " $name( |$)" || need man/curlew.1 "signal $name"
done

# --- names in JSON: those of the source and those of the page are the same

# The members that these files read or write.
members() {
	cat "$@" | tr '\n\t' '  ' | grep -oE '(json_(get|str|str_or|int|num|bool|set|set_str|set_int|set_num|set_bool|set_time)|record_(text|id|time)|words|small_int|size_of|price_of|count_of|set_time|set_text|set_or_null)\([^"();]*(\([^()]*\)[^"();]*)?, *"[a-z_]+"' |
		sed 's/.*"\(.*\)"/\1/' | sort -u
}

# What a page, or the part of it between two lines, has as names of members.
written() {
	sed -n "$2" "$1" | grep -E '^\.(It )?Va |[. (]Va ' | sed -E 's/^\.(It )?//' |
		awk '{ on = 0; for (i = 1; i <= NF; i++) if ($i == "Va") on = 1; else if ($i ~ /^(No|Pq|Cm|Ql|Ar)$/) on = 0; else if (on && $i ~ /^[a-z_]+$/) print $i }' | sort -u
}

# same WHAT: $work/read and $work/page have the same lines.
same() {
	comm -23 "$work/read" "$work/page" > "$work/lines"
	tell "$1 lacks" "$work/lines"
	comm -13 "$work/read" "$work/page" > "$work/lines"
	tell "$1 has, and no source" "$work/lines"
}

sed -n '/^json \*media_json/,/^}/p' tui/cli_words.c > "$work/media.c"
members tui/cli_query.c tui/cli_show.c tui/cli_report.c "$work/media.c" > "$work/read"
sed -n '/^static int print_customer/,/^static int export_customer/p' tui/cli_export.c > "$work/export.c"
members "$work/export.c" >> "$work/read"
sort -u -o "$work/read" "$work/read"
written man/curlew.1 '/^\.Sh JSON OUTPUT/,/^Actions, as/p' > "$work/page"
same "JSON OUTPUT in man/curlew.1"

members core/courier/escalate_text.c > "$work/read"
written man/curlewd.8 '/^\.Ss Escalations/,/^\.Sh/p' > "$work/page"
same "Escalations in man/curlewd.8"

# What the adapter's other side says is in its own files; what `curlew export` prints are records, too.
sed '/^static int print_customer/,$d' tui/cli_export.c > "$work/export.c"
{
	members core/network/adapter.c core/network/adapter_decode.c core/network/adapter_calls.c core/network/adapter_keep.c \
		core/network/adapters/speak.c \
		core/model/record.c tui/import_record.c "$work/export.c" "$work/media.c"
	array core/model/record.c 'keys\[\]'
} | sort -u > "$work/read"
written man/curlew-adapter.7 '1,$p' > "$work/page"
same "man/curlew-adapter.7"
{
	array core/network/adapter_decode.c '} types\[\]'
	array core/network/adapter_decode.c '} outcomes\[\]'
	grep -ohE '(line_of|call_new|ask_about)\([^"]*"[a-z-]+"' core/network/adapter.c core/network/adapter_calls.c | sed 's/.*"\(.*\)"/\1/'
	table REPLY_KIND
} | sort -u > "$work/read"
for word in $(cat "$work/read"); do
	grep -qE "^\.(It )?Ql (.* )?$word( |$)" man/curlew-adapter.7 || need man/curlew-adapter.7 "type, call or outcome $word"
done

[ ! -e "$work/wrong" ]
