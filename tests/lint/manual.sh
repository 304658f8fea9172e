#!/bin/sh
# The manual is complete: every command, setting, default key, query word and option stands in its page. The tables
# themselves are generated (make man-check holds them); this is what would notice a table that was left out.
set -eu
wrong=0

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
exit $wrong
