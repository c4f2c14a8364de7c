#!/usr/bin/env bash
# Runs all tests, on a real Docker Engine and with the executable; `test.sh PATTERN…` runs the files that
# match. Gets what it needs first. The last line is "N passed, N failed, N skipped".
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/setup.sh
source scripts/setup.sh engine
bun scripts/build.ts
# Before all tests: those that find no base would make it, or say that they cannot, several at once.
step "base images" dist/reyns init || say "tests that need them will fail"

output=dist/test.log
status=0
# Two files at a time, as tests mostly wait; with three those fail that measure how long something takes.
NO_COLOR=1 bun test --parallel=2 "$@" </dev/null 2>&1 | tee "$output" || status=$?

# The runner's closing lines, such as " 12 pass". Its JUnit report leaves out files that do not load.
count() { awk -v word="$1" 'NF == 2 && $2 == word && $1 ~ /^[0-9]+$/ { n = $1 } END { print n + 0 }' "$output"; }
passed=$(count pass)
failed=$(count fail)
skipped=$(($(count skip) + $(count todo)))
# A runner that died, or an error outside of any test, is a failure too.
if [ "$status" -ne 0 ] && [ "$failed" -eq 0 ]; then failed=1; fi
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
