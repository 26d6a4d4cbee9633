/** What the rules depend on, and the numbers that the init container and the sidecar share. */

/** Where every TCP connection arrives. */
export const TCP_PORT = 15001;
/** Where every query to port 53 arrives, UDP and TCP. */
export const DNS_PORT = 15053;
/** SO_MARK of the sidecar's own sockets: "WEIR". The whole mark is compared, so no other tool's mark bits are let pass. */
export const MARK = 0x57454952;

export interface Settings {
  /** SO_MARK value that is let out. Ignored in local mode. */
  mark: number;
  tcpPort: number;
  dnsPort: number;
  /** TCP port on which the sidecar may be reached from outside (its listening socket carries the mark too). */
  metricsPort?: number;
  /** Local mode: the sidecar serves from outside the namespace, so nothing is exempt by mark and nothing is let in. */
  local: boolean;
}

/**
 * Settings from WEIR_MARK, WEIR_TCP_PORT, WEIR_DNS_PORT and WEIR_METRICS_PORT (decimal or 0x…); unset means the constant above.
 * @throws RangeError naming the variable. */
export function settingsFrom(env: Readonly<Record<string, string | undefined>>): Settings {
  const settings: Settings = {
    mark: integer(env, 'WEIR_MARK', 0xffffffff) ?? MARK,
    tcpPort: integer(env, 'WEIR_TCP_PORT', 65535) ?? TCP_PORT,
    dnsPort: integer(env, 'WEIR_DNS_PORT', 65535) ?? DNS_PORT,
    local: false,
  };
  const metricsPort = integer(env, 'WEIR_METRICS_PORT', 65535);
  if (metricsPort !== undefined) settings.metricsPort = metricsPort;
  return settings;
}

/** A whole number in 1..max: 0 as a mark would be every unmarked packet, 0 as a port is none. */
function integer(env: Readonly<Record<string, string | undefined>>, name: string, max: number): number | undefined {
  const text = env[name];
  if (text === undefined) return undefined;
  const value = /^(\d{1,10}|0x[0-9a-f]{1,8})$/i.test(text) ? Number(text) : Number.NaN;
  if (!(value >= 1 && value <= max)) {
    throw new RangeError(`${name} must be a whole number from 1 to ${max}, not ${JSON.stringify(text)}`);
  }
  return value;
}
