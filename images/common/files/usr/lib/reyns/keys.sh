# shellcheck shell=bash
# Installs the project's keys. The host mounts them read-only, and they may belong to any user.

keys=/etc/reyns/keys
host_key=/etc/ssh/ssh_host_ed25519_key
known_hosts=/etc/ssh/reyns_known_hosts
client_config=/etc/ssh/ssh_config.d/reyns.conf
server_config=/etc/ssh/sshd_config.d/reyns-listen.conf
# Marks Reyns's line, so that an old key can be removed from a persistent home.
key_mark=reyns-project

install_keys() {
  [[ -d /run/sshd ]] || mkdir -p /run/sshd
  [[ -d $keys ]] || echo "reyns: no keys at $keys; the project's user cannot log in" >&2
  [[ -f $host_key ]] || make_host_key
  configure_ssh_server
  if [[ ! -d $keys ]]; then
    rm -f "$known_hosts" "$client_config"
    return
  fi
  local name
  for name in id_ed25519 id_ed25519.pub known_hosts; do
    [[ -f $keys/$name ]] && continue
    echo "reyns: $keys lacks $name" >&2
    exit 1
  done
  install_user_key
  configure_ssh_client
}

# Normally the host provides a host key with a certificate. This makes an uncertified one if you run the image by hand.
make_host_key() {
  ssh-keygen -q -t ed25519 -N '' -C '' -f "$host_key"
}

# In the host's network, sshd listens on the addresses in REYNS_LISTEN and not on those that only others use.
configure_ssh_server() {
  local address
  rm -f "$server_config"
  [[ -n ${REYNS_LISTEN:-} ]] || return 0
  for address in 127.0.0.1 $REYNS_LISTEN; do
    [[ $address =~ ^[0-9.]{7,15}$ ]] && printf 'ListenAddress %s\n' "$address"
  done > "$server_config"
  return 0
}

# Keeps lines in authorized_keys that come from the image.
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

# Each instance has its own host key, certified for its names: "ssh NAME" verifies it without a prompt and rejects other
# instances. Other hosts keep OpenSSH's defaults.
configure_ssh_client() {
  local hosts
  install -m 644 "$keys/known_hosts" "$known_hosts"
  for hosts in '* !*.* !*:*' "*.${DNS_ZONE:-local.zone}"; do
    printf 'Host %s\n' "$hosts"
    printf '  %s\n' 'User reyns' 'IdentityFile /home/reyns/.ssh/id_ed25519' \
      "GlobalKnownHostsFile $known_hosts" 'UserKnownHostsFile none' 'StrictHostKeyChecking yes' 'UpdateHostKeys no'
  done > "$client_config"
}
