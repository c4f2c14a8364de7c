# shellcheck shell=bash
# Runs the prestartup scripts of a service and of its parent images before the seed command.

# Sets the array "scripts": /prestartup in the order of REYNS_PRESTARTUP (parents first), the rest of /prestartup by
# name, then DockerOps's /entrypoints by the time in their names. Modification times do not count: builds change them.
find_scripts() {
  local LC_ALL=C path names=()
  local -A seen=()
  scripts=()
  read -ra names <<< "${REYNS_PRESTARTUP-}"
  for path in "${names[@]/#//prestartup/}" /prestartup/*.sh; do
    [[ -f $path && -z ${seen[$path]-} ]] || continue
    seen[$path]=1
    scripts+=("$path")
  done
  find_dated_scripts
}

# Adds NAME-SECONDS.sh, renamed with "mv x.sh x-$(date +%s).sh" in each image. The oldest, the parents', come first.
find_dated_scripts() {
  local path seconds undated=() dated=()
  for path in /entrypoints/*.sh; do
    [[ -f $path ]] || continue
    if [[ $path =~ -([0-9]+)\.sh$ ]]; then
      # Padded with zeros, so that alphabetical order is numerical order.
      printf -v seconds '%020d' "$((10#${BASH_REMATCH[1]}))"
      dated+=("$seconds $path")
    else
      undated+=("$path")
    fi
  done
  scripts+=("${undated[@]}")
  sort_dated
}

# Insertion sort: a pipe to sort(1) would cost two processes on every start.
sort_dated() {
  local sorted=() entry i
  for entry in "${dated[@]}"; do
    for ((i = ${#sorted[@]}; i > 0; i--)); do
      [[ ${sorted[i - 1]} > $entry ]] || break
      sorted[i]=${sorted[i - 1]}
    done
    sorted[i]=$entry
  done
  scripts+=("${sorted[@]#* }")
}

run_scripts() {
  local scripts script status
  find_scripts
  for script in "${scripts[@]}"; do
    status=0
    if [[ -x $script ]]; then "$script" || status=$?; else bash "$script" || status=$?; fi
    ((status == 0)) && continue
    echo "reyns: prestartup script ${script##*/} failed with status $status" >&2
    return 1
  done
}

is_safemode() {
  case ${SAFEMODE-} in [Tt][Rr][Uu][Ee] | [Yy][Ee][Ss] | [Yy] | 1) return 0 ;; esac
  return 1
}
