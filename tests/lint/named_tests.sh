#!/bin/sh
# Each test that a table under tests/ names is there and is run; each row names one. One line a violation.
#
#     named_tests.sh [ROOT]
set -eu
cd "${1:-.}"
wrong=0

rows() {
	sed -n '/^|---/,$ { /^|---/d; /^|/p; }' "$1"
}

check_table() {
	table=$1
	named=0
	if rows "$table" | grep -vE '`tests/[a-z0-9_/]+\.c: [a-z0-9_]+`'; then
		echo "^ $table: no test is named"
		wrong=1
	fi
	for pair in $(rows "$table" | grep -oE '`tests/[a-z0-9_/]+\.c: [a-z0-9_]+`' | tr -d '` ' | LC_ALL=C sort -u); do
		file=${pair%%:*}
		test=${pair#*:}
		named=$((named + 1))
		if ! grep -qs "^static void $test(void \*\*state)\$" "$file"; then
			echo "$table: $file has no test $test"
			wrong=1
		elif [ "$(grep -cw "$test" "$file")" -lt 2 ]; then
			echo "$table: $test in $file is not run"
			wrong=1
		fi
	done
	if [ "$named" -eq 0 ]; then
		echo "$table: no tests are named at all"
		wrong=1
	fi
}

for table in tests/BADINPUT.md tests/HANDS.md tests/PROMISES.md; do
	check_table "$table"
done
exit $wrong
