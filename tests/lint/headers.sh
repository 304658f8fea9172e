#!/bin/sh
# Every header compiles alone, with the flags that every source file has. `make lint-headers` gives them:
#
#     headers.sh COMPILER FLAGS...
set -eu
wrong=0
count=0
for header in $(find core keymaps tui tests -path tests/lint/fixture -prune -o -name '*.h' -print | LC_ALL=C sort); do
	count=$((count + 1))
	# Included rather than compiled itself: `#pragma once` and the like would warn in a main file. A header that only
	# defines static things for its users is not asked to use them.
	if ! printf '#include "%s"\n' "$header" | "$@" -Werror -Wno-unused -fsyntax-only -x c -; then
		echo "$header does not compile alone"
		wrong=1
	fi
done
echo "headers: $count"
exit $wrong
