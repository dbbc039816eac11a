#!/usr/bin/env bash
# scripts/bench.sh join|client
# Measures the published binaries and prints name=value lines; benchmarks/README.md says what each is.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/prerequisites.sh

case "${1:-}" in
  join | client) ;;
  *) fail "usage: scripts/bench.sh join|client" ;;
esac

require_root "the benchmarks make network namespaces and interfaces"
require_tun
require_dotnet
install_missing build lab

# A compilation that is skipped because nothing changed prints no warnings.
[ "$1" != client ] || rm -rf artifacts/obj/Elysium.Client/release*/native

build_quietly benchmarks
./scripts/publish.sh
export ELYSIUM_BINARIES=$PWD/artifacts/binaries
exec artifacts/bin/Elysium.Benchmarks/release/Elysium.Benchmarks "$1"
