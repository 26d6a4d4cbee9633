/** Who is who in the network outside the cluster: names, addresses. Data only; the link's are those of ../../lib/node.sh. */

/** The node's end of its one link, and the other end, which takes every address for its own. */
export const NODE = { v4: '203.0.113.1', v6: '2001:db8:113::1', device: 'out0' } as const;
export const OUTSIDE = { v4: '203.0.113.10', v6: '2001:db8:113::10', device: 'eth0' } as const;
/** CoreDNS asks it for every name that is not the cluster's. */
export const RESOLVER = { v4: '203.0.113.53', v6: '2001:db8:113::53' } as const;

/** Names with addresses of their own. `registry` is real (verdaccio); behind the others the sink answers and keeps what it was told. */
export const HOSTS = {
  registry: { name: 'registry.npmjs.org', v4: '203.0.113.20', v6: '2001:db8:113::20' },
  /** What policies of the tests allow a POST to. */
  analytics: { name: 'analytics.example', v4: '203.0.113.80', v6: '2001:db8:113::80' },
  /** The host of docs/quickstart. */
  example: { name: 'example.com', v4: '203.0.113.81', v6: '2001:db8:113::81' },
  github: { name: 'api.github.com', v4: '203.0.113.82', v6: '2001:db8:113::82' },
} as const;

/** Every other name, of any domain and any depth, is one of the attacker's. */
export const ATTACKER = { name: 'attacker.example', v4: '203.0.113.66', v6: '2001:db8:113::66' } as const;

/** What the servers' certificate is for. A wildcard is one label deep. */
export const CERTIFIED: readonly string[] = [
  ...Object.values(HOSTS).flatMap(({ name }) => [name, `*.${name}`]),
  ATTACKER.name,
  `*.${ATTACKER.name}`,
];

/** Where the sink takes every TCP connection that is not the registry's. */
export const CATCH_ALL_PORT = 4444;
