#!/usr/bin/env bash
# scripts/test.sh [pure|linux|kernel|backend|e2e|all]
# Installs what is missing, builds, runs the tests, and ends with the plain total: 'N passed, N failed'.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/prerequisites.sh

case "${1:-all}" in
  pure) projects=(Elysium.Tests) ;;
  linux) projects=(Elysium.Linux.Tests) ;;
  kernel) projects=(Elysium.Kernel.Tests) ;;
  backend) projects=(Elysium.Backend.Tests) ;;
  e2e) projects=(Elysium.EndToEnd.Tests) ;;
  all) projects=(Elysium.Tests Elysium.Linux.Tests Elysium.Kernel.Tests Elysium.Backend.Tests Elysium.EndToEnd.Tests) ;;
  *) fail "'$1' is no group of tests. Usage: scripts/test.sh [pure|linux|kernel|backend|e2e|all]" ;;
esac

require_dotnet
needs=(build)
if [[ "${projects[*]}" != Elysium.Tests && "${projects[*]}" != Elysium.Kernel.Tests ]]; then
  require_root "the tests make network namespaces and interfaces"
  require_tun
  needs+=(lab)
  [ "${projects[*]}" = Elysium.Linux.Tests ] || needs+=(postgres)
fi

install_missing "${needs[@]}"

reports=$(mktemp -d)
running=""

# Nothing may stay behind: not on success, not on Ctrl-C, not after a crash of an earlier run.
finish() {
  trap - EXIT INT TERM
  if [ -n "$running" ]; then
    kill -TERM "$running" 2>/dev/null || true
    wait "$running" 2>/dev/null || true
  fi

  sweep
  rm -rf "$reports"
}

sweep() {
  if [[ " ${needs[*]} " == *" lab "* && -x artifacts/bin/Elysium.Demo/release/Elysium.Demo ]]; then
    artifacts/bin/Elysium.Demo/release/Elysium.Demo sweep || true
  fi
}

trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

passed=0 failed=0 skipped=0

# count ATTRIBUTE REPORT: the sum over the report's assemblies.
count() {
  { grep -o '<assembly [^>]*' "$2" || true; } | { grep -o " $1=\"[0-9]*\"" || true; } | tr -dc '0-9\n' | awk '{ sum += $1 } END { print sum + 0 }'
}

# run NAME PROJECT ARGUMENT…: adds what its report says. A program that ends badly without a failed test in its report, or that ran
# no test at all, is a failure of its own.
run() {
  local project=$1 report=$reports/report.xml started=$SECONDS code=0 p=0 f=0 s=0 program=$2
  shift 2
  rm -f "$report"
  echo "== $project"
  "artifacts/bin/$program/release/$program" -noColor -noLogo -noAutoReporters -reporter verbose -result-xml "$report" "$@" &
  running=$!
  wait "$running" || code=$?
  running=""

  if [ -s "$report" ]; then
    p=$(count passed "$report")
    f=$(($(count failed "$report") + $(count errors "$report")))
    s=$(count skipped "$report")
  fi

  if [ "$f" -eq 0 ] && { [ "$code" -ne 0 ] || [ $((p + s)) -eq 0 ]; }; then
    echo "$project ended with code $code after $p passed tests: this counts as a failure." >&2
    f=1
  fi

  echo "== $project: $p passed, $f failed, $s skipped in $((SECONDS - started)) s"
  passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
}

# run_guest: the same for the tests that run in a guest, which say a line each. Those of which nothing was said have failed.
run_guest() {
  local project=Elysium.Kernel.Tests report=artifacts/guest/report.log started=$SECONDS code=0 planned p f
  echo "== $project"
  mkdir -p artifacts/guest
  : >"$report"
  ./scripts/guest.sh &
  running=$!
  wait "$running" || code=$?
  running=""

  planned=$(sed -n 's/^tests: \([0-9]*\)$/\1/p' "$report" | head -1)
  p=$(grep -c '^passed ' "$report") || true
  f=$((${planned:-1} - p))
  if [ "$f" -le 0 ] && { [ "$code" -ne 0 ] || [ "$p" -eq 0 ]; }; then
    f=1
  fi

  [ "$f" -eq 0 ] || echo "$project ended with code $code after $p of ${planned:-?} tests passed." >&2
  echo "== $project: $p passed, $f failed in $((SECONDS - started)) s"
  passed=$((passed + p)) failed=$((failed + f))
}

total() {
  local line="$passed passed, $failed failed"
  [ "$skipped" -eq 0 ] || line+=", $skipped skipped"
  echo "$line"
}

[[ " ${needs[*]} " != *" lab "* ]] || build_quietly tests/Elysium.Demo || exit 1
sweep

for project in "${projects[@]}"; do
  if [ "$project" = Elysium.Kernel.Tests ]; then
    run_guest
    continue
  fi

  if ! build_quietly "tests/$project"; then
    failed=$((failed + 1))
    continue
  fi

  if [ "$project" = Elysium.EndToEnd.Tests ]; then
    if ! ./scripts/publish.sh; then
      failed=$((failed + 1))
      continue
    fi

    export ELYSIUM_BINARIES=$PWD/artifacts/binaries
  fi

  if [ "$project" = Elysium.Backend.Tests ]; then
    # The same tests on both engines; those that are about one run once.
    ELYSIUM_TEST_DATABASE=sqlite run "$project on SQLite" "$project" -trait- engine=postgres
    ELYSIUM_TEST_DATABASE=postgres run "$project on PostgreSQL" "$project" -trait- engine=sqlite
    continue
  fi

  run "$project" "$project"
done

finish
total
[ "$failed" -eq 0 ]
