# Completion of omero for bash: source <(omero completion bash)
_omero() {
    local line paths=
    COMPREPLY=()
    while IFS= read -r line; do
        if [[ -z $paths ]]; then
            paths=$line
        else
            COMPREPLY+=("${line%%$'\t'*}")
        fi
    done < <("${COMP_WORDS[0]/#\~/$HOME}" __complete bash "$COMP_WORDBREAKS" "${COMP_LINE:0:COMP_POINT}" 2>/dev/null)
    if ((${#COMPREPLY[@]} == 0)) && type compopt >/dev/null 2>&1; then
        # bash itself completes paths where there is nothing else.
        case $paths in
        :files) compopt -o bashdefault -o default ;;
        :directories) compopt -o dirnames ;;
        esac
    elif ((${#COMPREPLY[@]} == 0)); then
        # The bash of macOS is too old for compopt.
        local current=${COMP_WORDS[COMP_CWORD]}
        case $paths in
        :files) while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "$current") ;;
        :directories) while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -d -- "$current") ;;
        esac
    fi
}
complete -F _omero omero
