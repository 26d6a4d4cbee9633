# shellcheck shell=bash disable=SC2154 # variables are those of ../cluster
# Processes of a cluster, sourced by ../cluster: started, known, ended.
# Uses: $state (directory of pid files and logs), $netns, fail; $cgroup (name of a cgroup to start in; may be empty).

# A process is known by its id and its start time (proc_pid_stat(5), field 22): an id alone may be somebody else's by now.
started_at() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20; }
is_running() { # PROCESS
  local pid since
  read -r pid since 2>/dev/null <"$state/$1.pid" && [ -n "$since" ] && [ "$(started_at "$pid")" = "$since" ]
}
start() { # PROCESS COMMAND...
  local process=$1 pid
  shift
  (
    enter_cgroup
    exec setsid nsenter --net="/run/netns/$netns" "$@"
  ) >>"$state/$process.log" 2>&1 </dev/null &
  pid=$!
  disown
  echo "$pid $(started_at $pid)" >"$state/$process.pid"
}
kill_process() { # PROCESS: at once
  local pid
  is_running "$1" || return 0
  read -r pid _ <"$state/$1.pid"
  kill -KILL "$pid" 2>/dev/null || true
  while is_running "$1"; do sleep 0.05; done
}
stop_processes() { # PROCESS...: SIGTERM to all, SIGKILL to those that are still there after STOPS_WITHIN
  local process pid end=$((SECONDS + STOPS_WITHIN))
  for process; do
    is_running "$process" || continue
    read -r pid _ <"$state/$process.pid"
    kill -TERM "$pid" 2>/dev/null || true
  done
  for process; do
    while is_running "$process" && [ $SECONDS -lt $end ]; do sleep 0.05; done
    kill_process "$process"
  done
}
wait_until() { # PROCESS COMMAND...: until the command succeeds; fails at once when the process has ended
  local process=$1 end=$((SECONDS + STARTS_WITHIN))
  shift
  until "$@" >/dev/null 2>&1; do
    if ! is_running "$process" || [ $SECONDS -ge $end ]; then
      tail -n 20 "$state/$process.log" >&2
      fail "$process is not ready; all that it said is in $state/$process.log"
    fi
    sleep 0.1
  done
}

# All that a node runs, containers and their shims too, is in one cgroup of every hierarchy: what is in it is the node's.
hierarchies() { # cgroup v1: one directory a controller; v2: one in all
  local mounted at type
  while read -r mounted at type _; do
    case $type in
      cgroup) echo "$at" ;;
      cgroup2) [ "$at" != /sys/fs/cgroup ] || echo "$at" ;; # beside v1 ("hybrid") it has no controllers
    esac
  done </proc/mounts
  : "$mounted"
}
make_cgroup() {
  local at file
  for at in $(hierarchies); do
    mkdir -p "$at/$cgroup/daemons"
    if [ -e "$at/cgroup.subtree_control" ]; then
      for file in "$at" "$at/$cgroup"; do
        sed 's/\</+/g' "$file/cgroup.controllers" >"$file/cgroup.subtree_control" 2>/dev/null || true
      done
    fi
    for file in cpuset.cpus cpuset.mems; do # v1: a new cpuset is empty, and takes no process
      if [ ! -e "$at/$file" ] || [ -e "$at/cgroup.subtree_control" ]; then continue; fi
      cat "$at/$file" >"$at/$cgroup/$file"
      cat "$at/$file" >"$at/$cgroup/daemons/$file"
    done
  done
}
enter_cgroup() {
  local at
  [ -n "${cgroup:-}" ] || return 0
  for at in $(hierarchies); do echo $BASHPID >"$at/$cgroup/daemons/cgroup.procs"; done
}
cgroup_processes() {
  local at
  for at in $(hierarchies); do
    [ ! -d "$at/$cgroup" ] || find "$at/$cgroup" -name cgroup.procs -exec cat {} + 2>/dev/null || true
  done | sort -un
}
remove_cgroup() { # ends what is left in it
  local at pid end=$((SECONDS + STOPS_WITHIN))
  while [ -n "$(cgroup_processes)" ]; do
    for pid in $(cgroup_processes); do kill -KILL "$pid" 2>/dev/null || true; done
    [ $SECONDS -lt $end ] || fail "processes that do not end: $(cgroup_processes | tr '\n' ' ')"
    sleep 0.1
  done
  for at in $(hierarchies) /sys/fs/cgroup/unified; do
    [ ! -d "$at/$cgroup" ] || find "$at/$cgroup" -depth -type d -exec rmdir {} + 2>/dev/null || true
  done
}
