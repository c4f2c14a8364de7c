#!/usr/bin/env bash
# Builds dist/reyns, the executable for this machine; `build.sh --all` or `build.sh TARGET…` builds others.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/setup.sh
source scripts/setup.sh ""
exec bun scripts/build.ts "$@"
