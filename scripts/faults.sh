#!/usr/bin/env bash
# Does to Reyns, at length, what goes wrong on real machines, and prints what came of it: the long version of the tests
# that docs/reliability.md names. Beside it stands what docker-compose made of the same, where there is one
# (`bun bench/run.ts --fetch` gets it). `faults.sh WORD…` does only those whose name has one of the words, and no long
# tests; `--markdown` prints the table for the page. Takes some 20 minutes. Ends with status 1 if Reyns has failed one.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/setup.sh
source scripts/setup.sh engine
bun scripts/build.ts
status=0
bun bench/faults.ts "$@" || status=$?
case "$*" in
  "" | --markdown) FAULTS=long NO_COLOR=1 bun test at-once interrupted crashes >&2 || status=1 ;;
esac
exit "$status"
