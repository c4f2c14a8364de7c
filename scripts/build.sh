#!/usr/bin/env bash
# Makes dist/reyns, the executable for this machine; `build.sh --all` or `build.sh TARGET…` for others.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/setup.sh
source scripts/setup.sh ""
exec bun scripts/build.ts "$@"
