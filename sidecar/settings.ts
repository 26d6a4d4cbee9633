/** The sidecar's settings from its environment, and the facts of the network namespace that it stands in. Pure. */
import { isIP } from 'node:net';
import path from 'node:path';
import { CA_FILE, TOKEN_FILE } from '../crds/injected.ts';
import type { Endpoint } from './tcp/types.ts';

/** Milliseconds for what is open to end when the pod ends. Its containers are gone by then, and their connections with them. */
export const DRAIN_MS = 3000;
/** Seconds between two tries of what the rules must stop. */
export const HEARTBEAT_SECONDS = 30;
const MAX_HEARTBEAT_SECONDS = 3600;
/** A further authority for upstream servers, in the control volume: there when the platform has one. */
export const UPSTREAM_CA_FILE = 'upstream-ca.crt';

export interface ControlSettings {
  endpoint: Endpoint;
  /** The name in the control plane's certificate. */
  serverName: string;
  caFile: string;
  tokenFile: string;
  /** Counts when it is there. */
  upstreamCaFile: string;
}

export interface SidecarSettings {
  /** Where the policy is from: EgressPolicy documents (YAML) in a file, or the control plane. */
  policy: { file: string } | { control: ControlSettings };
  /** Memory volume: authority, journal, last policy. */
  stateDir: string;
  /** Where clients find what to trust. */
  trustDir: string;
  /** Secrets of the pod, `<name>/<key>`; none are looked for when unset. */
  secretsDir?: string;
  /** Names of the Secrets that the workload's containers have themselves. */
  heldSecrets: string[];
  /** Audit log; standard output when unset. */
  logFile?: string;
  /** Empty: those that /etc/resolv.conf had in the pod's first life. */
  resolvers: Endpoint[];
  /** Files that must be there. */
  upstreamCa: string[];
  heartbeatSeconds: number;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * From WEIR_STATE_DIR and either WEIR_POLICY_FILE or WEIR_CONTROL_PLANE (`https://<address>:<port>`) with
 * WEIR_CONTROL_NAME and WEIR_CONTROL_DIR; and WEIR_TRUST_DIR, WEIR_SECRETS_DIR, WEIR_HELD_SECRETS (comma-separated),
 * WEIR_LOG, WEIR_RESOLVERS (addresses, comma-separated), WEIR_UPSTREAM_CA (files, colon-separated)
 * and WEIR_HEARTBEAT_SECONDS. @throws RangeError naming the variable.
 */
export function sidecarSettings(env: Environment): SidecarSettings {
  const list = (name: string, separator: string): string[] =>
    (env[name] ?? '').split(separator).filter((item) => item !== '');
  const resolvers = list('WEIR_RESOLVERS', ',').map((address) => {
    if (isIP(address) === 0) throw new RangeError(`WEIR_RESOLVERS: ${JSON.stringify(address)} is not an IP address`);
    return { address, port: 53 };
  });
  const stateDir = required(env, 'WEIR_STATE_DIR');
  const settings: SidecarSettings = {
    policy: policySettings(env),
    stateDir,
    trustDir: env.WEIR_TRUST_DIR || path.join(stateDir, 'trust'),
    heldSecrets: list('WEIR_HELD_SECRETS', ','),
    resolvers,
    upstreamCa: list('WEIR_UPSTREAM_CA', ':'),
    heartbeatSeconds: heartbeatSeconds(env.WEIR_HEARTBEAT_SECONDS),
  };
  if (env.WEIR_SECRETS_DIR) settings.secretsDir = env.WEIR_SECRETS_DIR;
  if (env.WEIR_LOG) settings.logFile = env.WEIR_LOG;
  return settings;
}

function policySettings(env: Environment): SidecarSettings['policy'] {
  const file = env.WEIR_POLICY_FILE;
  const url = env.WEIR_CONTROL_PLANE;
  if (!file === !url) {
    const both = file ? 'are both set' : 'are both unset';
    throw new RangeError(`WEIR_POLICY_FILE and WEIR_CONTROL_PLANE ${both}: the policy is from one of them`);
  }
  if (file) return { file };
  const directory = required(env, 'WEIR_CONTROL_DIR');
  return {
    control: {
      endpoint: endpointOf(url as string),
      serverName: required(env, 'WEIR_CONTROL_NAME'),
      caFile: path.join(directory, CA_FILE),
      tokenFile: path.join(directory, TOKEN_FILE),
      upstreamCaFile: path.join(directory, UPSTREAM_CA_FILE),
    },
  };
}

/** The control plane is known by address: its name is looked up by nobody, so nobody can answer for it. */
function endpointOf(url: string): Endpoint {
  const parsed = URL.parse(url);
  const address = parsed?.hostname.replace(/^\[|\]$/g, '') ?? '';
  if (parsed?.protocol !== 'https:' || parsed.pathname !== '/' || isIP(address) === 0) {
    throw new RangeError(`WEIR_CONTROL_PLANE: ${JSON.stringify(url)} is not https://<IP address>[:port]`);
  }
  return { address, port: parsed.port === '' ? 443 : Number(parsed.port) };
}

function heartbeatSeconds(text: string | undefined): number {
  if (!text) return HEARTBEAT_SECONDS;
  const seconds = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (seconds >= 1 && seconds <= MAX_HEARTBEAT_SECONDS) return seconds;
  throw new RangeError(
    `WEIR_HEARTBEAT_SECONDS must be a whole number from 1 to ${MAX_HEARTBEAT_SECONDS}, not ${JSON.stringify(text)}`,
  );
}

function required(env: Environment, name: string): string {
  const value = env[name];
  if (!value) throw new RangeError(`${name} is not set`);
  return value;
}

/** Whether the text of /proc/net/ipv6_route has a default route over something else than lo (whose ::/0 is "unreachable"). */
export function hasIpv6DefaultRoute(routes: string): boolean {
  return routes.split('\n').some((line) => /^0{32} 00 /.test(line) && !/\slo$/.test(line.trimEnd()));
}
