#!/usr/bin/env bash
# Asks the npm registry for known weaknesses of every package in bun.lock, and checks that versions are exact. Status 1 if
# there are any, or if it does not answer: a release waits for it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/setup.sh
source scripts/setup.sh ""
if grep -nE '": "[~^*<>]' package.json; then
  echo "package.json: pin these exactly" >&2
  exit 1
fi
bun install --frozen-lockfile
exec bun audit
