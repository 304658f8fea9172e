# Completion of curlew and curlewd.

# Is what is typed at this subcommand ("-" for none), at its Nth word, behind this word?
function __curlew_at --argument-names want n behind
    set -l sub -
    set -l count 0
    set -l last
    set -l skip 0
    for word in (commandline -opc)[2..-1]
        if test $skip = 1
            set skip 0
        else if contains -- "$sub $word" $__curlew_valued
            set skip 1
        else if string match -q -- '-?*' $word
        else if test $sub = -
            set sub $word
        else
            set count (math $count + 1)
            set last $word
        end
    end
    test "$sub" = "$want" || return 1
    test -n "$n" || return 0
    test $want = - || set count (math $count + 1)
    test $count = $n || return 1
    test -z "$behind" || test "$behind" = "$last"
end

# Names in the configuration, of the one that -c has.
function __curlew_names
    set -l words (commandline -opc)
    set -l at (contains -i -- -c $words)
    set -l program (string replace -r 'curlewd$' curlew -- $words[1])
    if test -n "$at" && test (count $words) -gt $at
        set -l file (string replace -r '^~/' $HOME/ -- $words[(math $at + 1)])
        $program -c $file list $argv 2>/dev/null
    else
        $program list $argv 2>/dev/null
    end
end

