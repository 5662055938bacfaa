#compdef omero
# Completion of omero for zsh: source <(omero completion zsh), after compinit; or this file as
# _omero in a directory of fpath.
_omero() {
    local line paths value
    local -a before lines described
    (( CURRENT > 2 )) && before=("${(@Q)words[2,CURRENT-1]}")
    lines=("${(@f)$("${~${(Q)words[1]}}" __complete zsh -- "${before[@]}" "${(Q)PREFIX}" 2>/dev/null)}")
    paths=$lines[1]
    for line in "${(@)lines[2,-1]}"; do
        # _describe wants a colon before the help, and others escaped.
        value=${line%%$'\t'*}
        value=${value//\\/\\\\}
        value=${value//:/\\:}
        if [[ $line == *$'\t'* ]]; then
            described+=("$value:${line#*$'\t'}")
        else
            described+=("$value")
        fi
    done
    (( $#described )) && _describe -t omero omero described
    case $paths in
        :files) compset -P '--*='; _files ;;
        :directories) compset -P '--*='; _files -/ ;;
    esac
}
if [[ $funcstack[1] == _omero ]]; then
    _omero "$@"
else
    compdef _omero omero
fi
