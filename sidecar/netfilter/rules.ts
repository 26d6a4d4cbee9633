/**
 * The packet filter as text for iptables-restore and ip6tables-restore. The tables are loaded in the order written: the last
 * line of defence first.
 *
 * One invariant holds it all: mangle POSTROUTING drops whatever leaves by another interface than lo without Weir's mark. It
 * sees the interface that a packet really takes, after every redirect; filter OUTPUT still sees the one from before and
 * cannot say this. No rule accepts by connection state: who re-binds the source port of a finished exchange is "established".
 */
import type { Settings } from './settings.ts';

type Family = 'v4' | 'v6';

/** Both families' texts. Pure. */
export function rules(settings: Settings): { v4: string; v6: string } {
  return { v4: text(settings, 'v4'), v6: text(settings, 'v6') };
}

function text(settings: Settings, family: Family): string {
  return `${[...mangle(settings, family), ...nat(settings, family)].join('\n')}\n`;
}

function mangle(settings: Settings, family: Family): string[] {
  const { metricsPort, local } = settings;
  return [
    '*mangle',
    ':PREROUTING ACCEPT [0:0]',
    ':INPUT ACCEPT [0:0]',
    ':FORWARD DROP [0:0]',
    ':OUTPUT ACCEPT [0:0]',
    ':POSTROUTING DROP [0:0]',
    '-A POSTROUTING -o lo -j ACCEPT',
    ...(local ? [] : [`-A POSTROUTING -m mark --mark ${hex(settings.mark)} -j ACCEPT`]),
    ...(local || family === 'v4' ? [] : neighbourDiscovery()),
    '-A INPUT -i lo -j ACCEPT',
    ...(local || metricsPort === undefined ? [] : [`-A INPUT -p tcp --dport ${metricsPort} -j ACCEPT`]),
    '-A INPUT -m conntrack --ctstate NEW -j DROP',
    'COMMIT',
  ];
}

/** Neighbour solicitation and advertisement (RFC 4861 4.3, 4.4), without which marked packets find no next hop; 255 is what the RFC asks. */
function neighbourDiscovery(): string[] {
  return [135, 136].map(
    (type) => `-A POSTROUTING -p ipv6-icmp -m icmp6 --icmpv6-type ${type} -m hl --hl-eq 255 -j ACCEPT`,
  );
}

function nat(settings: Settings, family: Family): string[] {
  const { tcpPort, dnsPort, local } = settings;
  const loopback = family === 'v4' ? '127.0.0.0/8' : '::1/128';
  return [
    '*nat',
    ':PREROUTING ACCEPT [0:0]',
    ':INPUT ACCEPT [0:0]',
    ':OUTPUT ACCEPT [0:0]',
    ':POSTROUTING ACCEPT [0:0]',
    ...(local ? [] : [`-A OUTPUT -m mark --mark ${hex(settings.mark)} -j RETURN`]),
    // Before the loopback return: a resolver stub on 127.0.0.53 is asked through us too.
    `-A OUTPUT -p udp --dport 53 -j REDIRECT --to-ports ${dnsPort}`,
    `-A OUTPUT -p tcp --dport 53 -j REDIRECT --to-ports ${dnsPort}`,
    // By address and not by interface: in local mode every route leads to lo.
    `-A OUTPUT -d ${loopback} -j RETURN`,
    '-A OUTPUT -m addrtype --dst-type LOCAL -j RETURN',
    `-A OUTPUT -p tcp -j REDIRECT --to-ports ${tcpPort}`,
    'COMMIT',
  ];
}

function hex(mark: number): string {
  return `0x${mark.toString(16)}`;
}
