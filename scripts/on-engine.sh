#!/usr/bin/env bash
# Runs a command on an Engine of its own, which starts for it and ends with it:
#   on-engine.sh docker-28 scripts/test.sh PATTERN…         Docker 28.5, of Debian sid
#   on-engine.sh docker-26 scripts/test.sh PATTERN…         Docker 26.1, of Debian trixie
#   on-engine.sh podman-4 scripts/test.sh PATTERN…          Podman 4.3 as root, of Debian bookworm
#   STORE=containerd on-engine.sh docker-28 COMMAND…        with images in containerd's store
#   NETWORK=slirp4netns on-engine.sh docker-28 COMMAND…     with a way to Debian's packages: several test files call init
# The packages are downloaded to dist/tools once. This machine's own Engine, network and files stay as they are: the new
# one and the command are in namespaces, in which /run/docker.sock is the new one's. It gets a copy of the base images of
# this machine's Engine; without NETWORK it has no way to build others: call reyns init before, with the Reyns that is
# tested. Needs root, apt-get and curl; outside of bookworm, a libc of 2.36 or newer.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
socket=/run/docker.sock

fail() {
  printf 'on-engine: %s\n' "$*" >&2
  exit 3
}

# Without runc: that of a newer release needs a newer libc, and any other does.
packages_of() {
  case $1 in
    docker-28) echo sid docker.io containerd tini tini-static ;;
    docker-26) echo trixie docker.io containerd tini ;;
    podman-4) echo bookworm podman conmon netavark aardvark-dns catatonit golang-github-containers-common \
      golang-github-containers-image libgpgme11 libsubid4 ;;
    *) fail "usage: on-engine.sh docker-28|docker-26|podman-4 COMMAND…" ;;
  esac
}

# Unpacks packages of another release of Debian into a folder; the lists and the cache of apt are temporary.
fetch() {
  local folder=$1 release=$2 mirror scratch package
  shift 2
  # shellcheck disable=SC2016
  mirror=$(apt-get indextargets --format '$(REPO_URI)' | grep -m 1 -E '/debian/?$') || fail "apt has no Debian mirror"
  scratch=$(mktemp -d)
  mkdir "$scratch/lists" "$scratch/packages"
  echo "deb [trusted=yes] $mirror $release main" >"$scratch/sources.list"
  local options=(-qq "-oDir::Etc::SourceList=$scratch/sources.list" -oDir::Etc::SourceParts=/dev/null
    "-oDir::State::Lists=$scratch/lists" "-oDir::Cache=$scratch" -oAPT::Sandbox::User=root)
  apt-get "${options[@]}" update
  (cd "$scratch/packages" && apt-get "${options[@]}" download "$@")
  for package in "$scratch"/packages/*.deb; do dpkg-deb -x "$package" "$folder.new"; done
  rm -rf "$scratch"
  mv "$folder.new" "$folder"
}

# Lays the unpacked packages over this machine's files, and a network with an address and a route.
set_up_namespaces() {
  local engine=$1 data=$2
  mount -t overlay -o "lowerdir=$engine/usr:/usr" overlay /usr
  mkdir "$data/etc" "$data/work"
  mount -t overlay -o "lowerdir=$engine/etc:/etc,upperdir=$data/etc,workdir=$data/work" overlay /etc
  # Without a way to a DNS, names fail at once, instead of after half a minute.
  local nameserver=127.0.0.1
  [ -z "${NETWORK:-}" ] || nameserver=10.0.2.3
  rm -f /etc/resolv.conf
  echo "nameserver $nameserver" >/etc/resolv.conf
  mount -t tmpfs none /run
  mkdir /run/sshd
  # Tests with several Engines remove there what belongs to no process that they see.
  mount -t tmpfs none /dev/shm
  mkdir "$data/tmp"
  export TMPDIR="$data/tmp"
  ip link set lo up
  ip link add eth0 type veth peer name uplink
  ip address add 192.168.78.1/24 dev eth0
  ip link set eth0 up
  ip link set uplink up
  [ -n "${NETWORK:-}" ] || ip route add default via 192.168.78.2
}

# Connects a network namespace to this machine's network, with a program that changes nothing there.
start_network() {
  local data=$1 tools=$root/dist/tools/slirp4netns tries=0
  LD_LIBRARY_PATH=$(echo "$tools"/usr/lib/*-linux-gnu) "$tools/usr/bin/slirp4netns" --configure --disable-host-loopback \
    --netns-type path --ready-fd 3 "/run/netns/${data##*/}" tap0 >"$data/network.log" 2>&1 3>"$data/network" </dev/null &
  network=$!
  until [ -s "$data/network" ]; do
    sleep 0.1
    tries=$((tries + 1))
    if [ "$tries" -gt 100 ] || ! kill -0 "$network"; then
      cat "$data/network.log" >&2
      fail "slirp4netns does not start"
    fi
  done
}

