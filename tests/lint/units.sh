#!/bin/sh
# units.sh DIR: the units of systemd as they would be installed, into DIR: systemd knows every line, and the machine's
# is exposed to hardly anything (systemd-analyze security: 0 is nothing, 100 everything).
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
