#!/usr/bin/env bash
# Makes all files of a release in dist/release/VERSION. The same commit always gives the same bytes.
#   release.sh VERSION             all targets
#   release.sh VERSION TARGET…     only these
#   release.sh VERSION --check …   makes everything twice, and compares
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/setup.sh
source scripts/setup.sh ""
exec bun scripts/release.ts "$@"
