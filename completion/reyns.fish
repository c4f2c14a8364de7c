# fish completion for Reyns. Save it as ~/.config/fish/completions/reyns.fish, or add this line to config.fish:
#   reyns completion fish | source

function __reyns_complete
    set -l words (commandline -opc)
    set -l reyns $words[1]
    command -q -- $reyns; or set reyns reyns
    command $reyns __complete shell=fish "line="(commandline -cp | string collect) 2>/dev/null
end

for name in reyns dockerops
    complete -c $name -f -a '(__reyns_complete)'
end
