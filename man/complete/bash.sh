
_curlew_complete() {
	local place count last valued config kind word=$2 program=${1##*/}
	_curlew_walk "$program" "${COMP_WORDS[@]:1:COMP_CWORD-1}"
	if [[ -z $valued && $word == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$(_curlew_table "options $place" | sed 's/:.*//')" -- "$word")
		return
	fi
	kind=$(_curlew_kind)
	case $kind in
	FILE)
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -f -- "$word")
		;;
	PROGRAM) mapfile -t COMPREPLY < <(compgen -c -- "$word") ;;
	accounts | views | teams) mapfile -t COMPREPLY < <(compgen -W "$(_curlew_names "${1/#curlewd/curlew}" "$kind")" -- "$word") ;;
	*)
		[[ -n $valued || $place != 'curlew -' ]] ||
			kind=$(_curlew_table 'word curlew - 0' | sed 's/:.*//')$'\n'$(_curlew_names "$1" views)
		mapfile -t COMPREPLY < <(compgen -W "${kind//|/ }" -- "$word")
		;;
	esac
}
complete -F _curlew_complete curlew curlewd
