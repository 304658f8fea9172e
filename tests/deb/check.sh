#!/bin/bash
# check.sh DIR [ROOT]: the packages in DIR, in a Debian of their own: installed by apt, used, removed and purged; then of all
# files none is left, and what people put there is. Needs root and debootstrap; ROOT, where it is given, is a bare Debian
# that was made before, and is copied.
set -euo pipefail

packages=$(realpath "$1")
work=$(mktemp -d)
root=$work/root
end() {
	umount "$root/dev/pts" "$root/proc" 2>/dev/null || true
	rm -rf --one-file-system "$work"
}
trap end EXIT

if [ $# -gt 1 ]; then
	cp -a "$2" "$root"
else
	debootstrap --variant=minbase --include=ca-certificates bookworm "$root"
fi
mkdir -p "$root/proc" "$root/dev/pts"
mount -t proc proc "$root/proc"
mount -t devpts devpts "$root/dev/pts"
[ -e "$root/dev/ptmx" ] || ln -s pts/ptmx "$root/dev/ptmx"
cp "$packages"/*.deb "$root/tmp"
rm -f "$root"/tmp/*-dbgsym_*
both=("$root"/tmp/curlew_*.deb "$root"/tmp/curlew-rss_*.deb)
both=("${both[@]#"$root"}")

inside() {
	chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/tmp LC_ALL=C.UTF-8 TERM=xterm DEBIAN_FRONTEND=noninteractive "$@"
}

# Configuration, accounts and what the programs kept: all that is no cache, log, list of packages, or older copy of the
# lists of accounts (/etc/passwd-).
files() {
	inside find / -xdev \( -path /proc -o -path /dev -o -path /tmp -o -path /var/cache -o -path /var/log -o -path /var/lib/dpkg \
		-o -path /var/lib/apt -o -path /var/lib/systemd -o -path '/etc/*-' \) -prune -o -print | sort
}

say() {
	echo "== $*"
}

say "the system that the packages come into: systemd-sysusers and systemd-tmpfiles are there"
inside apt-get update -qq
inside apt-get install -y -qq --no-install-recommends systemd bsdutils > /dev/null
# What they need, without them, so that what is left afterwards is theirs.
inside apt-get install -y -qq --no-install-recommends "${both[@]}" > /dev/null
inside apt-get purge -y -qq curlew curlew-rss > /dev/null
files > "$work/before"

say installing
inside apt-get install -y -qq --no-install-recommends "${both[@]}" > /dev/null
inside curlew --version
inside getent passwd curlew
[ "$(inside stat -c '%a %U:%G' /var/lib/curlew)" = '2770 curlew:curlew' ]
[ ! -e "$root/etc/systemd/system/multi-user.target.wants/curlewd.service" ]

say using
inside useradd -m agent
as_agent() {
	inside runuser -u agent -- env HOME=/home/agent "$@"
}
as_agent curlew check
as_agent sh -c 'mkdir -p ~/.config/curlew && cp /usr/share/doc/curlew/examples/curlew.conf ~/.config/curlew/ && curlew list accounts'
# The first lesson of the tutor, in a terminal; Q leaves.
as_agent sh -c '(sleep 3; printf Q; sleep 1; printf Q; sleep 1) | script -qec "stty rows 30 cols 100; curlew tutor" /dev/null' > "$work/screen"
grep -q "lesson 1 of 8" "$work/screen" || { cat -v "$work/screen"; exit 1; }
[ "$(inside stat -c '%a %U:%G' /etc/curlew)" = '755 root:root' ]
printf '[desk]\nstore = sqlite:/var/lib/curlew/desk.db\n[account acme]\nnetwork = mastodon\nserver = https://mastodon.example\n' \
	> "$root/etc/curlew/curlew.conf"
inside runuser -u curlew -- timeout -s TERM 3 curlewd -c /etc/curlew/curlew.conf --foreground || [ $? = 124 ]
[ "$(inside stat -c '%a %U:%G' /var/lib/curlew/desk.db)" = '660 curlew:curlew' ]
# An agent of the team sees the store, and not the tokens.
inside usermod -aG curlew agent
mv "$root/home/agent/.config/curlew/curlew.conf" "$root/home/agent"
as_agent curlew check > "$work/said" || true
grep -q "tokens are curlew's alone" "$work/said" || { cat "$work/said"; exit 1; }
inside userdel -r agent 2>/dev/null

say "purging: what people put there stays, and is named"
inside apt-get remove -y -qq curlew curlew-rss > /dev/null
inside apt-get purge -y -qq curlew curlew-rss 2>&1 | tee "$work/said" | grep '^curlew: '
grep -q 'kept.* /var/lib/curlew .*/etc/curlew' <(tr '\n' ' ' < "$work/said")
[ -e "$root/var/lib/curlew/desk.db" ] && [ -e "$root/etc/curlew/curlew.conf" ]

say "purging: without that nothing is left"
inside apt-get install -y -qq --no-install-recommends "${both[0]}" > /dev/null
inside rm -r /var/lib/curlew /etc/curlew
inside apt-get purge -y -qq curlew > /dev/null
! inside getent passwd curlew
files > "$work/after"
diff "$work/before" "$work/after"
