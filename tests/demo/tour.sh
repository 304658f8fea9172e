#!/bin/bash
# What the pictures of README.md are drawn from: types a tour at the demo's desk, in a terminal of tmux, and keeps the
# recording. Its people and their words are the demo's, invented.
#
#     tests/demo/tour.sh FILE
#
# Nothing calls it but people: the recording is made anew only when the tour shall be another one, or when what the desk
# stores has changed so that the old one no longer shows it.
set -eu
recording=$1
dir=$(mktemp -d)
unset TMUX
export LC_ALL=C.UTF-8 TZ=UTC0 AGENT=alice SEED=42 RATE=10 BACKLOG=16

tm() {
	tmux -S "$dir/tmux" -f /dev/null "$@"
}

screen() {
	tm capture-pane -p -t tour
}

finish() {
	status=$?
	trap - EXIT
	tm kill-server 2>/dev/null || true
	rm -rf "$dir"
	exit $status
}
trap finish EXIT
trap 'exit 1' INT TERM HUP

# Waits until the screen has the words.
await() {
	local looks=300
	until screen | grep -qF -- "$1"; do
		looks=$((looks - 1))
		[ $looks -gt 0 ] || { screen; echo "nothing shows: $1"; exit 1; }
		sleep 0.1
	done
}

# Presses keys, then waits for what they bring.
press() {
	tm send-keys -t tour "${@:2}"
	await "$1"
}

# A few letters at a time, as from a keyboard: what comes in one piece is taken for a paste.
type_text() {
	local i
	for ((i = 0; i < ${#1}; i += 4)); do
		tm send-keys -t tour -l -- "${1:i:4}"
		sleep 0.01
	done
	await "$2"
}

tm new-session -d -s tour -x 112 -y 28 "tests/demo/demo.sh --record '$recording' --record-plain"
await 'needs reply 15'
await 'needs reply 16'
sleep 1
press '▸' Space
press 'in two pieces. I' Enter
press 'PUBLIC as acme' r
type_text 'Hollis, you were promised one duvet in one piece. A new one leaves today. Keep both halves.' 'halves.'
sleep 1
press 'Enter sends' C-x
sleep 0.6
press '▸!  −1d  m @camille' Enter
tm send-keys -t tour Escape
sleep 0.5
tm send-keys -t tour /
type_text 'gift card' '/gift card'
press '▸!  −8h  b @jo.zines' Enter
press '── tag ──' t
type_text 'refund' 'tag refund'
press 'tagged refund' Enter
press 'escalate to' e
press 'why:' Enter
type_text 'gift card shows 0.00' 'shows 0.00'
press 'escalated to billing' Enter
press 'PUBLIC as' r
type_text 'Jo, our billing people look at your gift card now.' 'now.'
