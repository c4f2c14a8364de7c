#!/usr/bin/env bash
# Demonstrates Reyns: builds and runs the demo project in ./reyns-demo with the executable alone.
# Can be run again at any time.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/setup.sh
source scripts/setup.sh engine
bun scripts/build.ts

bold='' dim='' plain=''
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ] && [ "${TERM:-dumb}" != dumb ]; then
  bold=$'\e[1m' dim=$'\e[2m' plain=$'\e[0m'
fi

note() { printf '\n%s# %s%s\n' "$dim" "$*" "$plain"; }

# Prints a command as typed, then runs it.
try() {
  printf '%s$ %s%s\n' "$bold" "$1" "$plain"
  eval "$1"
}

note "One executable, and the Docker Engine"
# shellcheck disable=SC2016 # shown as it is typed
try 'export PATH="$PWD/dist:$PATH"'
if [ ! -d reyns-demo ]; then
  note "The demo project, in $PWD/reyns-demo"
  try 'reyns install_demo'
fi
note "The images, parents first"
try 'cd reyns-demo'
try 'reyns build:all'
note "A DNS and two instances of a service"
try 'reyns run:all'
try 'reyns ps'
note "Instance two finds instance one by its name"
try 'reyns ssh:demo,instance=two,command="ping -c 1 demo-one"'

cat <<END

Go on:     cd ${PWD#"$OLDPWD"/}; export PATH="$OLDPWD/dist:\$PATH"
           reyns help
           reyns ssh demo one
           reyns logs all follow=true
Clean up:  reyns clean:all
END
