# shellcheck shell=bash
# Installs the project's keys, which the host mounts read-only and which may belong to any user.

keys=/etc/reyns/keys
host_key=/etc/ssh/ssh_host_ed25519_key
known_hosts=/etc/ssh/reyns_known_hosts
client_config=/etc/ssh/ssh_config.d/reyns.conf
# Marks the line that is ours, so that a replaced key does not stay behind in a home that persists.
key_mark=reyns-project

install_keys() {
  [[ -d /run/sshd ]] || mkdir -p /run/sshd
  if [[ ! -d $keys ]]; then
    make_host_key
    return
  fi
  local name
  for name in id_ed25519 id_ed25519.pub ssh_host_ed25519_key ssh_host_ed25519_key.pub; do
    [[ -f $keys/$name ]] && continue
    echo "reyns: the keys at $keys lack $name" >&2
    exit 1
  done
  install -m 600 "$keys/ssh_host_ed25519_key" "$host_key"
  install_user_key
  configure_ssh_client
}

make_host_key() {
  rm -f "$known_hosts" "$client_config"
  [[ -f $host_key ]] && return
  echo "reyns: no keys at $keys; making a host key for this container alone" >&2
  ssh-keygen -q -t ed25519 -N '' -C '' -f "$host_key"
}

# The lines that an image has put into authorized_keys stay.
install_user_key() {
  local folder=/home/reyns/.ssh type key line lines=() kept=()
  [[ -d $folder ]] || install -d -o reyns -g reyns -m 700 "$folder"
  [[ -f $folder/authorized_keys ]] && mapfile -t lines < "$folder/authorized_keys"
  read -r type key _ < "$keys/id_ed25519.pub"
  for line in "${lines[@]}"; do
    [[ $line == *" $key_mark" ]] || kept+=("$line")
  done
  printf '%s\n' "${kept[@]}" "$type $key $key_mark" |
    install -o reyns -g reyns -m 600 /dev/stdin "$folder/authorized_keys"
  install -o reyns -g reyns -m 600 "$keys/id_ed25519" "$folder/id_ed25519"
}

# All instances of a project share one host key, so that one alias knows them all and "ssh NAME" asks nothing.
# Other hosts keep OpenSSH's own defaults.
configure_ssh_client() {
  local type key hosts
  read -r type key _ < "$keys/ssh_host_ed25519_key.pub"
  printf 'reyns-instance %s %s\n' "$type" "$key" > "$known_hosts"
  for hosts in '* !*.* !*:*' "*.${DNS_ZONE:-local.zone}"; do
    printf 'Host %s\n' "$hosts"
    printf '  %s\n' 'User reyns' 'IdentityFile /home/reyns/.ssh/id_ed25519' 'HostKeyAlias reyns-instance' \
      "GlobalKnownHostsFile $known_hosts" 'UserKnownHostsFile none' 'StrictHostKeyChecking yes' 'UpdateHostKeys no'
  done > "$client_config"
}
