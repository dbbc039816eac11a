# Sourced by the other scripts: what they need of the machine, and how it gets there on Debian and Ubuntu.
# shellcheck shell=bash

# No build server stays behind when a script is done.
export MSBUILDDISABLENODEREUSE=1 UseSharedCompilation=false DOTNET_CLI_USE_MSBUILD_SERVER=0
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1

# fail MESSAGE: one line on stderr, and out.
fail() {
  echo "error: $*" >&2
  exit 1
}

# require_root WHY
require_root() {
  [ "$(id -u)" -eq 0 ] || fail "run this as root: $1."
}

# require_tun: the userspace engine makes its interfaces through this device.
require_tun() {
  [ -c /dev/net/tun ] || fail "/dev/net/tun is missing: load the tun module (modprobe tun), or give the container that device."
}

# require_dotnet: the SDK is the one thing that is not installed here, because people choose where it comes from.
require_dotnet() {
  command -v dotnet >/dev/null || fail "the .NET 10 SDK is missing: 'dotnet' is not on the PATH. Install it, then run this again."
  dotnet --list-sdks | grep -q '^10\.' || fail "the .NET 10 SDK is missing: 'dotnet --list-sdks' shows no 10.x. Install it, then run this again."

  # Programs built here find the runtime of this SDK, wherever it is.
  export DOTNET_ROOT=${DOTNET_ROOT:-$(dirname "$(readlink -f "$(command -v dotnet)")")}
}

# build_quietly PROJECT: says how long it took, or all that the compiler said.
build_quietly() {
  local log started=$SECONDS
  log=$(mktemp)
  echo "Building $1…"
  if ! dotnet build "$1" -c Release -nologo -v quiet >"$log" 2>&1; then
    cat "$log" >&2
    rm -f "$log"
    echo "error: $1 does not build (the compiler's output is above)." >&2
    return 1
  fi

  rm -f "$log"
  echo "Built $1 in $((SECONDS - started)) s."
}

# needs_build / needs_lab / needs_guest / needs_postgres: adds what is missing to 'missing', one "package|why" a line.
needs_build() {
  command -v gcc >/dev/null || command -v clang >/dev/null || need gcc "links the client into one native binary"
  [ -e /usr/include/stdio.h ] || need libc6-dev "links the client into one native binary"
  [ -e /usr/include/zlib.h ] || need zlib1g-dev "links the client into one native binary"
  has_openssl || need "$(openssl_package)" "TLS of .NET opens libssl.so.3 at run time"
}

needs_lab() {
  command -v wireguard-go >/dev/null || need wireguard-go "the WireGuard engine that Elysium starts where the kernel has none"
  command -v wg >/dev/null || need wireguard-tools "the tests compare with what 'wg' says"
  command -v ip >/dev/null || need iproute2 "the tests compare with what 'ip' says"
  command -v nft >/dev/null || need nftables "the tests compare with what 'nft' says"
  command -v ping >/dev/null || need iputils-ping "the lab pings from host to host"
}

needs_guest() {
  command -v qemu-system-x86_64 >/dev/null || need qemu-system-x86 "boots a kernel that has WireGuard, without KVM"
  command -v cpio >/dev/null || need cpio "packs what that kernel starts with"
  command -v modprobe >/dev/null || need kmod "knows which modules WireGuard needs"
  command -v wireguard-go >/dev/null || need wireguard-go "the tests put the kernel and wireguard-go at two ends of a tunnel"
  command -v wg >/dev/null || need wireguard-tools "the tests compare with what 'wg' says"
  command -v ip >/dev/null || need iproute2 "the tests compare with what 'ip' says"
  command -v nft >/dev/null || need nftables "the tests compare with what 'nft' says"
  command -v ping >/dev/null || need iputils-ping "the tests ping through tunnels"
}

needs_postgres() {
  has_postgres || need postgresql "the tests start private servers, as an unprivileged user"
}

# install_missing KIND…: build, lab, guest, postgres. Says what and why before it does anything; does nothing when all is there.
install_missing() {
  local kind package why
  missing=""
  for kind in "$@"; do
    "needs_$kind"
  done

  [ -n "$missing" ] || return 0
  echo "Missing on this machine:"
  while IFS='|' read -r package why; do
    echo "  $package: $why"
  done <<<"$missing"

  command -v apt-get >/dev/null || fail "this is no Debian or Ubuntu (there is no apt-get): install the above by hand, then run this again."
  require_root "it installs the packages above with apt-get"

  # Also what an installation before this one left that was killed.
  with_clusters_again
  local packages
  mapfile -t packages < <(cut -d'|' -f1 <<<"$missing" | sort -u)
  echo "Installing: ${packages[*]}"
  local log
  log=$(mktemp)
  local traps
  traps=$(trap -p EXIT INT TERM)
  trap with_clusters_again EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  if ! { apt-get update -qq &&
    if [[ " ${packages[*]} " == *" postgresql "* ]]; then without_a_cluster; fi &&
    apt_install "${packages[@]}"; } >"$log" 2>&1; then
    with_clusters_again
    trap - EXIT INT TERM
    eval "$traps"
    cat "$log" >&2
    rm -f "$log"
    fail "apt-get could not install ${packages[*]} (its output is above)."
  fi

  with_clusters_again
  trap - EXIT INT TERM
  eval "$traps"
  rm -f "$log"
  if [[ " ${packages[*]} " == *" postgresql "* ]]; then
    has_postgres || fail "PostgreSQL 15 or later is needed, and this release's package 'postgresql' is older: install it from apt.postgresql.org, then run this again."
  fi
}

apt_install() {
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq -o DPkg::Lock::Timeout=120 --no-install-recommends "$@"
}

cluster_settings=/etc/postgresql-common/createcluster.conf

# without_a_cluster: the package would make a cluster of the system's and start it, which nobody asked for. Its own switch for that stands in
# a file of postgresql-common, which comes first therefore; when the server is there the file is as it was.
without_a_cluster() {
  apt_install postgresql-common || return 1
  [ -e "$cluster_settings.elysium" ] || cp -p "$cluster_settings" "$cluster_settings.elysium"
  echo "create_main_cluster = false" >>"$cluster_settings"
}

with_clusters_again() {
  [ ! -e "$cluster_settings.elysium" ] || mv "$cluster_settings.elysium" "$cluster_settings"
}

need() {
  missing+="${missing:+$'\n'}$1|$2"
}

has_postgres() {
  local folder version
  for folder in /usr/lib/postgresql/*/; do
    version=$(basename "$folder")
    [[ "$version" =~ ^[0-9]+$ ]] && [ "$version" -ge 15 ] && [ -x "$folder/bin/postgres" ] && [ -x "$folder/bin/initdb" ] && return 0
  done

  return 1
}

has_openssl() {
  [ -n "$(find /usr/lib /lib /usr/lib64 -name libssl.so.3 -print -quit 2>/dev/null)" ]
}

# The package was renamed with the change to 64-bit time (Debian 13, Ubuntu 24.04).
openssl_package() {
  local id version
  # shellcheck source=/dev/null
  id=$(. /etc/os-release && echo "${ID:-}")
  # shellcheck source=/dev/null
  version=$(. /etc/os-release && echo "${VERSION_ID:-}")
  case "$id ${version%%.*}" in
    "debian 12" | "ubuntu 22") echo libssl3 ;;
    *) echo libssl3t64 ;;
  esac
}
