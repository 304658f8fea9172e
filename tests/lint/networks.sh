#!/bin/sh
# A network is its capabilities: outside its room (core/network) and the configuration nobody names one to compare with.
# Comments may, and so may the rules of length, which have their names from networks. One line a violation; exit status
# 1 when there is one.
#
#     networks.sh [ROOT]
cd "${1:-.}"
rooms=$(ls -d core tui keymaps 2> /dev/null)
found=$(find $rooms -type f -name '*.[ch]' ! -path 'core/network/*' ! -path 'core/config/*' ! -path core/text/length.h -exec \
	grep -nE 'CONFIG_NETWORK_[A-Z]|"(mastodon|bluesky|adapter)"|network[^;]*"x"' {} + | grep -vE ':[0-9]+:[[:space:]]*(/\*|\*|//)')
[ -z "$found" ] || {
	echo "$found" | sed 's/\(:[0-9]*:\)[[:space:]]*/\1 a network is named outside its room: /'
	exit 1
}
