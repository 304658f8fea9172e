#!/bin/bash
# What takes hours, before a version is given out: stages one after the other, of which each leaves its figures and how it
# went. All of them, whenever they ran on this commit, make the page tests/release.md. A stage that has passed on this
# commit is not run again unless it is named or AGAIN=1; one that failed does not keep the next from running.
#
#     check.sh [STAGE...]      soak fuzz screen live peers
#     HOURS=2                  for each stage that takes time, 1 unless set; HOURS=30s: seconds, to try the driver
#     KILLS=5000               for the soak, 1000 unless set
#     BUILD, MAKE, PAGE        build, make, tests/release.md
set -uo pipefail
cd "$(dirname "$0")/../.."
export LC_ALL=C.UTF-8
build=${BUILD:-build}
page=${PAGE:-tests/release.md}
make=${MAKE:-make}
all='soak fuzz screen live peers'
named=$*

complain() {
	echo "release-check: $*" >&2
	exit 64
}

for stage in $named; do
	[[ " $all " = *" $stage "* ]] || complain "there is no stage \"$stage\": $all"
done
case ${HOURS:-1} in
*[!0-9s]* | s* | *s?*) complain "HOURS=$HOURS: expected a number of hours, or of seconds: 30s" ;;
*s) seconds=${HOURS%s} ;;
*) seconds=$((3600 * ${HOURS:-1})) ;;
esac
[[ ${KILLS:-1000} =~ ^[1-9][0-9]*$ ]] || complain "KILLS=$KILLS: expected a number"

# What is not committed is told: its figures are of no commit.
commit=$(git rev-parse --short=12 HEAD 2>/dev/null || echo unknown)
[ -z "$(git status --porcelain --untracked-files=no -- . ":!$page" 2>/dev/null)" ] || commit=$commit-changed
kept=$build/release/$commit/$seconds-${KILLS:-1000} # what passed in seconds has not passed in hours
mkdir -p "$kept"

# --- a stage: runs, and then says its figures in one line, out of its log

soak_run() { $make soak MINUTES=$(((seconds + 59) / 60)) KILLS="${KILLS:-1000}"; }
soak_figures() { sed -n -e 's/^ *kills \([0-9]\)/kills \1/p' -e 's/^sim: \([0-9]* runs\)/simulated: \1/p' "$1"; }

# Two at a time: together they have both processors for the time.
fuzz_run() {
	local count
	count=$(find tests/fuzz -maxdepth 1 -name '*.c' | wc -l)
	$make fuzz SECONDS=$(((2 * seconds + count - 1) / count)) FUZZ_STATS=1
}
fuzz_figures() {
	awk '/^== / { targets++ } /^stat::number_of_executed_units:/ { n += $2 }
		END { printf "%d targets, %d inputs\n", targets, n }' "$1"
}

screen_run() { $make fuzz FUZZERS="screen screen" SECONDS="$seconds" FUZZ_STATS=1; }
screen_figures() { fuzz_figures "$1" | sed 's/targets/processes/'; }

live_run() { $make check-live; }
live_figures() { awk '/^\[  (PASSED|FAILED)  \] [0-9]+ test/ { print $4, tolower($2) }' "$1"; }

peers_run() { $make bench-peers; }
peers_figures() { awk '/^[a-z-]+ +[a-z0-9-]+ +[0-9.]+$/ { n++; who[$1] = 1 } END { for (p in who) m++; printf "%d figures of %d programs\n", n, m }' "$1"; }

run() {
	local stage=$1 log=$kept/$1.log began=$SECONDS verdict=pass
	printf '== %-7s ' "$stage"
	rm -f "$kept/$stage".*
	"${stage}_run" </dev/null >"$log" 2>&1 || verdict=FAIL
	"${stage}_figures" "$log" | paste -sd ';' | sed 's/; */; /g' >"$kept/$stage.figures"
	echo "$((SECONDS - began)) $(date -u +%Y-%m-%d)" >"$kept/$stage.when"
	echo "$verdict" >"$kept/$stage.verdict"
	printf '%s  %6d s  %s\n' "$verdict" $((SECONDS - began)) "$(cat "$kept/$stage.figures")"
	[ "$verdict" = pass ] || { echo "-- the end of $log"; tail -n 20 "$log"; }
}

write_page() {
	local stage verdict took day
	echo '# The checks before a release'
	echo
	echo "Written by \`make release-check\` on $(date -u +%Y-%m-%d): version $(cat VERSION), commit $commit;"
	echo "$seconds seconds for each stage that takes time, ${KILLS:-1000} kills."
	echo
	echo '| stage | | day | seconds | figures |'
	echo '|---|---|---|---|---|'
	for stage in $all; do
		verdict=not\ run took='' day='' figures=''
		if [ -e "$kept/$stage.verdict" ]; then
			verdict=$(cat "$kept/$stage.verdict")
			read -r took day <"$kept/$stage.when"
			figures=$(cat "$kept/$stage.figures")
		fi
		echo "| $stage | $verdict | $day | $took | $figures |"
	done
}

failed=0
for stage in ${named:-$all}; do
	if [ -z "$named" ] && [ -z "${AGAIN:-}" ] && [ "$(cat "$kept/$stage.verdict" 2>/dev/null)" = pass ]; then
		printf '== %-7s passed before, on this commit\n' "$stage"
	else
		run "$stage"
	fi
	[ "$(cat "$kept/$stage.verdict")" = pass ] || failed=1
	write_page >"$kept/page" && cp "$kept/page" "$page"
done
echo "release-check: $page"
exit $failed
