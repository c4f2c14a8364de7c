# shellcheck shell=bash
# shellcheck disable=SC2034 # The programs use what this file sets.
# Where the router keeps what Reyns has told it. The volume outlives the container: a router that is started again, or
# replaced, serves the same routes before anybody has told it anything.
set -o pipefail

# On the volume. Root's own: what Caddy's user could write there, such as links, root would follow.
state=/var/lib/caddy/router
config=$state/config.json
# For each instance a file "HOST" with lines "KEY CONTAINER PORT"; "HOST.out" while it gets no requests.
upstreams=$state/upstreams
# All of it in one file, in the form of the input of "router configure", for whoever looks from outside.
served=$state/served

run=/run/reyns-router
zone=$run/upstreams.zone
admin=$run/admin/caddy.sock
# There while Caddy runs without the last configuration, because it refuses it by now.
refused=$run/admin/refused

# Container is the beginning of an id: the Engine's resolver answers for it with the present address. Or it is the name in
# the DNS of an instance on another machine.
is_upstream() {
  [[ $1 =~ ^[a-z0-9]{1,63}$ && $2 =~ ^[a-z0-9][a-z0-9.-]{0,252}$ && $3 =~ ^[0-9]{1,5}$ ]]
}

# Makes the input a file's content. The former file stays where that cannot be written, such as on a full disk.
replace() { cat > "$1.new" && mv -fT "$1.new" "$1"; }

# The records of the instances in these folders, but for those that are out, or half written.
upstream_records() {
  local folder file key container port
  for folder; do
    for file in "$folder"/*; do
      [[ -f $file && ${file##*/} != *.* ]] || continue
      while read -r key container port; do
        ! is_upstream "$key" "$container" "$port" || echo "$key SRV 0 0 $port $container."
      done < "$file"
    done
  done | sort -u
}

# write_zone FOLDER... Sets "serial" to the new zone's serial number.
write_zone() {
  local records
  records=$(upstream_records "$@") || return 1
  serial=$(($(cat "$run/serial" 2> /dev/null || date +%s) + 1))
  echo "$serial" | replace "$run/serial" || return 1
  # shellcheck disable=SC2016 # $TTL is a word of zone files.
  printf '%s\n' '$TTL 0' "@ SOA localhost. localhost. $serial 3600 600 86400 0" '@ NS localhost.' "$records" |
    replace "$zone"
}
