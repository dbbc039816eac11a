#!/bin/sh
# The first process of the guest (scripts/guest.sh): makes the places that programs expect, runs the tests on the second serial port,
# says how they ended, and switches off.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin HOME=/tmp
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /tmp
mkdir -p /run/wireguard
modprobe tun

stty -F /dev/ttyS1 raw -echo
"$@" >/dev/ttyS1
echo "guest: ended with $?" >/dev/ttyS1
poweroff -f
