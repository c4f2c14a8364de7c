#compdef reyns dockerops
# zsh completion for Reyns. Save it as _reyns in a folder of $fpath, or add this line to ~/.zshrc after compinit:
#   eval "$(reyns completion zsh)"

_reyns() {
  local reyns=${(Q)words[1]} line
  local -a fields open open_shown done done_shown
  whence -p -- "$reyns" >/dev/null || reyns=reyns
  for line in "${(@f)$("$reyns" __complete shell=zsh "line=${(j: :)words[1,CURRENT-1]} $QIPREFIX$PREFIX" 2>/dev/null)}"; do
    fields=("${(@ps:\t:)line}")
    case $fields[1] in
      open) open+=("$fields[2]") open_shown+=("$fields[3]") ;;
      done) done+=("$fields[2]") done_shown+=("$fields[3]") ;;
    esac
  done
  local -a layout
  [[ "$open_shown $done_shown" == "$open $done" ]] || layout=(-l)
  local ret=1
  (( $#open )) && compadd $layout -S '' -d open_shown -a open && ret=0
  (( $#done )) && compadd $layout -d done_shown -a done && ret=0
  return ret
}

if [[ $funcstack[1] == _reyns ]]; then _reyns "$@"; else compdef _reyns reyns dockerops; fi
