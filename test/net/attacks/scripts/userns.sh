#!/bin/sh
# The same script with all capabilities of a fresh user namespace, which owns nothing of this network: userns.sh SCRIPT ARGS
script=$1; shift
for mapping in --map-root-user '--map-current-user --keep-caps'; do
  unshare --user $mapping true 2>/dev/null || continue
  exec unshare --user $mapping /usr/bin/python3 -B "$(dirname "$0")/$script" "$@"
done
echo '{"reached": false, "done": [], "errors": ["no user namespace to be had"], "notes": []}'
