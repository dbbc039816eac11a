#!/usr/bin/env bash
# scripts/demo.sh [--keep|--down]
# A backend and three machines in network namespaces of this machine: they join, ping, one is revoked, the backend is killed.
#   --keep  leaves it up and says how to look around in it
#   --down  takes down what --keep left up
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/prerequisites.sh

case "${1:-}" in
  "") verb=(story) ;;
  --keep) verb=(story --keep) ;;
  --down) verb=(sweep --kept) ;;
  *) fail "'$1' is no option. Usage: scripts/demo.sh [--keep|--down]" ;;
esac

require_root "the demo makes network namespaces and interfaces"
require_tun
require_dotnet
install_missing build lab

build_quietly tests/Elysium.Demo
if [ "${verb[0]}" = story ]; then
  ./scripts/publish.sh
fi

demo=artifacts/bin/Elysium.Demo/release/Elysium.Demo
export ELYSIUM_BINARIES=$PWD/artifacts/binaries
running=""

# The program removes its lab itself; what it could not, if it was killed, the sweep does.
# shellcheck disable=SC2317 # the traps call it
finish() {
  trap - EXIT INT TERM
  if [ -n "$running" ]; then
    kill -TERM "$running" 2>/dev/null || true
    wait "$running" 2>/dev/null || true
  fi

  "$demo" sweep >/dev/null || true
}

trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

"$demo" "${verb[@]}" &
running=$!
code=0
wait "$running" || code=$?
running=""
exit "$code"
