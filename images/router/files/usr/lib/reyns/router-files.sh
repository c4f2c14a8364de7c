# shellcheck shell=bash
# shellcheck disable=SC2034 # The programs use what this file sets.
# Where the router keeps what Reyns has told it. The volume outlives the container: a router that is started again, or
# replaced, serves the same routes before anybody has told it anything.

# On the volume.
state=/var/lib/caddy/router
config=$state/config.json
# For each instance a file "HOST" with lines "KEY CONTAINER PORT"; "HOST.out" while it gets no requests.
upstreams=$state/upstreams
# All of it in one file, in the form of the input of "router configure", for whoever looks from outside.
served=$state/served

run=/run/reyns-router
zone=$run/upstreams.zone
admin=$run/admin/caddy.sock

# Container is the beginning of an id: the Engine's resolver answers for it with the present address.
is_upstream() {
  [[ $1 =~ ^[a-z0-9]{1,63}$ && $2 =~ ^[a-z0-9][a-z0-9.-]{0,62}$ && $3 =~ ^[0-9]{1,5}$ ]]
}

# Sets "serial" to the new zone's serial number.
write_zone() {
  local file key container port
  serial=$(($(cat "$run/serial" 2> /dev/null || date +%s) + 1))
  echo "$serial" > "$run/serial"
  {
    # shellcheck disable=SC2016 # $TTL is a word of zone files.
    printf '%s\n' '$TTL 0' "@ SOA localhost. localhost. $serial 3600 600 86400 0" '@ NS localhost.'
    for file in "$upstreams"/*; do
      # Not those that are out, or half written.
      [[ -f $file && ${file##*/} != *.* ]] || continue
      while read -r key container port; do
        is_upstream "$key" "$container" "$port" && echo "$key SRV 0 0 $port $container."
      done < "$file"
    done
  } > "$zone.new"
  mv "$zone.new" "$zone"
}
