#!/usr/bin/env bash
# Checks every package in bun.lock for known vulnerabilities and package.json for exact versions. Required for a release.
# Exits with status 1 if there are any, or if the npm registry does not answer.
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
