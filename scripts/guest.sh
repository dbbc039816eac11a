#!/usr/bin/env bash
# scripts/guest.sh [tests|figures]
# Runs tests/Elysium.Kernel.Tests, its tests or the figures of scripts/bench.sh, on a machine with a real WireGuard in its kernel: Debian's cloud kernel under qemu,
# without KVM, with an initramfs made of this machine's own programs. Ends with the program's exit code, or 1 if the guest did not live to
# tell it. What the program said is in artifacts/guest/report.log too, what the kernel said in artifacts/guest/console.log; nothing is left
# anywhere else.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/prerequisites.sh

guest=artifacts/guest
root=$guest/root
limit=300 # seconds
memory=1024 # MiB

# Modules that the guest may load, by hand or because something asks for them.
modules=(virtio_pci virtio_net wireguard tun veth bridge nf_tables nft_chain_nat nft_ct nft_masq nft_redir)

# Programs of this machine that the tests run there, and what its shell has of its own (not 'ip': iproute2's is meant).
programs=(ip nft ping wg wireguard-go)
applets=(mkdir modprobe mount poweroff sh stty)

# unpack PACKAGE: into artifacts/guest/PACKAGE, whole or not at all. Nothing is installed.
unpack() {
  local package=$1 folder=$guest/$1 log=$guest/$1.log
  [ ! -d "$folder" ] || return 0
  echo "Downloading $package…"
  rm -rf "$folder.new"
  mkdir -p "$folder.new"
  if ! (cd "$folder.new" && { apt-get download -qq "$package" || { apt-get update -qq && apt-get download -qq "$package"; }; } &&
    dpkg -x ./*.deb . && rm ./*.deb) >"$log" 2>&1; then
    cat "$log" >&2
    fail "$package could not be downloaded and unpacked (the log is above)."
  fi

  rm -f "$log"
  mv "$folder.new" "$folder"
}

# The kernel is in a package with its version in the name; the one without it only depends on that.
find_kernel() {
  apt-cache depends linux-image-cloud-amd64 2>/dev/null | sed -n 's/^ *Depends: \(linux-image-[0-9].*\)$/\1/p'
}

# add PROGRAM [TARGET]: with the libraries that it is linked to.
add() {
  local library
  install -D -m 755 "$1" "$root${2:-$1}"
  { ldd "$1" 2>/dev/null || true; } | { grep -o '/[^ ]*' || true; } | while read -r library; do
    [ -e "$root$library" ] || install -D -m 755 "$library" "$root$library"
  done
}

# add_modules PACKAGE RELEASE: and what they depend on.
add_modules() {
  local package=$guest/$1 release=$2 module
  [ -e "$package/lib/modules/$release/modules.dep" ] || depmod -b "$package" "$release"
  for module in "${modules[@]}"; do
    modprobe -d "$package" -S "$release" --show-depends "$module"
  done | awk '{ print $2 }' | sort -u | while read -r module; do
    install -D -m 644 "$module" "$root/${module#*"$1"/}"
  done
  cp "$package/lib/modules/$release"/modules.{builtin,builtin.modinfo,order} "$root/lib/modules/$release"
  depmod -b "$root" "$release"
}

what=${1:-tests}
case "$what" in
  tests) ;;
  figures) limit=1200 ;;
  *) fail "usage: scripts/guest.sh [tests|figures]" ;;
esac

require_dotnet
require_root "the guest's network is a network namespace"
require_tun
[ "$(uname -m)" = x86_64 ] || fail "the guest is Debian's kernel for amd64: this needs an amd64 machine."
install_missing build lab guest
mkdir -p "$guest"

# 1. A kernel and a shell.
kernel=$(find_kernel)
[ -n "$kernel" ] || { apt-get update -qq && kernel=$(find_kernel); }
[ -n "$kernel" ] || fail "there is no package linux-image-cloud-amd64 here: the guest needs Debian's package sources."
unpack "$kernel"
unpack busybox-static

# 2. The tests, as one native binary.
log=$guest/tests.log
echo "Publishing tests/Elysium.Kernel.Tests…"
if ! dotnet publish tests/Elysium.Kernel.Tests -c Release -o "$guest/tests" -nologo >"$log" 2>&1; then
  cat "$log" >&2
  fail "tests/Elysium.Kernel.Tests cannot be published (the log is above)."
fi

# 3. The product: its client runs in the guest, its backend beside it.
if [ "$what" = tests ]; then
  ./scripts/publish.sh
  export ELYSIUM_BINARIES=$PWD/artifacts/binaries
fi

# 4. What the guest starts with.
rm -rf "$root"
mkdir -p "$root"/{dev,etc,proc,run,sys,tmp,usr/{bin,sbin,lib,lib64},var/lib}
ln -s usr/bin usr/sbin usr/lib usr/lib64 "$root"
ln -s ../run "$root/var/run"
echo root:x:0:0:root:/root:/bin/sh >"$root/etc/passwd"
install -m 755 scripts/guest-init.sh "$root/init"
add "$guest/busybox-static/bin/busybox" /usr/bin/busybox
for applet in "${applets[@]}"; do
  ln -s busybox "$root/usr/bin/$applet"
done

for program in "${programs[@]}"; do
  add "$(command -v "$program")"
done

# Opened only at run time.
add "$(ldconfig -p | awk '/libssl.so.3 .*x86-64/ { print $NF; exit }')"
add "$guest/tests/Elysium.Kernel.Tests" /usr/bin/kernel-tests
[ "$what" != tests ] || add artifacts/binaries/elysium /usr/bin/elysium
ln -s /usr/bin/modprobe "$root/usr/sbin/modprobe"
add_modules "$kernel" "${kernel#linux-image-}"
(cd "$root" && find . -print0 | cpio --null --create --format=newc --owner=0:0 --quiet) >"$guest/initramfs"

# 5. Boot. The kernel has the first serial port, the program the second. Its network is that of a lab's host, where a backend is.
machine=""
stop() {
  trap - EXIT INT TERM
  [ -z "$machine" ] || { kill -TERM "$machine" 2>/dev/null && wait "$machine" 2>/dev/null; } || true
  rm -f "$guest/initramfs"
}

trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
: >"$guest/report.log"
: >"$guest/console.log"
command=(timeout --kill-after=5 "$limit" qemu-system-x86_64
  -accel "tcg,thread=multi" -machine q35 -cpu max -smp 2 -m "$memory" -nodefaults -no-user-config -no-reboot -display none
  -serial "file:$PWD/$guest/console.log" -serial "file:$PWD/$guest/report.log" -netdev "user,id=net" -device "virtio-net-pci,netdev=net,romfile="
  -kernel "$PWD/$guest/$kernel/boot/vmlinuz-${kernel#linux-image-}" -initrd "$PWD/$guest/initramfs"
  -append "console=ttyS0 quiet panic=-1 mitigations=off random.trust_cpu=on -- $what")
[ "$what" != tests ] || command=("$guest/tests/Elysium.Kernel.Tests" lab "${command[@]}")
"${command[@]}" </dev/null &
machine=$!
wait "$machine" || true
machine=""
cat "$guest/report.log"

# 6. How it ended.
code=$(sed -n 's/^guest: ended with \([0-9]*\)$/\1/p' "$guest/report.log" | tail -1)
if [ "${code:-1}" -ne 0 ]; then
  echo "The guest ended with ${code:-no word of it}. Its console said:" >&2
  cat "$guest/console.log" >&2
fi

exit "${code:-1}"
