#!/bin/sh
# `make demo` as somebody meets it: in a terminal of 80x24, from the command to the shell's prompt again. What is on the
# screen is asked of tmux; keys go in through it. Nothing waits for a time, all for a condition.
#
#     demo.sh [COLUMNS ROWS]
#
# DEMO is the command, when it is not `make demo`.
set -eu
columns=${1:-80}
rows=${2:-24}
dir=$(mktemp -d)
socket=$dir/tmux
passed=0

tm() {
	tmux -S "$socket" -f /dev/null "$@"
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

screen() {
	tm capture-pane -p -t demo
}

flag() {
	tm display-message -p -t demo "#{$1}"
}

give_up() {
	echo "[  FAILED  ] 1 test(s), the demo at ${columns}x$rows: $1"
	echo '--- the screen'
	screen || true
	echo '---'
	exit 1
}

# Waits until the command is true, looking four times a second, for as many seconds as a slow machine may need.
await() {
	what=$1
	seconds=$2
	shift 2
	looks=$((seconds * 4))
	until "$@"; do
		looks=$((looks - 1))
		[ $looks -gt 0 ] || give_up "$what"
		sleep 0.25
	done
	echo "[       OK ] $what"
	passed=$((passed + 1))
}

shows() {
	screen | grep -qE -- "$1"
}

hides() {
	! shows "$1"
}

# Rows of the inbox name who wrote.
mentions() {
	[ "$(screen | grep -cE '@[a-z]')" -ge 3 ]
}

status_is() {
	[ -s "$dir/status" ] && [ "$(cat "$dir/status")" = "$1" ]
}

# Nothing stays behind: no file of the demo, no process that knows where they were.
mkdir "$dir/tmp"
nothing_left() {
	[ -z "$(ls -A "$dir/tmp")" ] && ! pgrep -f "$dir/tmp" > /dev/null
}

cat > "$dir/session" <<SESSION
TMPDIR=$dir/tmp
export TMPDIR
stty -g > $dir/before
${DEMO:-make --no-print-directory demo}
echo \$? > $dir/status
stty -g > $dir/after
exec sleep 600
SESSION

unset TMUX
export LC_ALL=C.UTF-8
tm new-session -d -s demo -x "$columns" -y "$rows" "sh $dir/session"

await 'mentions arrive in the inbox' 240 mentions
tm send-keys -t demo Enter
await 'Enter opens the case' 10 shows '[0-9][0-9]:[0-9][0-9] .*@[a-z]'
tm send-keys -t demo r
await 'r opens a public reply' 10 shows 'PUBLIC as acme'
tm send-keys -t demo -l 'Thank you for telling us. We look into it now.'
await 'what is typed is in the composer' 10 shows 'We look into it now'
tm send-keys -t demo Escape
await 'Esc keeps the draft and leaves the composer' 10 hides 'PUBLIC as acme'
tm send-keys -t demo '?'
await 'a ? shows the keys of this place' 10 shows 'next-needed|next case that needs'
tm send-keys -t demo q
await 'q goes back to the inbox' 10 mentions
# Two that are read at once are one slip of the hand, so the second is typed when the list is there.
tm send-keys -t demo Q
await 'Q shows the draft that is still held' 10 shows 'What you still hold'
tm send-keys -t demo Q
await 'a second Q leaves, and all went well' 20 status_is 0
await 'the terminal has the settings it had' 5 cmp -s "$dir/before" "$dir/after"
await 'no file and no process of the demo is left' 20 nothing_left
[ "$(flag alternate_on)" = 0 ] || give_up 'the other screen is still on'
[ "$(flag cursor_flag)" = 1 ] || give_up 'the cursor is still hidden'
[ "$(flag mouse_any_flag)" = 0 ] || give_up 'the mouse is still caught'
[ "$(flag keypad_flag)" = 0 ] || give_up 'the keypad still sends other keys'
passed=$((passed + 1))
echo "[  PASSED  ] $passed test(s)."
