/** Attacks below TLS: whatever a socket can be made to send. */
import type { Attack, Evidence, Feature } from './types.ts';

const FAMILIES = [4, 6] as const;

interface More {
  needs?: Feature;
  alone?: true;
  inbound?: true;
}

function each(
  group: string,
  script: string,
  families: readonly (4 | 6)[],
  rows: readonly (readonly [variant: string, destination: string, ports: string, more?: More])[],
  control: Evidence = 'packets',
): Attack[] {
  return rows.flatMap(([variant, destination, ports, more]) =>
    families.map((family) => ({
      name: `${group}/${variant} to ${destination}${ports === 'own' ? '' : `:${ports}`} v${family}`,
      run: [script, String(family), destination, ports, variant] as const,
      control,
      ...(family === 6 ? { needs: 'ipv6' as const } : {}),
      ...more,
    })),
  );
}

const DATAGRAMS: Attack[] = [
  ...each('udp', 'datagram.py', FAMILIES, [
    ['plain', 'any', 'own,1,53,123,443,4433,51820,65535'],
    ['plain', 'allowed', '53,443'],
    ['plain', 'resolver', '53,443,853,5353'],
    ['plain', 'gateway', '53,67,547'],
    ['plain', 'onlink', 'own'],
    ['connected', 'any', 'own,53'],
    ['bind-device', 'any', 'own,53,443'],
    ['bind-device', 'resolver', '53'],
    ['bind-device', 'gateway', '53'],
    ['pktinfo', 'any', 'own,53'],
    ['unicast-if', 'any', 'own,53'],
    ['source-53', 'any', 'own,53'],
    ['source-listener', 'any', 'own,53'],
    ['fragments', 'any', 'own,53'],
    ['segments', 'any', 'own,53'],
    ['corked', 'any', 'own,53'],
    ['confirm', 'any', 'own,53'],
    ['priority', 'any', 'own,53'],
    ['quic', 'any', '443'],
    ['quic', 'allowed', '443'],
    ['udplite', 'any', 'own,53', { needs: 'udplite' }],
    ['plain', 'group', 'own,53'],
    ['plain', 'mdns', '5353'],
    ['plain', 'all-nodes', 'own,53'],
    ['bind-device', 'group', 'own'],
  ]),
  ...each(
    'udp',
    'datagram.py',
    [4],
    [
      ['plain', 'broadcast', 'own,53,67'],
      ['plain', 'subnet-broadcast', 'own,53'],
      ['plain', 'metadata', '80,53'],
      ['plain', 'private', 'own,53'],
      ['dontroute', 'onlink', 'own'],
      ['options', 'any', 'own,53'],
    ],
  ),
  ...each(
    'udp',
    'datagram.py',
    [6],
    [
      ['plain', 'link-local', 'own,53,5355'],
      ['bind-device', 'link-local', 'own'],
      ['routing-header', 'any', 'own,53'],
    ],
  ),
];

const ICMP: Attack[] = [
  { name: 'icmp/echo v4', run: ['icmp.py', '4', 'any', 'ping'], control: 'packets', needs: 'ping' },
  { name: 'icmp/echo v6', run: ['icmp.py', '6', 'any', 'ping'], control: 'packets', needs: 'ping6' },
  { name: 'icmp/echo to all-nodes v6', run: ['icmp.py', '6', 'all-nodes', 'ping'], control: 'packets', needs: 'ping6' },
  { name: 'icmp/echo link-local v6', run: ['icmp.py', '6', 'link-local', 'ping'], control: 'packets', needs: 'ping6' },
  { name: 'icmp/echo to allowed v4', run: ['icmp.py', '4', 'allowed', 'ping'], control: 'packets', needs: 'ping' },
  { name: 'icmp/raw unreachable v4', run: ['icmp.py', '4', 'any', 'raw', '3'], control: 'packets', privileged: true },
  { name: 'icmp/raw timestamp v4', run: ['icmp.py', '4', 'any', 'raw', '13'], control: 'packets', privileged: true },
  ...([1, 128, 129, 130, 133, 134, 137, 200] as const).map(
    (type): Attack => ({
      name: `icmp/raw type ${type} v6`,
      run: ['icmp.py', '6', 'any', 'raw', String(type)],
      control: 'packets',
      needs: 'ipv6',
      privileged: true,
    }),
  ),
];

const STREAMS: Attack[] = [
  ...each('tcp', 'stream.py', FAMILIES, [
    ['plain', 'any', 'own,22,25,80,443,853,6667,8443'],
    ['plain', 'allowed', '22,80,443,8443'],
    ['plain', 'resolver', '53,853,443'],
    ['plain', 'gateway', '22,443'],
    ['plain', 'onlink', 'own'],
    ['bind-device', 'any', 'own,443'],
    ['bind-device', 'allowed', '443'],
    ['source-port', 'any', 'own,443'],
    ['fastopen', 'any', 'own,443'],
    ['fastopen', 'allowed', '443'],
    ['urgent', 'any', 'own'],
    ['mptcp', 'any', 'own,443', { needs: 'mptcp' }],
    ['sctp', 'any', 'own', { needs: 'sctp' }],
    ['sctp-seqpacket', 'any', 'own', { needs: 'sctp-seqpacket' }],
    ['dccp', 'any', 'own', { needs: 'dccp' }],
    ['inbound', 'any', 'own', { inbound: true }],
  ]),
  ...each(
    'tcp',
    'stream.py',
    [4],
    [
      ['options', 'any', 'own,443'],
      ['plain', 'metadata', '80'],
      ['plain', 'private', 'own,443'],
    ],
  ),
  ...each('tcp', 'stream.py', [6], [['plain', 'link-local', 'own,443']]),
];

const GROUPS: Attack[] = [
  { name: 'igmp/join v4', run: ['join.py', '4'], control: 'packets' },
  { name: 'mld/join v6', run: ['join.py', '6'], control: 'packets', needs: 'ipv6' },
];

export const NETWORK: readonly Attack[] = [...DATAGRAMS, ...ICMP, ...STREAMS, ...GROUPS];
