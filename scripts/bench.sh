#!/usr/bin/env bash
# scripts/bench.sh join|client|wireguard|control [PART]
# Measures the published binaries, or the libraries alone (wireguard), and prints name=value lines; benchmarks/README.md says what each is.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/prerequisites.sh

case "${1:-}" in
  join | client | wireguard | control) ;;
  *) fail "usage: scripts/bench.sh join|client|wireguard|control [enrol|streams|storm [STREAMS]]" ;;
esac

require_root "the benchmarks make network namespaces and interfaces"
require_tun
require_dotnet
install_missing build lab
[ "$1" != control ] || install_missing postgres

# A compilation that is skipped because nothing changed prints no warnings.
[ "$1" != client ] || rm -rf artifacts/obj/Elysium.Client/release*/native

build_quietly benchmarks
if [ "$1" != wireguard ]; then
  ./scripts/publish.sh
  export ELYSIUM_BINARIES=$PWD/artifacts/binaries
fi
artifacts/bin/Elysium.Benchmarks/release/Elysium.Benchmarks "$@"

# The same at 1,000 peers in a kernel that has WireGuard.
[ "$1" != wireguard ] || ./scripts/guest.sh figures
