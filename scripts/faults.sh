#!/usr/bin/env bash
# Injects faults as they happen on real machines and prints a table of the outcomes, for Reyns and for docker-compose if
# there is one (`bun bench/run.ts --fetch` gets it). Then runs the long versions of the tests in docs/reliability.md.
# `faults.sh WORD…` injects only the faults whose name contains one of the words and skips the tests; `--markdown` prints
# the table for the page. Takes about 20 minutes. Exits with status 1 if Reyns fails any.
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
