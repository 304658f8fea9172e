#!/bin/sh
# The conformance tests against a Bluesky network that is no work of ours: its reference servers, from npm, with the
# PostgreSQL and Redis that they need, all on loopback and in DIR (build/live), which may be removed afterwards.
# What is missing is said in words.
#
#     check.sh PROGRAM DIR [PATTERN]
set -eu

program=$(realpath "$1")
pattern=${3:-*}
mkdir -p "$2"
dir=$(cd "$2" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
PATH=$PATH:$(echo /usr/lib/postgresql/*/bin | tr ' ' ':')
user=''
[ "$(id -u)" != 0 ] || user=postgres

missing=''
need() {
	command -v "$1" > /dev/null || missing="$missing
  $1 ($2)"
}
need node 'Debian: nodejs; the network runs on a newer one, which npm brings'
need npm 'Debian: npm'
need initdb 'Debian: postgresql'
need redis-server 'Debian: redis-server'
[ -z "$user" ] || id "$user" > /dev/null 2>&1 || missing="$missing
  the user $user, for PostgreSQL does not run as root (Debian: postgresql)"
if [ -n "$missing" ]; then
	echo "check-live: this cannot be run here; there is no$missing"
	exit 1
fi

as_user() {
	if [ -n "$user" ]; then
		su -s /bin/sh "$user" -c "$1"
	else
		sh -c "$1"
	fi
}

finish() {
	status=$?
	trap - EXIT INT TERM HUP
	exec 3>&- 2> /dev/null || true
	[ ! -e "$dir/redis.pid" ] || kill "$(cat "$dir/redis.pid")" 2> /dev/null || true
	as_user "cd / && PATH='$PATH' pg_ctl -D '$dir/pg' -m fast stop" > /dev/null 2>&1 || true
	exit $status
}
trap finish EXIT INT TERM HUP

if [ ! -d "$dir/node_modules/@atproto/dev-env" ]; then
	echo 'check-live: fetching @atproto/dev-env with npm, some 660 packages'
	# The newer node first: what is built for it is built by it, with its headers. They are kept elsewhere, for npm takes
	# them away in its second turn: it did not bring them itself, a script of its package did.
	(cd "$dir" && echo '{"private": true}' > package.json &&
		npm install --no-audit --no-fund --loglevel=error node@22 &&
		export PATH="$dir/node_modules/.bin:$PATH" && rm -rf headers && mkdir -p headers/include &&
		cp -R "$(find node_modules -path '*/include/node' | head -n 1)" headers/include &&
		npm_config_nodedir=$dir/headers \
			npm install --no-audit --no-fund --loglevel=error @atproto/dev-env@0.6.7) || {
		echo "check-live: npm could not install it; its words are above"
		exit 1
	}
fi
PATH=$dir/node_modules/.bin:$PATH

# Sockets in directories of their own: no port is taken that another could have.
rm -rf "$dir/pg" "$dir/run"
mkdir "$dir/pg" "$dir/run"
[ -z "$user" ] || chown "$user" "$dir/pg" "$dir/run"
as_user "cd / && PATH='$PATH' initdb -D '$dir/pg' -U curlew -A trust -N" > "$dir/postgres.log" 2>&1 || {
	echo "check-live: PostgreSQL makes no database in $dir/pg: $(tail -n 1 "$dir/postgres.log")"
	exit 1
}
as_user "cd / && PATH='$PATH' pg_ctl -D '$dir/pg' -w -l '$dir/run/postgres.log' \
	-o \"-c listen_addresses= -c unix_socket_directories='$dir/run' -c fsync=off\" start" >> "$dir/postgres.log" 2>&1 || {
	echo "check-live: PostgreSQL does not start: $(tail -n 1 "$dir/postgres.log")"
	exit 1
}
redis=$(node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close() })')
redis-server --port "$redis" --bind 127.0.0.1 --save '' --daemonize yes --pidfile "$dir/redis.pid" --dir "$dir" > "$dir/redis.log" || {
	echo "check-live: Redis does not start: $(tail -n 1 "$dir/redis.log")"
	exit 1
}

rm -f "$dir/ready" "$dir/open"
mkfifo "$dir/ready" "$dir/open"
exec 4<> "$dir/open"
(cd "$dir" && DB_POSTGRES_URL="postgresql://curlew@localhost/postgres?host=$dir/run" REDIS_HOST="127.0.0.1:$redis" LOG_ENABLED=false \
	exec node "$here/network.mjs" < "$dir/open" > "$dir/ready" 2> "$dir/network.log" 4>&-) &
exec 3> "$dir/open" 4>&-
read -r word pds control < "$dir/ready" || word=''
if [ "$word" != ready ]; then
	echo "check-live: the network does not start: $(tail -n 3 "$dir/network.log")"
	exit 1
fi
CURLEW_LIVE_PDS=$pds CURLEW_LIVE_CONTROL=$control CURLEW_TEST_DATA=$here/../data "$program" "$pattern"
