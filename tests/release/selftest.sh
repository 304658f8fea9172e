#!/bin/sh
# The driver of the checks before a release, with a make of its own: each stage is run once, a failure does not keep the
# next from running and fails the whole, what passed is not run again, and the page says all of it.
set -eu
cd "$(dirname "$0")/../.."
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' INT TERM HUP

cat > "$dir/make" <<'END'
#!/bin/sh
echo "$1" >> "$(dirname "$0")/ran"
case $* in
soak*) echo 'sim: 12 runs, 400 steps; mentions in 9'
	echo '           kills 3 (courier 1, commands 1, desks 1), mentions in 5, lost 0, doubled 0' ;;
fuzz*) printf '== %s\nstat::number_of_executed_units: %d\n' cells 100 query 50 ;;
check-live*) echo '[  PASSED  ] 21 test(s).'; echo '[  FAILED  ] 1 test(s), listed below:'; exit 1 ;;
bench-peers*) echo 'irssi      start-ms                                12.00' ;;
esac
END
chmod +x "$dir/make"

check() {
	BUILD=$dir MAKE=$dir/make PAGE=$dir/page HOURS=2s KILLS=3 tests/release/check.sh "$@" > "$dir/out" 2>&1
}
expect() {
	grep -qE -- "$2" "$1" || {
		echo "release-check: expected \"$2\" in:"
		cat "$1"
		exit 1
	}
}

! check || { echo 'release-check: a stage failed, and the whole passed'; exit 1; }
expect "$dir/page" "^Written by .*: version $(cat VERSION), commit "
expect "$dir/page" '^2 seconds for each stage that takes time, 3 kills\.$'
expect "$dir/page" '^\| soak \| pass \| .* simulated: 12 runs, 400 steps; mentions in 9; kills 3 \(.*, doubled 0 \|$'
expect "$dir/page" '^\| fuzz \| pass \| .* 2 targets, 150 inputs \|$'
expect "$dir/page" '^\| screen \| pass \| .* 2 processes, 150 inputs \|$'
expect "$dir/page" '^\| live \| FAIL \| .* 21 passed; 1 failed \|$'
expect "$dir/page" '^\| peers \| pass \| .* 1 figures of 1 programs \|$'

: > "$dir/ran"
! check || { echo 'release-check: what failed counts as passed when it is run again'; exit 1; }
[ "$(cat "$dir/ran")" = check-live ] || { echo "release-check: run again: $(cat "$dir/ran")"; exit 1; }

: > "$dir/ran"
check fuzz || { echo 'release-check: a stage that passed alone fails'; exit 1; }
[ "$(cat "$dir/ran")" = fuzz ] || { echo "release-check: fuzz alone ran: $(cat "$dir/ran")"; exit 1; }
expect "$dir/page" '^\| soak \| pass '

! check sleep || { echo 'release-check: a stage that is none passes'; exit 1; }
expect "$dir/out" 'there is no stage "sleep": soak fuzz screen live peers'
