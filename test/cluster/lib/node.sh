# shellcheck shell=bash disable=SC2154 # variables are those of ../cluster
# The whole node, sourced by ../cluster: its networks, its keys, its processes in the order of their start.

readonly NODE_PROCESSES=(etcd apiserver controllers scheduler containerd kubelet proxy coredns socket)
readonly IP4=10.97.0.1 IP6=fd00:10:97::1
readonly SERVICES=10.96.0.0/16,fd00:10:96::/112 DNS_SERVICE=10.96.0.10
readonly PODS4=10.244.0.0/24 PODS6=fd00:10:244::/64
# The node's end of the link to `outside`, the other end, and the resolver there that CoreDNS asks for names it does not know.
readonly LINK4=203.0.113.1 LINK6=2001:db8:113::1 OUTSIDE4=203.0.113.10 OUTSIDE6=2001:db8:113::10 RESOLVER=203.0.113.53

outside_netns=weir-$name-outside
node=weir-$name
in_outside() { nsenter --net="/run/netns/$outside_netns" "$@"; }
runtime() { "${containerd_tools[@]}" "$@"; }
containerd_tools=("$home/bin/runtime/ctr" --address "$state/containerd.sock" --namespace k8s.io)

node_networks() {
  local tool
  ip netns add "$netns"
  ip netns add "$outside_netns"
  inside ip link set lo up
  in_outside ip link set lo up
  inside ip link add node0 type bridge
  inside ip addr add $IP4/32 dev node0
  inside ip -6 addr add $IP6/128 dev node0 nodad
  inside ip link set node0 up
  inside ip link add out0 type veth peer name eth0 netns "$outside_netns"
  quiet inside out0
  quiet in_outside eth0
  # The two ends alone: every other address, of their own networks too, is behind the far end.
  inside ip addr add $LINK4 peer $OUTSIDE4/32 dev out0
  inside ip -6 addr add $LINK6/128 dev out0 nodad
  inside ip link set out0 up
  inside ip -6 route add $OUTSIDE6 dev out0
  in_outside ip addr add $OUTSIDE4 peer $LINK4/32 dev eth0
  in_outside ip -6 addr add $OUTSIDE6/128 dev eth0 nodad
  in_outside ip link set eth0 up
  in_outside ip -6 route add $LINK6 dev eth0
  inside ip route add default via $OUTSIDE4
  inside ip -6 route add default via $OUTSIDE6
  in_outside ip route add 10.0.0.0/8 via $LINK4
  in_outside ip -6 route add fd00::/8 via $LINK6
  # Every address is the outside's: a server that listens there on 0.0.0.0 or :: is any host. A `local` route does not
  # answer over IPv4.
  for tool in iptables ip6tables; do in_outside $tool -w -t nat -A PREROUTING -i eth0 -j REDIRECT; done
  inside sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
}
quiet() { # WHERE DEVICE: the kernel itself must not send while packets are counted
  "$1" sysctl -qw "net.ipv6.conf.$2.accept_ra=0" "net.ipv6.conf.$2.router_solicitations=0" "net.ipv6.conf.$2.mldv2_unsolicited_report_interval=10"
}

node_keys() {
  local user
  certificate_authority
  accounts_key
  certificate apiserver /CN=kube-apiserver "IP:$IP4,IP:127.0.0.1,IP:10.96.0.1,DNS:localhost,DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc"
  certificate admin /O=system:masters/CN=admin
  certificate controllers /CN=system:kube-controller-manager
  certificate scheduler /CN=system:kube-scheduler
  certificate proxy /CN=system:kube-proxy
  certificate kubelet "/O=system:nodes/CN=system:node:$node" "DNS:$node,IP:$IP4"
  certificate front-proxy /CN=front-proxy-client
  for user in admin controllers scheduler proxy kubelet; do kubeconfig "$user" "https://$IP4:6443"; done
  cp "$state/admin.kubeconfig" "$state/kubeconfig"
}

