#!/usr/bin/env bash
# Publishes what a user would run into artifacts/binaries: 'elysium' and 'backend/elysium-backend'.
# The client's build log stays in artifacts/binaries/elysium.log.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/prerequisites.sh

require_dotnet
install_missing build

out=$PWD/artifacts/binaries
mkdir -p "$out"

# published NAME LOG COMMAND…: quiet when it works, the whole log when it does not.
published() {
  local name=$1 log=$2 started=$SECONDS
  shift 2
  echo "Publishing $name…"
  if ! "$@" >"$log" 2>&1; then
    cat "$log" >&2
    fail "$name could not be published (the log is above)."
  fi

  echo "Published $name in $((SECONDS - started)) s."
}

# For this machine's architecture. Naming it with -r would name it to the libraries too, whose lock files know of none.
published elysium "$out/elysium.log" \
  dotnet publish client -c Release -o artifacts/publish/client -nologo
published elysium-backend "$out/backend.log" \
  dotnet publish backend -c Release -o "$out/backend" -nologo

# The binary alone, without its debug symbols; renamed into place, because it may be running.
cp artifacts/publish/client/elysium "$out/elysium.new"
mv "$out/elysium.new" "$out/elysium"
