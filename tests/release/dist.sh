#!/bin/sh
# A tarball of the sources holds when two of one commit are the same bytes, and one of them, unpacked where there is no
# git, builds, passes the unit tests, and installs programs that say its version.
#
#     dist.sh TARBALL VERSION
set -eu
unset MAKEFLAGS MAKELEVEL
tarball=$(realpath "$1")
version=$2
again=$(mktemp -d)
trap 'rm -rf "$again"' EXIT
trap 'exit 1' INT TERM HUP

make -s dist BUILD="$again"
cmp "$tarball" "$again/dist/curlew-$version.tar.gz" || {
	echo "dist: the tarball of this commit is other bytes the second time"
	exit 1
}
[ "$(tar -tzf "$tarball" | grep -cv "^curlew-$version/")" = 0 ] || {
	echo "dist: $tarball has files outside of curlew-$version/"
	exit 1
}
tar -xzf "$tarball" -C "$again"
cd "$again/curlew-$version"
export GIT_DIR=/nonexistent
make -j2 all BUILD=build
make -j2 check-unit BUILD=build
make -s install BUILD=build DESTDIR="$again/root" PREFIX=/usr
for program in bin/curlew bin/curlewd libexec/curlew/curlew-rss libexec/curlew/curlew-replay; do
	said=$("$again/root/usr/$program" --version)
	[ "$said" = "$(basename "$program") $version" ] || {
		echo "dist: the installed $program says \"$said\""
		exit 1
	}
done
zcat "$again/root/usr/share/man/man1/curlew.1.gz" | grep -qxF ".Os curlew $version" || {
	echo "dist: the installed manual does not say $version"
	exit 1
}
if make -s dist BUILD="$again/none" > "$again/said" 2>&1 || ! grep -q 'run it in a clone' "$again/said"; then
	echo "dist: without git, make dist does not say what it needs"
	exit 1
fi
echo "dist: $(basename "$tarball") is reproducible, builds, passes its unit tests and installs without git"
