/** The numbers and names of the test internet: which address is who. Data only. */

/** The client: a pod's or a laptop's network, one interface and a default route. */
export const CLIENT = { v4: '198.51.100.2', v6: '2001:db8:51::2', linkLocal: 'fe80::2', device: 'eth0' } as const;

/** Length of the client's IPv4 prefix, and the broadcast address that follows from it. */
export const PREFIX4 = 22;
export const BROADCAST4 = '198.51.103.255';

/** The other end of the client's link, which takes every address for its own. */
export const GATEWAY = { v4: '198.51.100.1', v6: '2001:db8:51::1', linkLocal: 'fe80::1', device: 'out0' } as const;

/** The one HTTPS host that the policy allows. */
export const ALLOWED = { name: 'allowed.example', v4: '203.0.113.80', v6: '2001:db8:113::80' } as const;

/** The resolver (nsd) that Weir is given and that the client's resolv.conf names. */
export const RESOLVER = { v4: '203.0.113.53', v6: '2001:db8:113::53' } as const;

/** Names under a host pattern that the policy allows, and that resolve to what must not be reached through Weir. */
export const REBIND: Record<string, readonly string[]> = {
  'private10.rebind.example': ['10.66.0.10'],
  'private172.rebind.example': ['172.16.66.10'],
  'private192.rebind.example': ['192.168.66.10'],
  'cgnat.rebind.example': ['100.64.66.10'],
  'metadata.rebind.example': ['169.254.169.254'],
  'metadata6.rebind.example': ['fd00:ec2::254'],
  'loopback.rebind.example': ['127.0.0.1'],
  'loopback-other.rebind.example': ['127.66.0.1'],
  'loopback6.rebind.example': ['::1'],
  'ula.rebind.example': ['fd66::10'],
  'nat64-private.rebind.example': ['64:ff9b::a42:b'],
  'nat64-metadata.rebind.example': ['64:ff9b::a9fe:a9fe'],
  'mapped.rebind.example': ['::ffff:10.66.0.12'],
  'sixtofour.rebind.example': ['2002:a42:d::1'],
  'teredo.rebind.example': ['2001:0:a42:e::f5bd:fff1'],
  'benchmark.rebind.example': ['198.18.66.10'],
  'reserved.rebind.example': ['240.66.0.10'],
  'several.rebind.example': ['10.66.0.15', '192.168.66.15'],
};

/** A CNAME from an allowed pattern to a name outside it with a private address. */
export const REBIND_CNAME = {
  name: 'cname.rebind.example',
  target: 'inside.corp.example',
  address: '10.66.0.16',
} as const;

/** Allowed, with one address that may be dialled (the allowed host's) and some that may not. */
export const MIXED = {
  name: 'mixed.rebind.example',
  public: ALLOWED.v4,
  others: ['10.66.0.17', '127.66.0.2', 'fd66::17'],
} as const;

/** Names that Weir may look up upstream: anything else that reaches the resolver is a leak. */
export const LOOKUPS: readonly string[] = [
  ALLOWED.name,
  ...Object.keys(REBIND),
  REBIND_CNAME.name,
  REBIND_CNAME.target,
  MIXED.name,
];

/** Catch-all names (wildcards in the zones) whose addresses are a host of the attacker's. */
export const ATTACKER_ZONE = 'attacker.example';
export const ATTACKER = { v4: '203.0.113.66', v6: '2001:db8:113::66' } as const;

/** Where Weir's listeners are known to be (the attacker has read the source). */
export const LISTENERS = { tcp: 15001, dns: 15053 } as const;

/** Port on which the sink takes every redirected TCP connection, in the outside namespace. */
export const CATCH_ALL_PORT = 4444;
