
_curlew() {
	local place count last valued config kind program=${words[1]:t}
	local -a offered
	_curlew_walk $program "${(@)words[2,CURRENT-1]}"
	if [[ -z $valued && $PREFIX == -* ]]; then
		offered=("${(@f)$(_curlew_table "options $place")}")
		_describe -o option offered
		return
	fi
	kind=$(_curlew_kind)
	case $kind in
	FILE) _files ;;
	PROGRAM) _command_names ;;
	accounts | views | teams) compadd -- ${(f)"$(_curlew_names ${words[1]/%curlewd/curlew} $kind)"} ;;
	*)
		if [[ -z $valued && $place == 'curlew -' ]]; then
			offered=("${(@f)$(_curlew_table 'word curlew - 0')}")
			_describe subcommand offered
			compadd -- ${(f)"$(_curlew_names $words[1] views)"}
		else
			compadd -- ${(s:|:)kind}
		fi
		;;
	esac
}
_curlew "$@"