start_docker() {
  local data=$1 snapshotter=false
  [ "${STORE:-}" != containerd ] || snapshotter=true
  printf '{ "features": { "containerd-snapshotter": %s } }\n' "$snapshotter" >"$data/daemon.json"
  exec dockerd --config-file "$data/daemon.json" --data-root "$data/engine" \
    --exec-opt native.cgroupdriver=cgroupfs --cgroup-parent "/${data##*/}"
}

start_podman() {
  local data=$1
  exec podman --root "$data/engine" --storage-driver overlay --cgroup-manager cgroupfs --events-backend file \
    --runtime runc system service --time 0 "unix://$socket"
}

# Inside of the namespaces.
start_and_run() {
  local name=$1 data=$2 tries=0
  shift 2
  set_up_namespaces "$root/dist/tools/$name" "$data"
  case $name in
    docker-*) start_docker "$data" ;;
    podman-*) start_podman "$data" ;;
  esac >"$data/log" 2>&1 </dev/null &
  until curl --silent --fail --output /dev/null --unix-socket "$socket" http://engine/_ping; do
    sleep 0.2
    tries=$((tries + 1))
    if [ "$tries" -gt 300 ] || ! kill -0 $!; then
      tail -n 20 "$data/log" >&2
      fail "the Engine does not start"
    fi
  done
  curl --silent --fail --show-error --output /dev/null --unix-socket "$socket" --request POST \
    --header "content-type: application/x-tar" --upload-file "$data/images.tar" "http://engine/images/load?quiet=true"
  rm "$data/images.tar"
  "$@"
}

if [ "${1:-}" = --inside ]; then
  shift
  start_and_run "$@"
  exit
fi

name=${1:-}
packages=$(packages_of "$name")
shift
[ "$#" -gt 0 ] || fail "usage: on-engine.sh $name COMMAND…"
# shellcheck disable=SC2086
[ -d "$root/dist/tools/$name" ] || fetch "$root/dist/tools/$name" $packages
case ${NETWORK:-} in
  "") ;;
  slirp4netns)
    [ -d "$root/dist/tools/slirp4netns" ] || fetch "$root/dist/tools/slirp4netns" bookworm slirp4netns libslirp0
    ;;
  *) fail "NETWORK is \"$NETWORK\", accepted: slirp4netns" ;;
esac
# mktemp(1) replaces the Xs.
data=$(mktemp -d /var/tmp/reyns-engine-XXXXXX)
network=
# shellcheck disable=SC2317
clean_up() {
  if [ -n "$network" ]; then
    kill "$network" 2>/dev/null || true
    ip netns delete "${data##*/}"
  fi
  rm -rf "$data"
  find /sys/fs/cgroup -depth -path "*/${data##*/}*" -type d -exec rmdir {} + 2>/dev/null || true
}
trap clean_up EXIT
mapfile -t images < <(docker images --format '{{.Repository}}:{{.Tag}}' | grep -E '^(reyns|dockerops|debian)[:/]')
[ "${#images[@]}" -gt 0 ] || fail "this machine's Engine has no base images: reyns init"
docker save --output "$data/images.tar" "${images[@]}"
enter=(unshare --net)
if [ -n "${NETWORK:-}" ]; then
  ip netns add "${data##*/}"
  start_network "$data"
  enter=(nsenter "--net=/run/netns/${data##*/}" unshare)
fi
status=0
"${enter[@]}" --mount --pid --fork --kill-child --mount-proc \
  bash "${BASH_SOURCE[0]}" --inside "$name" "$data" "$@" || status=$?
exit "$status"
