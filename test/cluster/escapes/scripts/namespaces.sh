#!/bin/bash
# Out of the pod's network by somebody else's: namespaces.sh nsenter|proc
exec 2>&1
send() { nsenter --net="$1" /usr/bin/python3 -B "$(dirname "$0")/datagram.py" 4 any own,53 plain; }
case $1 in
  nsenter) send /proc/1/ns/net ;;
  proc)
    tried=
    for process in /proc/[0-9]*; do
      network=$(readlink "$process/ns/net") || continue
      case $tried in *"$network"*) continue ;; esac
      tried+=$network
      send "$process/ns/net"
    done
    ;;
esac
echo '{"reached": false}'