node_files() {
  mkdir -p "$state/cni.d" "$state/kubelet"
  echo 'nameserver 127.0.0.1' >"$state/resolv.conf"
  touch "$state/hosts"
  cat >"$state/cni.d/10-weir.conflist" <<-JSON
	{"cniVersion":"0.4.0","name":"$node","plugins":[
	 {"type":"bridge","bridge":"pods0","isGateway":true,"ipMasq":false,"hairpinMode":true,
	  "ipam":{"type":"host-local","ranges":[[{"subnet":"$PODS4"}],[{"subnet":"$PODS6"}]],"routes":[{"dst":"0.0.0.0/0"},{"dst":"::/0"}],"dataDir":"$state/cni"}},
	 {"type":"portmap","capabilities":{"portMappings":true}}]}
	JSON
  # restrict_oom_score_adj: without CAP_SYS_RESOURCE, as in a container, a score cannot be lowered.
  cat >"$state/containerd.toml" <<-TOML
	version = 3
	root = "$state/containerd"
	state = "$state/containerd-state"
	[grpc]
	  address = "$state/containerd.sock"
	[plugins."io.containerd.cri.v1.images".pinned_images]
	  sandbox = "localhost/weir-pause:1"
	[plugins."io.containerd.cri.v1.runtime"]
	  restrict_oom_score_adj = true
	  [plugins."io.containerd.cri.v1.runtime".cni]
	    bin_dirs = ["/usr/lib/cni"]
	    conf_dir = "$state/cni.d"
	  [plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc]
	    runtime_type = "io.containerd.runc.v2"
	    [plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc.options]
	      Root = "$state/runc"
	TOML
  cat >"$state/kubelet.yaml" <<-YAML
	apiVersion: kubelet.config.k8s.io/v1beta1
	kind: KubeletConfiguration
	authentication: {anonymous: {enabled: false}, webhook: {enabled: true}, x509: {clientCAFile: $state/ca.crt}}
	authorization: {mode: Webhook}
	tlsCertFile: $state/kubelet.crt
	tlsPrivateKeyFile: $state/kubelet.key
	cgroupDriver: cgroupfs
	cgroupRoot: /$cgroup
	clusterDNS: [$DNS_SERVICE]
	clusterDomain: cluster.local
	containerRuntimeEndpoint: unix://$state/containerd.sock
	failSwapOn: false
	failCgroupV1: false
	resolvConf: $state/resolv.conf
	podLogsDir: $state/pods
	podPidsLimit: 4096
	maxPods: 250
	imageGCHighThresholdPercent: 100
	imageMinimumGCAge: 24h
	evictionHard: {memory.available: 100Mi, nodefs.available: 1%, imagefs.available: 1%}
	syncFrequency: 10s
	YAML
  cat >"$state/Corefile" <<-COREFILE
	.:53 {
	  bind $IP4
	  errors
	  hosts $state/hosts {
	    reload 1s
	    fallthrough
	  }
	  kubernetes cluster.local in-addr.arpa ip6.arpa {
	    kubeconfig $state/admin.kubeconfig
	    pods insecure
	    ttl 5
	  }
	  forward . $RESOLVER {
	    max_fails 0
	  }
	}
	COREFILE
}

