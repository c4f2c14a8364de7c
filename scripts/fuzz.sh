#!/usr/bin/env bash
# Runs the random tests of all parsers, of the output and of the images' programs again and again, each time with another
# seed, until the time is over or one fails. Needs no Docker Engine.
#   fuzz.sh [SECONDS] [SEED]   SECONDS: 600 unless given; SEED: that of the first round, random unless given
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

seconds=${1:-600}
seed=${2:-$((RANDOM * 32768 + RANDOM))}
for number in "$seconds" "$seed"; do
  [[ $number =~ ^[0-9]{1,9}$ ]] || {
    echo "\"$number\" is not a number, accepted: fuzz.sh [SECONDS] [SEED]" >&2
    exit 2
  }
done
# shellcheck source=scripts/setup.sh
source scripts/setup.sh tools
[ -x dist/reyns ] || bun scripts/build.ts

first=$seed
while :; do
  echo "seed $seed"
  SEED=$seed NO_COLOR=1 bun test test/property </dev/null || {
    echo "failed; to repeat it: SEED=$seed bun test test/property" >&2
    exit 1
  }
  [ "$SECONDS" -lt "$seconds" ] || break
  seed=$((seed + 1))
done
echo "seeds $first to $seed: no fault in $SECONDS s"
