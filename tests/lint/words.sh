#!/bin/sh
# What no compiler sees: marks of unfinished work, paths of somebody's machine, white space at line ends, very long
# files, executable bits, and tests that are written but not run. One line a violation.
#
#     words.sh [ROOT]
set -eu
cd "${1:-.}"
wrong=0

# This file names what it looks for; data for tests is as the world sent it.
files() {
	find . \( -name .git -o -path './build*' -o -path ./tests/data -o -path ./tests/lint/fixture \) -prune -o \
		-type f ! -name words.sh ! -name '*.expected' "$@" -print | sed 's|^\./||' | LC_ALL=C sort
}

texts() {
	files \( -name '*.[ch1578]' -o -name '*.def' -o -name '*.sh' -o -name '*.md' -o -name '*.txt' -o -name '*.keys' \
		-o -name Makefile -o -name run -o -name '.clang*' \)
}

forbid() {
	if texts | xargs -r grep -nE -- "$2" /dev/null; then
		echo "^ $1"
		wrong=1
	fi
}

forbid "unfinished work" '\b(TODO|FIXME|XXX|HACK|TBD)\b'
forbid "a path of one machine" '(^|[^A-Za-z0-9_.*])/root(/|[^A-Za-z0-9_]|$)'
forbid "white space at the end" '[[:space:]]$'
forbid "a relative include" '#[[:space:]]*include[[:space:]]+"\.'
forbid "conflict marks" '^(<<<<<<<|>>>>>>>) '

for file in $(texts); do
	lines=$(wc -l < "$file")
	if [ "$lines" -gt 800 ] && ! head -n 12 "$file" | grep -q 'long because'; then
		echo "$file: $lines lines, and its first lines do not say \"long because …\""
		wrong=1
	fi
	if [ -s "$file" ] && [ -n "$(tail -c 1 "$file")" ]; then
		echo "$file: no new line at the end"
		wrong=1
	fi
	case $(head -c 2 "$file") in
	'#!') ;;
	*)
		if [ -x "$file" ]; then
			echo "$file: executable, but not a program"
			wrong=1
		fi
		;;
	esac
done

# A test is a `static void name(void **state)`; its name stands a second time where it is run.
for file in $(files -path './tests/*_test.c'); do
	awk -v file="$file" '
		/^static void [a-z0-9_]+\(void \*\*[a-z_]+\)$/ { name = $3; sub(/\(.*/, "", name); tests[name] = 1; next }
		{
			rest = $0
			while (match(rest, /[a-z0-9_]+/)) {
				used[substr(rest, RSTART, RLENGTH)] = 1
				rest = substr(rest, RSTART + RLENGTH)
			}
		}
		END {
			for (name in tests)
				if (!used[name]) { print file ": " name " is not run"; wrong = 1 }
			exit wrong
		}' "$file" || wrong=1
done
exit $wrong
