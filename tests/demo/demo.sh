#!/bin/sh
# The demo: the desk on a network of its own, on this machine alone, with an account on each of three networks.
# Everything it makes is in a directory that goes when it ends, unless CURLEW_DEMO_DIR names one to keep. BUILD names the
# build directory.
set -eu

build=$(cd "${BUILD:-build}" && pwd)
if [ -n "${CURLEW_DEMO_DIR:-}" ]; then
	dir=$CURLEW_DEMO_DIR
	mkdir -p "$dir"
else
	dir=$(mktemp -d "${TMPDIR:-/tmp}/curlew-demo.XXXXXX")
fi
chmod 700 "$dir"

net=''
finish() {
	status=$?
	trap - EXIT INT TERM HUP
	pkill -TERM -f "curlewd -c $dir/curlew.conf" 2>/dev/null || true
	[ -z "$net" ] || kill "$net" 2>/dev/null || true
	if [ -z "${CURLEW_DEMO_DIR:-}" ]; then
		# The courier may still be closing its store.
		rm -rf "$dir" 2>/dev/null || { sleep 1; rm -rf "$dir"; }
	fi
	exit $status
}
trap finish EXIT INT TERM HUP

mkfifo "$dir/ready"
"$build/fakenet" --seed "${SEED:-7}" --rate "${RATE:-6}" --backlog "${BACKLOG:-25}" --handle acme \
	--token demo-token --limit 0 --divided --quiet --ready-fd 3 3>"$dir/ready" >/dev/null 2>"$dir/network.log" </dev/null &
net=$!
read -r _ server <"$dir/ready"
rm -f "$dir/ready"

cat >"$dir/curlew.conf" <<CONF
[desk]
agent = ${AGENT:-you}
store = sqlite:desk.db
undo_window = 10s

[account acme]
network = mastodon
server = $server
handle = @acme
listen = "acme corp", #acme

[account acme-sky]
network = bluesky
server = $server
handle = @acme.birds.example
listen = "acme corp", #acme

[account acme-x]
network = x
server = $server
handle = @acme
listen = "acme corp", #acme

[team billing]
escalate = command cat >> '$dir/billing.jsonl'

[team delivery]
escalate = command cat >> '$dir/delivery.jsonl'

[canned thanks]
text = {customer}, thank you! That made our day.

[canned where]
text = {customer}, sorry for the wait. Your parcel {order?} is on its way; I'll look after it and write again today.
CONF

umask 077
cat >"$dir/credentials.conf" <<CONF
[account acme]
token = demo-token

[account acme-sky]
app_password = demo-demo-demo-demo

[account acme-x]
token = demo-token
app_token = demo-app-token
CONF

export XDG_DATA_HOME="$dir/data" XDG_STATE_HOME="$dir/state" XDG_CONFIG_HOME="$dir/config"
"$build/curlew" -c "$dir/curlew.conf" "$@"
