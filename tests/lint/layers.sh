#!/bin/sh
# Holds tests/lint/layers.txt: reads every #include of every .c and .h under ROOT, and the calls of the pure rooms.
# One line a violation; exit status 1 when there is one.
#
#     layers.sh [ROOT [TABLE]]
set -eu
root=${1:-.}
table=$(realpath "${2:-$(dirname "$0")/layers.txt}")
cd "$root"

find . -path ./build -prune -o -path ./.git -prune -o -path ./tests/lint/fixture -prune -o \
	-type f \( -name '*.c' -o -name '*.h' \) -print | sed 's|^\./||' | LC_ALL=C sort |
awk -v table="$table" '
# A place holds a file when it is the file or a directory above it; "tui/*" holds what lies in tui itself.
function holds(place, file) {
	if (sub(/\*$/, "", place))
		return index(file, place) == 1 && !index(substr(file, length(place) + 1), "/")
	return file == place || index(file, place "/") == 1
}

function room_of(file,    place, found) {
	found = ""
	for (place in rooms)
		if (holds(place, file) && length(place) > length(found))
			found = place
	return found
}

# "curl/*" and "*curses*.h" as regular expressions.
function pattern(glob) {
	gsub(/[.+]/, "\\\\&", glob)
	gsub(/\*/, ".*", glob)
	return "^" glob "$"
}

function complain(text) {
	print file ":" line ": " text
	wrong = 1
}

function listed(what, list,    place, n, i, parts) {
	n = split(list, parts, " ")
	for (i = 1; i <= n; i++)
		if (holds(parts[i], what))
			return 1
	return 0
}

function check_library(header,    glob) {
	for (glob in only)
		if (header ~ pattern(glob) && !listed(file, only[glob]))
			complain("<" header "> belongs to " only[glob])
}

# A header beside its own file is found by its whole path as well: there are no relative includes here.
function check_own(header,    room) {
	room = room_of(file)
	if (room == "")
		complain("this file is in no room of layers.txt")
	else if (room_of(header) != room && !listed(header, rooms[room]))
		complain(room " may not include \"" header "\"")
	if (pure(file) && header == "core/base/clock.h")
		complain("this place is pure: \"" header "\"")
}

function pure(file,    place) {
	for (place in purity)
		if (holds(place, file))
			return 1
	return 0
}

# Comments and texts hold no calls. `inside` carries a comment over the end of a line.
function code(text,    out, end) {
	out = ""
	gsub(/\\\\/, "", text)
	gsub(/\\"/, "", text)
	gsub(/\047"\047/, "", text)
	while (text != "") {
		if (inside) {
			end = index(text, "*/")
			if (!end)
				return out
			text = substr(text, end + 2)
			inside = 0
		} else if (match(text, /\/\*|\/\/|"/)) {
			out = out substr(text, 1, RSTART - 1)
			end = substr(text, RSTART, RLENGTH)
			text = substr(text, RSTART + RLENGTH)
			if (end == "//")
				return out
			if (end == "\"")
				sub(/^[^"]*"?/, "\"\"", text) && (out = out "\"\"") && (text = substr(text, 3))
			else
				inside = 1
		} else {
			return out text
		}
	}
	return out
}

BEGIN {
	while ((getline row < table) > 0) {
		sub(/#.*/, "", row)
		n = split(row, word, " ")
		if (n < 2)
			continue
		rest = ""
		for (i = 3; i <= n; i++)
			rest = rest (i > 3 ? " " : "") word[i]
		if (word[1] == "room")
			rooms[word[2]] = rest
		else if (word[1] == "only")
			only[word[2]] = rest
		else if (word[1] == "pure")
			purity[word[2]] = 1
		else {
			print table ": what is \"" word[1] "\"?"
			exit wrong = 1
		}
		known++
	}
	if (!known) {
		print table ": no table"
		exit wrong = 1
	}
	impure = "(^|[^A-Za-z0-9_.>])(time|clock|getenv|setenv|secure_getenv|gettimeofday|nanosleep|sleep|usleep|" \
		"clock_gettime|clock_wall_ms|clock_mono_ms|clock_change_fd|time_now|random|rand|srand|getrandom|" \
		"printf|vprintf|puts|putchar|perror|fprintf|vfprintf|fputs|fputc|fwrite|fread|fgets|fopen|fdopen|freopen|" \
		"popen|open|openat|creat|fork|vfork|posix_spawn|posix_spawnp|socket|pthread_create|uv_[a-z_]+|" \
		"sqlite3_[a-z0-9_]+|log_[a-z_]+)[ \t]*\\("
}

{
	file = $0
	line = 0
	inside = 0
	is_pure = pure(file)
	files++
	while ((getline text < file) > 0) {
		line++
		if (text ~ /^[ \t]*#[ \t]*include/) {
			header = text
			sub(/^[^"<]*["<]/, "", header)
			sub(/[">].*/, "", header)
			if (text ~ /^[^"]*</)
				check_library(header)
			else
				check_own(header)
			continue
		}
		if (is_pure && code(text) ~ impure)
			complain("this place is pure: " text)
	}
	close(file)
}

END {
	if (!files && !wrong) {
		print "layers: no files"
		wrong = 1
	}
	exit wrong
}'
