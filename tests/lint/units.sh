#!/bin/sh
# units.sh DIR: the units of systemd as they would be installed, into DIR: systemd knows every line, and the machine's
# is exposed to hardly anything (systemd-analyze security: 0 is nothing, 100 everything). The account and the directories
# that it needs come to be, in a root of their own under DIR, as the store wants them.
set -eu

dir=$1
mkdir -p "$dir"
for kind in system user; do
	unit=$dir/curlewd-$kind.service
	sed 's|@PREFIX@/bin/curlewd|/bin/true|' "core/courier/systemd/curlewd.$kind" > "$unit"
	said=$(systemd-analyze verify --man=no "$unit" 2>&1 | grep -F "curlewd-$kind" || true)
	if [ -n "$said" ]; then
		echo "$said"
		exit 1
	fi
done
systemd-analyze security --offline=true --threshold=15 --no-pager "$dir/curlewd-system.service" > "$dir/exposure" || {
	cat "$dir/exposure"
	exit 1
}

root=$dir/root
rm -rf "$root"
mkdir -p "$root/usr/lib/sysusers.d" "$root/usr/lib/tmpfiles.d" "$root/etc"
for kind in sysusers tmpfiles; do
	cp "core/courier/systemd/curlew.$kind" "$root/usr/lib/$kind.d/curlew.conf"
done
# Giving files away needs root: others are told whom they would be given to.
id -u | grep -qx 0 || sed -i "s/ \(curlew curlew\|root root\)$/ $(id -u) $(id -g)/" "$root/usr/lib/tmpfiles.d/curlew.conf"
for time in first second; do
	systemd-sysusers --root="$root" curlew.conf > "$dir/said" 2>&1 || { cat "$dir/said"; exit 1; }
	systemd-tmpfiles --root="$root" --create curlew.conf > "$dir/said" 2>&1 && [ ! -s "$dir/said" ] || { cat "$dir/said"; exit 1; }
done

# expect WHAT FOUND EXPECTED
expect() {
	[ "$2" = "$3" ] || { echo "$1: found $2, expected $3"; exit 1; }
}
expect account "$(cut -d: -f1,5-7 "$root/etc/passwd" | grep ^curlew)" "curlew:curlew's courier:/var/lib/curlew-courier:/usr/sbin/nologin"
expect group "$(cut -d: -f1 "$root/etc/group" | grep ^curlew)" curlew
expect store "$(stat -c %a "$root/var/lib/curlew")" 2770
expect home "$(stat -c %a "$root/var/lib/curlew-courier")" 700
expect configuration "$(stat -c %a:%u "$root/etc/curlew")" "755:$(id -u)"
if [ "$(id -u)" = 0 ]; then
	expect owner "$(stat -c %u:%g "$root/var/lib/curlew")" "$(sed -n 's/^curlew:[^:]*:\([0-9]*:[0-9]*\):.*/\1/p' "$root/etc/passwd")"
fi
