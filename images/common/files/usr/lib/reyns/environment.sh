# shellcheck shell=bash
# The container's environment as it was given, for processes that do not inherit it: logins, and scripts run by hand.
# It is kept as the kernel hands it over, entries ended by a NUL: no quoting, so any value survives, as do names that
# are no shell identifiers ("discovery.type").

environment_file=/run/reyns/environment

# What belongs to a session and not to the container.
is_of_session() {
  case ${1%%=*} in
    HOME | USER | LOGNAME | SHELL | TERM | PWD | OLDPWD | SHLVL | _ | HOSTNAME | REYNS_*) return 0 ;;
  esac
  return 1
}

# Values may be secrets: only root and the group "reyns", which the folder's setgid bit passes on, may read them.
save_environment() {
  [[ -d ${environment_file%/*} ]] || install -d -g reyns -m 2750 "${environment_file%/*}"
  local entries
  mapfile -d '' -t entries < /proc/self/environ
  (umask 027 && printf '%s\0' "${entries[@]}" > "$environment_file")
}

# Sets the array "environment" to the entries NAME=VALUE that a session should get.
read_environment() {
  local entries entry
  mapfile -d '' -t entries < "$environment_file"
  environment=()
  for entry in "${entries[@]}"; do
    is_of_session "$entry" || environment+=("$entry")
  done
}

# Exports the container's environment into a login shell.
load_environment() {
  local environment entry
  read_environment
  for entry in "${environment[@]}"; do
    export_entry "$entry"
  done
}

# Exports what is missing of the container's whole environment, after sudo has dropped it.
restore_environment() {
  local entries entry
  mapfile -d '' -t entries < "$environment_file"
  for entry in "${entries[@]}"; do
    [[ -v ${entry%%=*} ]] || export_entry "$entry"
  done
}

# Names that are no shell identifiers are left out: a shell cannot hold them.
export_entry() {
  [[ ${1%%=*} =~ ^[A-Za-z_][A-Za-z0-9_]*$ ]] || return 0
  export "${1?}"
}
