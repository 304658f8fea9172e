#!/bin/sh
# The linters are tested too: on a tree with one violation of each kind they report these, and no others.
set -eu
here=$(dirname "$0")
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
got=$tmp/got
tree=$tmp/tree
cp -r "$here/fixture" "$tree"

# What no repository should hold is made here.
printf 'int no_end;' > "$tree/tests/unit/end.c"
chmod +x "$tree/tests/unit/end.c"
awk 'BEGIN { for (i = 0; i < 801; i++) print "int x" i ";" }' > "$tree/tests/unit/long.c"

same() {
	[ -z "${UPDATE:-}" ] || cp "$got" "$1"
	if ! diff -u "$1" "$got"; then
		echo "selftest: $2 does not report what it should"
		exit 1
	fi
}

sh "$here/layers.sh" "$tree" > "$got" && { echo "selftest: layers.sh passes a wrong tree"; exit 1; }
# To whom a header belongs stands in layers.txt, which may grow.
sed -i 's/ belongs to .*/ belongs to others/' "$got"
same "$here/layers.expected" layers.sh
sh "$here/words.sh" "$tree" > "$got" && { echo "selftest: words.sh passes a wrong tree"; exit 1; }
same "$here/words.expected" words.sh
sh "$here/networks.sh" "$tree" > "$got" && { echo "selftest: networks.sh passes a wrong tree"; exit 1; }
same "$here/networks.expected" networks.sh
echo "selftest: layers, words, networks"