start_node_process() { # PROCESS: and waits until it is ready; nothing when it runs
  is_running "$1" && return
  local k=$state/kubelet.yaml
  case $1 in
    etcd)
      start etcd "$kube" etcd --data-dir "$state/etcd" --unsafe-no-fsync --log-level warn \
        --listen-client-urls http://127.0.0.1:2379 --advertise-client-urls http://127.0.0.1:2379 --listen-peer-urls http://127.0.0.1:2380
      wait_until etcd inside curl -fsS http://127.0.0.1:2379/health
      ;;
    apiserver)
      start apiserver "$kube" kube-apiserver --etcd-servers=http://127.0.0.1:2379 --advertise-address="$IP4" --bind-address=0.0.0.0 --secure-port=6443 \
        --service-cluster-ip-range=$SERVICES --service-account-issuer=https://kubernetes.default.svc.cluster.local \
        --service-account-key-file="$state/accounts.pub" --service-account-signing-key-file="$state/accounts.key" \
        --client-ca-file="$state/ca.crt" --tls-cert-file="$state/apiserver.crt" --tls-private-key-file="$state/apiserver.key" \
        --kubelet-certificate-authority="$state/ca.crt" --kubelet-client-certificate="$state/admin.crt" --kubelet-client-key="$state/admin.key" \
        --kubelet-preferred-address-types=InternalIP,Hostname --requestheader-client-ca-file="$state/ca.crt" \
        --requestheader-allowed-names=front-proxy-client --requestheader-username-headers=X-Remote-User \
        --requestheader-group-headers=X-Remote-Group --requestheader-extra-headers-prefix=X-Remote-Extra- \
        --proxy-client-cert-file="$state/front-proxy.crt" --proxy-client-key-file="$state/front-proxy.key" \
        --authorization-mode=Node,RBAC --enable-admission-plugins=NodeRestriction --allow-privileged=true --profiling=false
      wait_until apiserver kubectl get --raw /readyz
      ;;
    controllers)
      start controllers "$kube" kube-controller-manager --kubeconfig "$state/controllers.kubeconfig" --leader-elect=false \
        --use-service-account-credentials --root-ca-file="$state/ca.crt" --service-account-private-key-file="$state/accounts.key" \
        --cluster-signing-cert-file="$state/ca.crt" --cluster-signing-key-file="$state/ca.key" \
        --authentication-kubeconfig "$state/controllers.kubeconfig" --authorization-kubeconfig "$state/controllers.kubeconfig"
      wait_until controllers inside curl -fsSk https://127.0.0.1:10257/healthz
      ;;
    scheduler)
      start scheduler "$kube" kube-scheduler --kubeconfig "$state/scheduler.kubeconfig" --leader-elect=false \
        --authentication-kubeconfig "$state/scheduler.kubeconfig" --authorization-kubeconfig "$state/scheduler.kubeconfig"
      wait_until scheduler inside curl -fsSk https://127.0.0.1:10259/healthz
      ;;
    containerd)
      # Its shim is found on the PATH, and must be its own.
      PATH=$home/bin/runtime:$PATH start containerd containerd --config "$state/containerd.toml"
      wait_until containerd runtime version
      runtime images import "$home/bin/pause.tar" >/dev/null
      ;;
    kubelet)
      # The kubelet does it where there is need, also when it is started anew: then the mounts of the pods that there are would be hidden.
      if ! grep -qF " $state/kubelet " /proc/mounts; then
        mount --bind "$state/kubelet" "$state/kubelet"
        mount --make-rshared "$state/kubelet"
      fi
      start kubelet "$kube" kubelet --config "$k" --kubeconfig "$state/kubelet.kubeconfig" --hostname-override "$node" \
        --node-ip "$IP4,$IP6" --root-dir "$state/kubelet" --cert-dir "$state"
      wait_until kubelet inside bash -c 'curl -fsS http://127.0.0.1:10248/healthz && exec 3<>/dev/tcp/127.0.0.1/10250'
      ;;
    proxy)
      start proxy "$kube" kube-proxy --kubeconfig "$state/proxy.kubeconfig" --cluster-cidr "$PODS4,$PODS6" --hostname-override "$node" \
        --proxy-mode iptables --conntrack-max-per-core 0
      wait_until proxy inside curl -fsS http://127.0.0.1:10256/healthz
      ;;
    coredns)
      start coredns "$kube" coredns -conf "$state/Corefile"
      wait_until coredns inside bash -c "exec 3<>/dev/tcp/$IP4/53"
      ;;
    socket)
      start socket socat "UNIX-LISTEN:$state/api.sock,fork,unlink-early,mode=600" TCP:127.0.0.1:6443
      wait_until socket is_ready
      ;;
    *) fail "no such process: $1; there are ${NODE_PROCESSES[*]}" ;;
  esac
}

