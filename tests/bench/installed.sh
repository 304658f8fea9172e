#!/bin/sh
# installed.sh BUILD | PACKAGE...: what has to be installed, in MB of 1,000 KiB, as dpkg counts: the packages and all that they depend on,
# beyond the required ones and apt with what these depend on; ca-certificates counts. With a directory: those whose
# libraries the two programs need, and what package curlew has (man/debian/curlew.install): the programs (stripped), the
# manual (packed), completions and the example. curlew-rss is a package of its own. From dpkg's own list.
set -eu

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The packages of the libraries that a program asks for itself; what those need, their packages' Depends say.
needed() {
	for name in $(objdump -p "$1" | awk '$1 == "NEEDED" { print $2 }'); do
		file=$(ldd "$1" | awk -v name="$name" '$1 == name { print $3 }')
		[ -n "$file" ] || continue # the loader
		real=$(realpath "$file")
		{ dpkg -S "$real" || dpkg -S "${real#/usr}"; } 2>/dev/null | sed 's/:.*//' | head -n 1
	done
}

own=0
if [ -d "$1" ]; then
	for program in "$1/curlew" "$1/curlewd" "$1/curlew-replay"; do
		[ -f "$program" ] || continue
		strip -o "$work/stripped" "$program"
		own=$((own + $(stat -c %s "$work/stripped")))
	done
	for program in "$1/curlew" "$1/curlewd"; do needed "$program" >> "$work/wanted"; done
	for page in man/*.[1578]; do [ "$page" = man/curlew-rss.1 ] || own=$((own + $(gzip -9cn "$page" | wc -c))); done
	for file in "$1"/completions/* man/curlew.conf core/courier/systemd/curlew*; do own=$((own + $(stat -c %s "$file"))); done
	# Described to the terminal by what every system has; certificates only where TLS is.
	echo ca-certificates >> "$work/wanted"
else
	printf '%s\n' "$@" > "$work/wanted"
fi

dpkg-query -W -f '${db:Status-Status}\t${Package}\t${Priority}\t${Installed-Size}\t${Pre-Depends}, ${Depends}\t${Provides}\n' |
	awk -F '\t' -v own="$own" -v wanted="$work/wanted" '
	$1 == "installed" {
		size[$2] = $4
		depends[$2] = $5
		if ($3 == "required") base[++bases] = $2
		n = split($6, names, /, */)
		for (i = 1; i <= n; i++) { sub(/[ (].*/, "", names[i]); if (names[i] != "") provides[names[i]] = $2 }
	}
	# Follows what is installed: of alternatives, the first that is.
	function follow(package, seen,    groups, words, n, m, i, j, name) {
		if (package in seen) return
		seen[package] = 1
		n = split(depends[package], groups, /, */)
		for (i = 1; i <= n; i++) {
			m = split(groups[i], words, / *\| */)
			for (j = 1; j <= m; j++) {
				name = words[j]
				sub(/^ */, "", name)
				sub(/[ (:].*/, "", name)
				if (!(name in size) && (name in provides)) name = provides[name]
				if (name in size) { follow(name, seen); break }
			}
		}
	}
	END {
		base[++bases] = "apt"
		for (i = 1; i <= bases; i++) follow(base[i], there)
		while ((getline package < wanted) > 0) {
			if (!(package in size)) { print "installed.sh: " package " is not installed" > "/dev/stderr"; exit 1 }
			follow(package, all)
		}
		kib = own / 1024
		for (package in all) if (!(package in there)) { kib += size[package]; list = list " " package }
		printf "installed %.2f\n#%s; of our own %.2f MB\n", kib / 1000, list, own / 1024000
	}'
