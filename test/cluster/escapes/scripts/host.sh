#!/bin/bash
# The node itself, through a file system that is mounted: host.sh mount
exec 2>&1
reached=false
mkdir -p /tmp/fresh && mount -t tmpfs none /tmp/fresh && reached=true && umount /tmp/fresh
echo "{\"reached\": $reached}"
