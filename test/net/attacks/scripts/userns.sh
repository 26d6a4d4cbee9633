#!/bin/sh
# The same script with all capabilities of a fresh user namespace, which owns nothing of this network: userns.sh SCRIPT ARGS
script=$1; shift
exec unshare --user --map-root-user /usr/bin/python3 -B "$(dirname "$0")/$script" "$@"
