
# Where a command line stands: sets place to PROGRAM SUBCOMMAND ("-" for none), count to the words behind it, last to the
# last of these, valued to what the word before takes as its value ("" for none), and config to what -c has.
_curlew_walk() {
	place="$1 -" count=0 last= valued= config=
	local program=$1 word before=
	shift
	for word; do
		if [ -n "$valued" ]; then
			[ "x$before" != x-c ] || config=$word
			valued=
			continue
		fi
		case $word in
		-?*)
			before=$word
			valued=$(_curlew_table "value $place $word")
			;;
		*)
			if [ "$program" = curlew ] && [ "$place" = 'curlew -' ]; then
				place="curlew $word"
			else
				count=$((count + 1)) last=$word
			fi
			;;
		esac
	done
}

# The kind of the word that is typed, where it is no option: subcommands are told apart by "-".
_curlew_kind() {
	if [ -n "$valued" ]; then
		[ "$valued" = - ] || echo "$valued"
	elif [ "$place" = 'curlew do' ] && [ "$count" = 2 ]; then
		_curlew_table "value $place $last"
	else
		_curlew_table "word $place $((count + 1))"
	fi
}

# Names in the configuration; PROGRAM is as it was typed.
_curlew_names() { # PROGRAM KIND
	case $config in '~/'*) config=$HOME/${config#??} ;; esac
	"$1" ${config:+-c} ${config:+"$config"} list "$2" 2>/dev/null
}
