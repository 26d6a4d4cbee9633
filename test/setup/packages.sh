#!/bin/sh
# Installs the Debian packages that a checkout needs, as root; else names them and stops.
#   packages.sh GROUP...   run: what `weir run` needs; test: what the suites need besides; cluster: a Kubernetes node;
#                          image: what builds the image;
#                          lint: what reads the shell scripts
set -eu
PATH=$PATH:/usr/sbin:/sbin
want=
need() { # COMMAND PACKAGE
  command -v "$1" >/dev/null 2>&1 || want="$want $2"
}
for group; do
  case $group in
    run)
      need unshare util-linux
      need setpriv util-linux
      need ip iproute2
      need iptables-restore iptables
      need npm npm
      ;;
    test)
      need nsd nsd
      need kdig knot-dnsutils
      need dig bind9-dnsutils
      need apache2 apache2
      need git git
      need curl curl
      need openssl openssl
      need python3 python3
      need ssh openssh-client
      need sshd openssh-server
      need socat socat
      need tcpdump tcpdump
      need ps procps
      need script bsdutils
      need go golang-go
      need cargo cargo
      need javac default-jdk-headless
      python3 -c 'import requests' 2>/dev/null || want="$want python3-requests"
      need zsh zsh
      need fish fish
      ;;
    cluster)
      need runc runc
      [ -x /usr/lib/cni/bridge ] || want="$want containernetworking-plugins"
      need iptables-restore iptables
      need conntrack conntrack
      need ip iproute2
      need nsenter util-linux
      need flock util-linux
      need sysctl procps
      need socat socat
      need curl curl
      need openssl openssl
      need go golang-go
      need mmdebstrap mmdebstrap
      ;;
    lint)
      need shellcheck shellcheck
      ;;
    image)
      need dpkg-deb dpkg
      command -v docker >/dev/null 2>&1 && docker info >/dev/null 2>&1 || command -v podman >/dev/null 2>&1 || need buildah buildah
      ;;
    *) echo "packages.sh: unknown group $group" >&2; exit 2 ;;
  esac
done
[ -n "$want" ] || exit 0
# shellcheck disable=SC2086 # names, a word each
want=$(printf '%s\n' $want | sort -u | tr '\n' ' ')
if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null 2>&1; then
  echo "missing packages (Debian names): $want" >&2
  echo "install them as root, for example: apt-get install $want" >&2
  exit 1
fi
echo "installing $want"
apt-get update -qq
# shellcheck disable=SC2086
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $want >/dev/null
