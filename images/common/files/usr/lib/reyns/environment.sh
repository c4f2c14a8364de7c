# shellcheck shell=bash
# Saves the container's environment for processes that do not inherit it: logins, and scripts run by hand. The format is
# the kernel's, with a NUL after each entry. It needs no quoting, so any value survives, as do names that are not shell
# identifiers ("discovery.type").

environment_file=/run/reyns/environment

# Variables of a session, not of the container.
is_of_session() {
  case ${1%%=*} in
    HOME | USER | LOGNAME | SHELL | TERM | PWD | OLDPWD | SHLVL | _ | HOSTNAME | REYNS_*) return 0 ;;
  esac
  return 1
}

# Values may be secrets: only root and the group "reyns" may read them. The folder's setgid bit sets the group.
save_environment() {
  [[ -d ${environment_file%/*} ]] || install -d -g reyns -m 2750 "${environment_file%/*}"
  local entries
  mapfile -d '' -t entries < /proc/self/environ
  (umask 027 && printf '%s\0' "${entries[@]}" > "$environment_file")
}

# Sets the array "environment" to the NAME=VALUE entries for a session.
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

# Exports all variables of the container that are missing, after sudo has dropped them.
restore_environment() {
  local entries entry
  mapfile -d '' -t entries < "$environment_file"
  for entry in "${entries[@]}"; do
    [[ -v ${entry%%=*} ]] || export_entry "$entry"
  done
}

# Skips names that are not shell identifiers, because a shell cannot hold them.
export_entry() {
  [[ ${1%%=*} =~ ^[A-Za-z_][A-Za-z0-9_]*$ ]] || return 0
  export "${1?}"
}
