#!/bin/sh
# The version stands in VERSION alone: the change log begins with it, the programs and the built pages of the manual say
# it, and no other file has it. One line a violation.
#
#     version.sh BUILD
set -eu
build=$1
version=$(cat VERSION)
wrong=0
complain() {
	echo "$*"
	wrong=1
}

echo "$version" | grep -qE '^[0-9]+\.[0-9]+\.[0-9]+$' || complain "VERSION: \"$version\" is no version: three numbers"
first=$(sed -n 's/^## //p' CHANGELOG.md | head -n 1)
case $first in
"$version — "*) ;;
*) complain "CHANGELOG.md begins with \"$first\", expected \"$version — \" and a date, or \"unreleased\"" ;;
esac
for program in curlew curlewd curlew-rss curlew-replay; do
	said=$("$build/$program" --version)
	[ "$said" = "$program $version" ] || complain "$build/$program says \"$said\", expected \"$program $version\""
done
for page in "$build"/man/*.[1578]; do
	grep -qxF ".Os curlew $version" "$page" || complain "$page: no .Os line with $version"
done

# Data for tests is as the world sent it, and versions of others look alike.
if grep -rnwF --include='*.[ch1578]' --include='*.def' --include='*.sh' --include='*.md' --include=Makefile \
	--include=run -- "$version" core keymaps man tui tests Makefile README.md CONTRIBUTING.md .ci |
	grep -v '^tests/\(data\|release\.md\|bench/results\.md\)'; then
	complain "^ it stands in VERSION; here it would be forgotten"
fi
exit $wrong
