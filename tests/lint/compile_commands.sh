#!/bin/sh
# Prints compile_commands.json for every source file of the tree, for clang-tidy and editors:
#
#     compile_commands.sh "GNU FILES" COMPILER FLAGS...
set -eu
gnu=" $1 "
shift
command=$(printf '%s ' "$@" | sed 's/\\/\\\\/g; s/"/\\"/g')
directory=$(pwd)
comma=
echo '['
for file in $(find core keymaps man tui tests -path tests/lint/fixture -prune -o -name '*.c' -print | LC_ALL=C sort); do
	case $gnu in
	*" $file "*) more='-D_GNU_SOURCE ' ;;
	*) more= ;;
	esac
	# err.c defines what analyze.h wraps; OpenSSL's headers have an ERR_STATE too, and must come first.
	case $file in
	core/base/err.c | core/net/signature.c) ;;
	*) more="$more-include tests/lint/analyze.h " ;;
	esac
	printf '%s{"directory": "%s", "file": "%s", "command": "%s%s-c %s"}\n' "$comma" "$directory" "$file" "$command" \
		"$more" "$file"
	comma=,
done
echo ']'
