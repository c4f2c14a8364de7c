#!/usr/bin/env bash
# Makes ready what the other scripts need, and says nothing when it all is:
#   setup.sh          Bun in the version that package.json pins, and the packages in bun.lock
#   setup.sh tools    also the tools that the tests call
#   setup.sh engine   also these tools, and a Docker Engine that answers
# Sourced by the others, so that they get the right `bun` on their PATH. Everything comes from the npm
# registry and from Debian's packages; an Engine that answers is left alone.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
bun_version=$(sed -n 's/^ *"bun": "\([^"]*\)".*/\1/p' "$root/package.json")
engine_log=/var/log/reyns-dockerd.log
engine_deadline=60
engine_pid=

say() { printf 'setup: %s\n' "$*" >&2; }

fail() {
  say "$*"
  exit 3
}

# Runs a command that takes a while: one line with its time, and the end of its output if it fails.
step() {
  local what=$1 output status=0
  shift
  output=$(mktemp)
  printf 'setup: %s ...' "$what" >&2
  local started=$SECONDS
  "$@" >"$output" 2>&1 </dev/null || status=$?
  if [ "$status" -eq 0 ]; then
    printf ' %s s\n' "$((SECONDS - started))" >&2
  else
    printf ' failed (status %s)\n' "$status" >&2
    tail -n 20 "$output" | sed 's/^/  | /' >&2
  fi
  rm -f "$output"
  return "$status"
}

is_right_bun() { [ "$("$1" --version 2>/dev/null || true)" = "$bun_version" ]; }

# Puts the folder of the first file that is the right Bun on the PATH. Packages of an npm that runs no
# install scripts have it in @oven/ only.
use_bun_of() {
  local file
  for file in "$1"/node_modules/bun/bin/bun.exe "$1"/node_modules/@oven/bun-*/bin/bun; do
    is_right_bun "$file" || continue
    mkdir -p "$root/dist/tools/bin"
    ln -sf "$file" "$root/dist/tools/bin/bun"
    export PATH="$root/dist/tools/bin:$PATH"
    return 0
  done
  return 1
}

ensure_bun() {
  is_right_bun bun && return 0
  use_bun_of "$root" && return 0
  use_bun_of "$root/dist/tools" && return 0
  command -v npm >/dev/null || fail "needs Bun $bun_version, or npm to get it with"
  step "Bun $bun_version from the npm registry" \
    npm install --no-save --no-package-lock --no-audit --no-fund --prefix "$root/dist/tools" "bun@$bun_version"
  use_bun_of "$root/dist/tools" || fail "Bun $bun_version does not start on this machine"
}

ensure_packages() {
  local stamp="$root/node_modules/.setup-stamp"
  cat "$root/package.json" "$root/bun.lock" | cmp -s - "$stamp" && return 0
  step "packages of bun.lock" bun install --frozen-lockfile --cwd "$root"
  cat "$root/package.json" "$root/bun.lock" >"$stamp"
}

engine_answers() { bun "$root/scripts/ping-engine.ts"; }

# Names of Debian's packages whose command is not there.
missing_packages() {
  local pair
  for pair in "$@"; do
    command -v "${pair%%=*}" >/dev/null || printf '%s\n' "${pair#*=}"
  done
}

install_packages() {
  export DEBIAN_FRONTEND=noninteractive
  step "list of Debian's packages" apt-get update
  step "$*" apt-get install -y --no-install-recommends "$@"
}

can_install() { [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; }

ensure_tools() {
  local missing
  mapfile -t missing < <(missing_packages mmdebstrap=mmdebstrap ssh=openssh-client sshd=openssh-server tmux=tmux ip=iproute2 busybox=busybox-static zsh=zsh fish=fish shellcheck=shellcheck groff=groff-base git=git docker-registry=docker-registry curl=curl certutil=libnss3-tools jq=jq jsonschema=python3-jsonschema)
  # Ubuntu's package only installs a snap.
  command -v google-chrome >/dev/null || mapfile -t -O "${#missing[@]}" missing < <(missing_packages chromium=chromium)
  [ "${#missing[@]}" -eq 0 ] && return 0
  if can_install; then install_packages "${missing[@]}"; else say "tests that need ${missing[*]} will fail or be skipped"; fi
}

engine_process_lives() {
  local pid
  pid=$(cat /run/docker.pid 2>/dev/null) && [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = dockerd ]
}

start_engine() {
  if [ -d /run/systemd/system ]; then
    step "start of the Docker Engine by systemd" systemctl start docker
    return
  fi
  engine_process_lives && return 0
  # What a machine that was switched off leaves; the number may be another process by now.
  rm -f /run/docker.pid
  # Collecting garbage less often saves a tenth of the CPU that a start of a container takes.
  GOGC=400 setsid dockerd >"$engine_log" 2>&1 </dev/null &
  engine_pid=$!
}

wait_for_engine() {
  local deadline=$((SECONDS + engine_deadline))
  until engine_answers; do
    [ "$SECONDS" -lt "$deadline" ] || return 1
    [ -z "$engine_pid" ] || kill -0 "$engine_pid" 2>/dev/null || return 1
    sleep 0.2
  done
}

ensure_engine() {
  engine_answers && return 0
  [ -z "${DOCKER_HOST:-}" ] || fail "no Docker Engine answers at DOCKER_HOST=$DOCKER_HOST"
  local missing
  mapfile -t missing < <(missing_packages dockerd=docker.io iptables=iptables)
  can_install || fail "needs a Docker Engine that answers at /var/run/docker.sock; install docker.io or docker-ce and start it"
  [ "${#missing[@]}" -eq 0 ] || install_packages "${missing[@]}"
  start_engine
  step "wait for the Docker Engine" wait_for_engine && return 0
  [ ! -f "$engine_log" ] || tail -n 20 "$engine_log" | sed 's/^/  | /' >&2
  fail "the Docker Engine does not start, or not within $engine_deadline s"
}

ensure_bun
ensure_packages
if [ "${1:-}" = engine ]; then ensure_engine; fi
if [ -n "${1:-}" ]; then ensure_tools; fi
