#!/usr/bin/env bash
# Runs the tests; gets what they need first.
#   test.sh              all of them, on a real Docker Engine and with the executable
#   test.sh PATTERN…     the files that match
#   TESTS=quick test.sh  those that need no Engine, with the tenth part of the random cases, in about a minute
#   SEED=17 test.sh      repeats the random tests of a run that printed this seed
# The last line is "N passed, N failed, N skipped".
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

tests=${TESTS:-all}
case $tests in
  all) setup=engine ;;
  quick) setup=tools ;;
  *)
    echo "TESTS is \"$tests\", accepted: all, quick" >&2
    exit 2
    ;;
esac
# shellcheck source=scripts/setup.sh
source scripts/setup.sh "$setup"
bun scripts/build.ts

# What is on the Engine, one line each. The base images are what the next run needs again.
list_engine() {
  docker ps --all --format 'container {{.Names}}'
  docker network ls --format 'network {{.Name}}'
  docker volume ls --format 'volume {{.Name}}'
  docker images --format 'image {{.Repository}}:{{.Tag}} {{.ID}}' | sed -E '/^image (reyns|dockerops|debian)[:\/]/d'
}

files=("$@")
if [ "$tests" = quick ]; then
  # Of the files that call the executable, only those that need no Engine.
  [ "$#" -gt 0 ] || files=(test/unit test/property test/binary/{check,graph,hostile-words,install,install-home,install-refusals,results,size,upgrade}.test.ts)
  # Loading the sources for each file anew takes half of the time.
  options=(--parallel=3 --no-isolate)
else
  # Before all tests, several of which would build them at the same time.
  step "base images" dist/reyns init || say "tests that need them will fail"
  # More files at a time than there may be cores: tests mostly wait, for containers to start and leases to end.
  options=(--parallel=4)
  before=$(list_engine | sort)
fi

output=dist/test.log
status=0
# Files that took longest in the last run start first. A test asserts no time: Bun's limit of 5 s may be too few on a busy machine.
NO_COLOR=1 REYNS_BUILT=1 bun test "${options[@]}" --timeout=60000 --timings=dist/test-timings.json --update-timings "${files[@]}" \
  </dev/null 2>&1 | tee "$output" || status=$?

# The runner's closing lines, such as " 12 pass". Its JUnit report leaves out files that do not load.
count() { awk -v word="$1" 'NF == 2 && $2 == word && $1 ~ /^[0-9]+$/ { n = $1 } END { print n + 0 }' "$output"; }
passed=$(count pass)
failed=$(count fail)
skipped=$(($(count skip) + $(count todo)))
# Every failure once more at the end, with its output: a long log is often cut off at the front.
awk '/^\((pass|fail|skip|todo)\)/ { if (/^\(fail\)/ && said) print said $0; said = ""; next } { said = said $0 "\n" }' "$output"
# A runner that died, or an error outside of any test, is a failure too.
if [ "$status" -ne 0 ] && [ "$failed" -eq 0 ]; then failed=1; fi
if [ "$tests" = all ]; then
  left=$(comm -13 <(echo "$before") <(list_engine | sort))
  if [ -n "$left" ]; then
    printf 'left on the Engine by the tests:\n%s\n' "$left"
    failed=$((failed + 1))
  fi
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
