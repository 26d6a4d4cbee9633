#!/bin/bash
# The node itself, through its disk or its kernel's files: host.sh mknod|mount
exec 2>&1
reached=false
case $1 in
  mknod)
    # The disk that holds this container's files: its first block, read.
    device=$(stat -c %Hd:%Ld /etc/hosts)
    mknod /tmp/disk b "${device%:*}" "${device#*:}" && head -c 512 /tmp/disk >/dev/null && reached=true
    rm -f /tmp/disk
    ;;
  mount) mkdir -p /tmp/fresh && mount -t tmpfs none /tmp/fresh && reached=true && umount /tmp/fresh ;;
esac
echo "{\"reached\": $reached}"
