#!/bin/sh
# The first process of the guest (scripts/guest.sh): makes the places that programs expect, runs the tests (or what it is told) on the second serial port,
# says how they ended, and switches off.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin HOME=/tmp

mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /tmp
mkdir -p /run/wireguard
modprobe tun

# The emulator's own network (qemu's user networking has these addresses).
modprobe virtio_pci
modprobe virtio_net
/usr/sbin/ip link set lo up
/usr/sbin/ip address add 10.0.2.15/24 dev eth0
/usr/sbin/ip link set eth0 up
/usr/sbin/ip route add default via 10.0.2.2

stty -F /dev/ttyS1 raw -echo
kernel-tests "$@" >/dev/ttyS1
echo "guest: ended with $?" >/dev/ttyS1
poweroff -f
