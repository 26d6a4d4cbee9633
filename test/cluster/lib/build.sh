# shellcheck shell=bash disable=SC2154 # variables are those of ../cluster
# Binaries, sourced by ../cluster: Kubernetes from the modules in ../go.mod, containerd from those in ../runtime/go.mod, helm
# from its own, the pause image.

is_current() { # whether the binary was made from these sources
  [ -x "$kube" ] && cmp -s "$here/go.mod" "$built_from/go.mod" && cmp -s "$here/main.go" "$built_from/main.go"
}
helm_is_current() { [ -x "$home/bin/helm" ] && [ "$(cat "$home/bin/helm.version" 2>/dev/null)" = "$(helm_stamp)" ]; }
helm_stamp() { echo "$helm for Kubernetes 1.$(minor)"; }
minor() { cut -d. -f2 <<<"$version"; }
runtime_is_current() { [ -x "$home/bin/runtime/containerd" ] && cmp -s "$here/runtime/go.mod" "$built_from/runtime.mod"; }
pause_is_current() { [ -f "$home/bin/pause.tar" ] && cmp -s "$here/pause/main.go" "$built_from/pause.go"; }

build() {
  if is_current && runtime_is_current && helm_is_current && pause_is_current; then say "$home/bin is up to date"; return; fi
  local wanted
  wanted=$(awk '$1 == "go" { print $2 }' "$here/go.mod")
  # From 1.21 on Go fetches the version that a module wants; before, it does not even read the line.
  if ! printf '1.21\n%s\n' "$(go env GOVERSION 2>/dev/null | sed 's/^go//')" | sort -V -C; then
    fail "building Kubernetes needs Go $wanted or later (https://go.dev/dl); here is $(go version 2>/dev/null || echo none)"
  fi
  mkdir -p "$home/bin" "$built_from"
  (
    flock 9 # of two at the same time the second finds it made
    cd "$here" || exit 1
    export CGO_ENABLED=0
    is_current || build_kubernetes
    runtime_is_current || build_runtime
    pause_is_current || build_pause
    helm_is_current || build_helm
  ) 9>"$home/build.lock"
}

build_kubernetes() {
  local steps=$home/build.log flags packages builder
  flags="-s -w -X k8s.io/component-base/version.gitVersion=$version"
  flags+=" -X k8s.io/component-base/version.gitMajor=1 -X k8s.io/component-base/version.gitMinor=$(minor)"
  say "fetching the Go modules of Kubernetes $version"
  packages=$(go list -deps . | wc -l)
  say "compiling up to $packages packages"
  go build -v -trimpath -buildvcs=false -ldflags "$flags" -o "$kube.new" . 2>"$steps" 9>&- &
  builder=$!
  trap 'kill $builder 2>/dev/null' EXIT
  while kill -0 $builder 2>/dev/null; do
    sleep 1
    ((SECONDS % 20)) || say "$((SECONDS / 60)) min $((SECONDS % 60)) s: $(wc -l <"$steps") packages compiled"
  done
  wait $builder || { tail -n 30 "$steps" >&2; fail "the build failed; all of its output is in $steps"; }
  trap - EXIT
  mv "$kube.new" "$kube"
  cp go.mod go.sum main.go "$built_from/"
  rm -f "$steps"
  say "$kube is made"
}

build_runtime() {
  local from=github.com/containerd/containerd/v2/cmd tags='no_btrfs no_zfs no_devmapper netgo osusergo'
  say 'fetching and compiling containerd'
  mkdir -p "$home/bin/runtime"
  # Not over what may be running.
  rm -f "$home/bin/runtime"/*
  (cd runtime && go build -trimpath -buildvcs=false -tags "$tags" -ldflags '-s -w' -o "$home/bin/runtime/" \
    "$from/containerd" "$from/containerd-shim-runc-v2" "$from/ctr")
  cp runtime/go.mod "$built_from/runtime.mod"
}

build_pause() {
  local work
  work=$(mktemp -d "$home/pause.XXXXXX")
  go build -trimpath -buildvcs=false -ldflags '-s -w' -o "$work/pause" ./pause
  tar -C "$work" --mtime=@0 --owner=0 --group=0 --numeric-owner -cf "$work/layer.tar" pause
  make_archive "$home/bin/pause.tar" localhost/weir-pause:1 "$work/layer.tar" '{"Entrypoint":["/pause"]}'
  cp pause/main.go "$built_from/pause.go"
  rm -rf "$work"
}

build_helm() {
  local chartutil=helm.sh/helm/v3/pkg/chartutil flags
  # What `helm template`, which asks no cluster, takes for its version; without them it is one that charts refuse.
  flags="-s -w -X $chartutil.k8sVersionMajor=1 -X $chartutil.k8sVersionMinor=$(minor)"
  say "fetching and compiling helm $helm"
  GOBIN=$home/bin/new go install -trimpath -ldflags "$flags" "helm.sh/helm/v3/cmd/helm@$helm"
  mv "$home/bin/new/helm" "$home/bin/helm"
  rmdir "$home/bin/new"
  helm_stamp >"$home/bin/helm.version"
}