apply_cluster_dns() {
  kubectl apply -f - >/dev/null <<-YAML
	apiVersion: v1
	kind: Service
	metadata: {name: kube-dns, namespace: kube-system}
	spec:
	  clusterIP: $DNS_SERVICE
	  ports: [{name: dns, port: 53, protocol: UDP}, {name: dns-tcp, port: 53, protocol: TCP}]
	---
	apiVersion: discovery.k8s.io/v1
	kind: EndpointSlice
	metadata: {name: kube-dns-node, namespace: kube-system, labels: {kubernetes.io/service-name: kube-dns}}
	addressType: IPv4
	endpoints: [{addresses: ["$IP4"]}]
	ports: [{name: dns, port: 53, protocol: UDP}, {name: dns-tcp, port: 53, protocol: TCP}]
	YAML
}

node_up() {
  local process
  must_be_root
  "$here/../setup/packages.sh" cluster
  build
  need openssl curl socat ip nsenter setsid iptables runc flock
  exec 8>"$home/$name.lock"
  flock 8
  # The lock is the script's, not of what it starts: a process that keeps it would hold it for ever.
  if [ -e "$state/made" ] && [ -e "/run/netns/$netns" ] && [ -e "/run/netns/$outside_netns" ]; then
    make_cgroup # a reboot, or a container's own restart, may have taken it
  else
    [ -d "$state" ] || ! [ -e "/run/netns/$netns" ] || fail "there is a network namespace $netns that is not this cluster's: set WEIR_CLUSTER_NAME, or end what made it"
    node_down
    mkdir -m 700 "$state"
    node_networks
    make_cgroup
    node_keys
    node_files
    touch "$state/made"
  fi
  for process in "${NODE_PROCESSES[@]}"; do start_node_process "$process" 8>&-; done
  apply_cluster_dns
  wait_until kubelet kubectl wait --for=condition=Ready "node/$node" --timeout=1s
  wait_until controllers kubectl get serviceaccount default --namespace default
  echo "$state/kubeconfig"
}

node_down() {
  local at target namespaces sockets
  must_be_root
  namespaces=$(pod_namespaces)
  sockets=$(grep -hoE '/run/containerd/s/[0-9a-f]+' "$state"/containerd-state/io.containerd.runtime.v2.task/*/*/bootstrap.json 2>/dev/null || true)
  stop_processes kubelet proxy coredns scheduler controllers socket
  stop_processes apiserver
  stop_processes etcd containerd
  remove_cgroup
  while read -r target; do umount -l "$target" 2>/dev/null || true; done < <(
    awk -v under="$state/" 'index($2, under) == 1 { print $2 }' /proc/mounts | sort -r
  )
  for at in $namespaces "$netns" "$outside_netns"; do
    if [ -e "/run/netns/$at" ]; then ip netns del "$at"; fi
  done
  for at in $namespaces; do grep -lF "netns/$at\"" /var/lib/cni/results/* 2>/dev/null | xargs -r rm -f; done
  for at in $sockets; do rm -f "$at"; done
  rm -rf "$state"
}
# The CNI plugins keep a file of each pod's network, which says in which namespace it is.
pod_namespaces() {
  [ ! -d /var/lib/cni/results ] || find /var/lib/cni/results -regextype posix-extended \
    -regex ".*/$node-[0-9a-f]{64}-[^/]*" -exec grep -ohE 'netns/cni-[0-9a-f-]+' {} + 2>/dev/null | cut -d/ -f2 | sort -u
}

node_processes() { # ACTION PROCESS...
  local action=$1 process
  shift
  must_be_up
  [ $# -gt 0 ] || fail "which process? ${NODE_PROCESSES[*]}"
  for process; do
    [[ " ${NODE_PROCESSES[*]} " == *" $process "* ]] || fail "no such process: $process; there are ${NODE_PROCESSES[*]}"
  done
  for process; do
    case $action in
      stop) stop_processes "$process" ;;
      kill) kill_process "$process" ;;
      start) start_node_process "$process" ;;
      restart) stop_processes "$process"; start_node_process "$process" ;;
    esac
  done
}
node_status() {
  local process
  must_be_up
  for process in "${NODE_PROCESSES[@]}"; do
    if is_running "$process"; then echo "$process: runs, id $(cut -d' ' -f1 "$state/$process.pid")"; else echo "$process: does not run"; fi
  done
}
