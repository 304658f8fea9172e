#!/bin/bash
# completions.sh BUILD: what bash, zsh and fish themselves complete of curlew and curlewd, with a configuration, is all
# that the programs say they take: each subcommand and option of --help, and what their sources compare words with.
set -euo pipefail

build=$(realpath "$1")
here=$(realpath "$(dirname "$0")")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat > "$work/my curlew.conf" <<'END'
[account acme]
network = mastodon
server = https://mastodon.example
[account acme-sky]
network = bluesky
handle = @acme.example
[team billing]
escalate = webhook https://desk.example/hook
[view burning]
query = late
END
conf=$work/my\ curlew.conf
export PATH=$build:$PATH HOME=$work XDG_CONFIG_HOME=$work/none CURLEW_CONFIG=$conf LC_ALL=C.UTF-8 TERM=dumb
cp "$conf" "$work/here.conf"

# Each prints what its shell offers behind each line of a file, which ends at the cursor: the line, a tab, a word.
in_bash() {
	bash --norc -c '
		source "$1/completions/curlew"
		compopt() { :; }
		while IFS= read -r line; do
			eval "COMP_WORDS=($line)"
			[ "${line% }" = "$line" ] || COMP_WORDS+=("")
			COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) COMPREPLY=()
			_curlew_complete "${COMP_WORDS[0]}" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
			for word in "${COMPREPLY[@]}"; do printf "%s\t%s\n" "$line" "$word"; done
		done < "$2"
		true' bash "$build" "$1"
}

in_zsh() {
	zsh -f "$here/completions.zsh" "$build/completions" "$1"
}

in_fish() {
	fish --no-config -c 'source $argv[1]/completions/curlew.fish
		while read line
			for word in (complete -C $line | string replace -r "\t.*" "")
				printf "%s\t%s\n" $line $word
			end
		end < $argv[2]
		true' "$build" "$1"
}

# offers LINE WORD...: every shell offers all of these. offers_not LINE WORD: none does.
offers() {
	local line=$1
	shift
	printf '%s\n' "$line" >> "$work/lines"
	[ $# = 0 ] || printf "${line//%/%%}\t%s\n" "$@" >> "$work/wanted"
}

offers_not() {
	printf '%s\n' "$1" >> "$work/lines"
	printf '%s\t%s\n' "$1" "$2" >> "$work/unwanted"
}

# Asks each shell for all lines since the last time.
ask() {
	local shell
	sort -u -o "$work/lines" "$work/lines"
	sort -u -o "$work/wanted" "$work/wanted"
	sort -u -o "$work/unwanted" "$work/unwanted"
	for shell in bash zsh fish; do
		"in_$shell" "$work/lines" | sort -u > "$work/said"
		comm -23 "$work/wanted" "$work/said" | sed "s/^/$shell does not offer: /" >> "$work/wrong"
		comm -12 "$work/unwanted" "$work/said" | sed "s/^/$shell offers: /" >> "$work/wrong"
	done
	: > "$work/lines"
	: > "$work/wanted"
	: > "$work/unwanted"
}

# Options that are meant: of the help of a program, which its page is compared with, and of the sources.
options() {
	grep -oE '(^|[ [|])--?[a-z][a-z-]*' | tr -d ' [|' | sort -u
}
mapfile -t subcommands < <(curlew --help | sed -n 's/^  curlew \([a-z]*\) .*/\1/p')
[ ${#subcommands[@]} -ge 13 ]
offers 'curlew ' "${subcommands[@]}" burning
offers 'curlew -' $(curlew --help | grep -E '^  -' | options)
offers 'curlewd -' $(curlewd --help | options)
for sub in "${subcommands[@]}"; do
	offers "curlew $sub --" --help $(curlew "$sub" --help | options | grep '^--' || true)
	file=tui/cli_$sub.c
	[ ! -e "$file" ] || offers "curlew $sub --" $(tr '\n' ' ' < "$file" | grep -oE 'cli_option options\[\] = [^;]*;' |
		grep -oE '"--[a-z-]+"' | tr -d '"')
done

offers 'curlew login ' acme acme-sky
offers 'curlew login acme-' acme-sky
offers 'curlewd --login ' acme acme-sky
offers 'curlew report --format ' text json csv
offers 'curlew --frames ' last all changes
offers 'curlew -k ' default emacs
offers 'curlew -a alice -k emacs ' check
offers 'curlew query --json ' burning
offers 'curlew do 42 esc' escalate
offers 'curlew do 42 escalate ' billing
offers 'curlew list ' accounts views teams
offers 'curlew help bud' budget
offers 'curlew check --adapter curlew-r' curlew-rss
offers_not 'curlew login ' check
offers_not 'curlew check ' acme
offers_not 'curlew report --since ' text
ask

unset CURLEW_CONFIG
cd "$work"
offers_not 'curlew login ' acme
offers 'curlew -c here' here.conf
offers 'curlew -c here.conf login ' acme acme-sky
ask

cat "$work/wrong"
[ ! -s "$work/wrong" ]
