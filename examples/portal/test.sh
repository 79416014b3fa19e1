#!/usr/bin/env bash
# The portal from nothing to tested: installs what package-lock.json names, checks types, builds,
# and lets readers in headless Chromium at it, on a hub with the sample content; then the GraphQL
# clients of tests/clients. Needs node, npm, Debian's chromium, and the program that
# `cargo build` makes (or another one, named by GONGBAO_BIN).
set -euo pipefail
cd "$(dirname "$0")"
export ASTRO_TELEMETRY_DISABLED=1
# Progress and advice of npm are of no use in a log.
npm=(npm --no-audit --no-fund --no-update-notifier --loglevel=error)

"${npm[@]}" ci
npm run --silent check
npm run --silent build
npm run --silent test

cd ../../tests/clients
"${npm[@]}" ci
npm run --silent test
