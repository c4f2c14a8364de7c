#!/usr/bin/env bash
# Creates all files of a release in dist/release/VERSION. Builds are reproducible: a commit always gives the same bytes.
#   release.sh VERSION             all targets
#   release.sh VERSION TARGET…     only these
#   release.sh VERSION --check …   builds everything twice and compares
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/setup.sh
source scripts/setup.sh ""
exec bun scripts/release.ts "$@"
