#!/bin/sh
# The manual is complete: every command, setting, default key, query word and option stands in its page. The tables
# themselves are generated (make man-check holds them); this is what would notice a table that was left out.
set -eu
wrong=0
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
		wrong=1
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
	wrong=1
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
	[ ! -s "$2" ] || wrong=1
}
comm -13 "$work/all" "$work/told" > "$work/lines"
tell "man/diagnostics.def, which no source says" "$work/lines"
comm -23 "$work/needed" "$work/told" > "$work/lines"
tell "an error that man/diagnostics.def lacks" "$work/lines"
exit $wrong
