/** The sidecar's settings from its environment, and the facts of the network namespace that it stands in. Pure. */
import { isIP } from 'node:net';
import type { Endpoint } from './tcp/types.ts';

export interface SidecarSettings {
  /** EgressPolicy documents (YAML). */
  policyFile: string;
  /** Memory volume: authority, trust files. */
  stateDir: string;
  /** Audit log; standard output when unset. */
  logFile?: string;
  /** Empty: those of /etc/resolv.conf. */
  resolvers: Endpoint[];
  upstreamCa: string[];
}

/**
 * From WEIR_POLICY_FILE, WEIR_STATE_DIR, WEIR_LOG, WEIR_RESOLVERS (addresses, comma-separated) and WEIR_UPSTREAM_CA
 * (files, colon-separated). @throws RangeError naming the variable.
 */
export function sidecarSettings(env: Readonly<Record<string, string | undefined>>): SidecarSettings {
  const required = (name: string): string => {
    const value = env[name];
    if (value === undefined || value === '') throw new RangeError(`${name} is not set`);
    return value;
  };
  const list = (name: string, separator: string): string[] =>
    (env[name] ?? '').split(separator).filter((item) => item !== '');
  const resolvers = list('WEIR_RESOLVERS', ',').map((address) => {
    if (isIP(address) === 0) throw new RangeError(`WEIR_RESOLVERS: ${JSON.stringify(address)} is not an IP address`);
    return { address, port: 53 };
  });
  const settings: SidecarSettings = {
    policyFile: required('WEIR_POLICY_FILE'),
    stateDir: required('WEIR_STATE_DIR'),
    resolvers,
    upstreamCa: list('WEIR_UPSTREAM_CA', ':'),
  };
  if (env.WEIR_LOG !== undefined && env.WEIR_LOG !== '') settings.logFile = env.WEIR_LOG;
  return settings;
}

/** Whether the text of /proc/net/ipv6_route has a default route over something else than lo (whose ::/0 is "unreachable"). */
export function hasIpv6DefaultRoute(routes: string): boolean {
  return routes.split('\n').some((line) => /^0{32} 00 /.test(line) && !/\slo$/.test(line.trimEnd()));
}
