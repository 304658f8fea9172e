# completions.zsh DIR FILE: what zsh, in a terminal of its own, offers behind each line of the file: the line, a tab, a word.
zmodload zsh/zpty
zpty inner zsh -f -i
zpty -w inner "PROMPT= RPROMPT= fpath=(${(q)1} \$fpath)"
zpty -w inner 'autoload -U compinit && compinit -u -D; setopt no_beep no_prompt_cr
unset zle_bracketed_paste
zstyle ":completion:*" list-grouped false
compadd() {
	local -a offered
	if [[ " $* " == *" -"(O|A|D)" "* ]]; then builtin compadd "$@"; return; fi
	builtin compadd -O offered "$@"
	print -rl -- "" offered:$^offered
	builtin compadd "$@"
}
finish() { BUFFER=; print -r -- "" end:; }
zle -N finish; bindkey "^X^F" finish
zle -C offer complete-word _main_complete; bindkey "^X^O" offer
print -r -- ready":"'
local line
while zpty -r inner line; do [[ $line == *ready:* && $line != *print* ]] && break; done
local asked
while IFS= read -r asked; do
	zpty -n -w inner "$asked"$'\x18\x0f\x18\x06'
	while zpty -r inner line; do
		line=${line%%[$'\r\n']*}
		[[ $line == *end:* ]] && break
		[[ $line == offered:* ]] && print -r -- "$asked"$'\t'"${line#offered:}"
	done
done < $2
zpty -d inner 2>/dev/null
exit 0
