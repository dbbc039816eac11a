#!/usr/bin/env bash
# scripts/update-reference.sh: writes docs/reference/library-api.md as the libraries are now. Look at what it changed before you commit it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/prerequisites.sh
require_dotnet
build_quietly tests/Elysium.Tests
ELYSIUM_UPDATE_REFERENCE=1 artifacts/bin/Elysium.Tests/release/Elysium.Tests -noColor -noLogo -class Elysium.Tests.Documents.LibraryApiTests
git --no-pager diff --stat -- docs/reference
