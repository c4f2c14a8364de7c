# bash completion for Reyns. Add this line to a startup file of bash, such as ~/.bashrc:
#   eval "$(reyns completion bash)"
# For an alias, also add: complete -o nospace -F _reyns NAME

_reyns() {
  local reyns=${COMP_WORDS[0]} candidate
  type -P -- "$reyns" >/dev/null || reyns=reyns
  COMPREPLY=()
  while IFS= read -r candidate; do
    COMPREPLY+=("$candidate")
  done < <("$reyns" __complete shell=bash "breaks=$COMP_WORDBREAKS" "line=${COMP_LINE:0:COMP_POINT}" 2>/dev/null)
}

complete -o nospace -F _reyns reyns dockerops
