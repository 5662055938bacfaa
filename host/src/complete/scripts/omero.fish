# Completion of omero for fish: omero completion fish > ~/.config/fish/completions/omero.fish
function __omero_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l lines ($words[1] __complete fish -- $words[2..-1] "$current" 2>/dev/null)
    switch "$lines[1]"
        case :files
            __fish_complete_path "$current"
        case :directories
            __fish_complete_directories "$current"
    end
    if set -q lines[2]
        printf '%s\n' $lines[2..-1]
    end
end
complete -c omero -e
complete -c omero -f -k -a '(__omero_complete)'
