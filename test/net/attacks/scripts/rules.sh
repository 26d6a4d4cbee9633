#!/bin/bash
# Tries to take Weir's rules or routes away, then sends: rules.sh iptables|nft|route|sysctl|link|namespace
exec 2>&1
case $1 in
  iptables)
    for t in iptables ip6tables iptables-legacy; do
      for table in mangle nat filter; do $t -w 1 -t $table -F; $t -w 1 -t $table -P POSTROUTING ACCEPT; done
    done ;;
  nft) nft flush ruleset ;;
  route)
    ip route add "$V4/32" dev lo table 77; ip rule add to "$V4" lookup main pref 1
    ip -6 route replace "$V6/128" via "$GATEWAY6"; ip route replace "$V4/32" via "$GATEWAY4" ;;
  sysctl)
    for key in ipv4/conf/all/route_localnet ipv4/ip_forward ipv6/conf/all/forwarding ipv4/ip_early_demux; do
      echo 1 > /proc/sys/net/$key
    done
    mount -t proc proc /mnt && echo 1 > /mnt/sys/net/ipv4/ip_forward ;;
  link) ip link add weirdummy type dummy; ip link set weirdummy up; ip addr add 192.0.2.250/32 dev weirdummy; ip link del weirdummy ;;
  namespace) unshare --user --map-root-user sh -c 'nft flush ruleset; iptables -t mangle -F' ;;
esac
exec /usr/bin/python3 "$(dirname "$0")/datagram.py" 4 any own,443 plain
