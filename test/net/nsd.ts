/** The configuration of the tests' name server (nsd). Pure. */

/** In the foreground, one process, no files outside `directory`, no rate limit. `zones`: name and file of each. */
export function nsdConfig(
  directory: string,
  addresses: readonly string[],
  zones: readonly (readonly [name: string, file: string])[],
): string {
  return [
    'server:',
    ...addresses.map((address) => `  ip-address: ${address}`),
    '  server-count: 1',
    '  username: ""',
    `  zonesdir: "${directory}"`,
    `  pidfile: "${directory}/nsd.pid"`,
    `  zonelistfile: "${directory}/zone.list"`,
    `  xfrdfile: "${directory}/xfrd.state"`,
    '  database: ""',
    '  rrl-ratelimit: 0',
    'remote-control:',
    '  control-enable: no',
    ...zones.flatMap(([name, file]) => ['zone:', `  name: "${name}"`, `  zonefile: "${file}"`]),
    '',
  ].join('\n');
}
