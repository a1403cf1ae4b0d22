#!/bin/sh
# Installs what the lock file names and compiles to dist/, each only when something changed. Everything it says goes to
# stderr. Called in the body of the npm scripts, because a pre-script would be skipped under `ignore-scripts`.
# Needs npm and any Node that npm runs on: the Node of the project (package `node`) comes with the install.
set -eu
cd "$(dirname "$0")/.."

stamp=node_modules/.shopsync-install
inputs=$(cat package.json package-lock.json .npmrc | cksum)
if [ ! -f "$stamp" ] || [ "$(cat "$stamp")" != "$inputs" ]; then
  # The flags undo what a user's environment or npmrc may say; NODE_ENV=production would leave out the compiler.
  env -u NODE_ENV npm ci --include=dev --include=optional --ignore-scripts=false --engine-strict=false \
    --no-audit --no-fund --no-update-notifier --loglevel=error >&2
  echo "$inputs" >"$stamp"
  rm -rf dist
fi

PATH="$PWD/node_modules/.bin:$PATH"
built=dist/.built
if [ ! -f "$built" ] || [ -n "$(find daemon tui shared scripts test/sandbox test/bench mikro-orm.config.ts tsconfig.json package.json -newer "$built" -print | head -n 1)" ]; then
  mkdir -p dist
  # The moment before compiling: what is saved while it runs counts as newer.
  : >dist/.building
  tsc -p scripts/tsconfig.build.json >&2
  chmod +x dist/daemon/main.js dist/tui/main.js
  mv dist/.building "$built"
fi
