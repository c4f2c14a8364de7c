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
  [[ -d $keys ]] || echo "reyns: no keys at $keys; the project's user cannot log in" >&2
  [[ -f $host_key ]] || make_host_key
  if [[ ! -d $keys ]]; then
    rm -f "$known_hosts" "$client_config"
    return
  fi
  local name
  for name in id_ed25519 id_ed25519.pub known_hosts; do
    [[ -f $keys/$name ]] && continue
    echo "reyns: the keys at $keys lack $name" >&2
    exit 1
  done
  install_user_key
  configure_ssh_client
}

# The host puts one into each container, with a certificate; whoever runs the image by hand gets one that nobody knows.
make_host_key() {
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

# Each instance has a host key of its own, certified for its names, so that "ssh NAME" asks nothing and reaches no other.
# Other hosts keep OpenSSH's own defaults.
configure_ssh_client() {
  local hosts
  install -m 644 "$keys/known_hosts" "$known_hosts"
  for hosts in '* !*.* !*:*' "*.${DNS_ZONE:-local.zone}"; do
    printf 'Host %s\n' "$hosts"
    printf '  %s\n' 'User reyns' 'IdentityFile /home/reyns/.ssh/id_ed25519' \
      "GlobalKnownHostsFile $known_hosts" 'UserKnownHostsFile none' 'StrictHostKeyChecking yes' 'UpdateHostKeys no'
  done > "$client_config"
}
