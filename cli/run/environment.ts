/** The environment of the command: the caller's, less what belongs to Weir's own start, plus the trust settings. Pure. */
import path from 'node:path';
import { type TrustFiles, trustEnvironment } from '../../sidecar/tls/trust-env.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export interface EnvironmentFacts {
  env: Environment;
  trust: TrustFiles;
  /** Real path of the Node that runs Weir. */
  execPath: string;
  /** The real path of a program, undefined when there is no such file. */
  realpath(file: string): string | undefined;
  /** Root, but without capabilities: cannot give files away. */
  root: boolean;
}

/** Would make the command's Node write into, or talk over, what is ours. */
const OWN_NODE = ['NODE_CHANNEL_FD', 'NODE_CHANNEL_SERIALIZATION_MODE', 'NODE_UNIQUE_ID', 'NODE_V8_COVERAGE'];

/** Before the name of a variable that the launcher kept from our own Node, whose value is for the command. */
const KEPT = 'WEIR_COMMAND_';

/** A client that asked a proxy would be refused at the proxy's address: Weir is in the way without being asked. Compared in lower case. */
const PROXIES = new Set([
  ...['http_proxy', 'https_proxy', 'ftp_proxy', 'all_proxy', 'socks_proxy', 'rsync_proxy'],
  ...['npm_config_proxy', 'npm_config_https_proxy', 'npm_config_http_proxy', 'yarn_http_proxy', 'yarn_https_proxy'],
  ...['pip_proxy', 'cargo_http_proxy', 'global_agent_http_proxy', 'global_agent_https_proxy'],
]);
/** Says when not to use a proxy: without one it means nothing. */
const NO_PROXY = new Set(['no_proxy', 'npm_config_noproxy', 'npm_config_no_proxy']);

/** Set by npx for the program it starts, from its own installation and arguments. */
const NPX = new Set([
  ...['INIT_CWD', 'NODE', 'COLOR', 'npm_command', 'npm_execpath', 'npm_node_execpath'],
  ...['allow_scripts', 'call', 'global_prefix', 'globalconfig', 'init_module', 'local_prefix', 'node_gyp'].map(config),
  ...['noproxy', 'npm_version', 'package', 'prefix', 'user_agent', 'yes'].map(config),
]);
const NPX_PREFIXES = ['npm_package_', 'npm_lifecycle_'];

/** Where temporary files go; their usual place is private to the command, another one would be read-only. */
const TEMPORARY = ['TMPDIR', 'TMP', 'TEMP', 'TEMPDIR'];

function config(name: string): string {
  return `npm_config_${name}`;
}

/** @returns the environment, and warnings about what was taken away. */
export function commandEnvironment(facts: EnvironmentFacts): { env: Record<string, string>; warnings: string[] } {
  const { env } = facts;
  const byNpx = env.npm_lifecycle_event === 'npx';
  const proxies: string[] = [];
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && name.startsWith(KEPT)) {
      result[name.slice(KEPT.length)] = value;
      continue;
    }
    if (value === undefined || OWN_NODE.includes(name) || NO_PROXY.has(name.toLowerCase())) continue;
    if (PROXIES.has(name.toLowerCase())) {
      if (value !== '') proxies.push(name);
      continue;
    }
    if (byNpx && fromNpx(name, value)) continue;
    result[name] = value;
  }
  for (const name of TEMPORARY) if (result[name] !== undefined) result[name] = '/tmp';
  if (result.PATH !== undefined) result.PATH = commandPath(result.PATH, facts, byNpx);
  if (facts.root) result.TAR_OPTIONS ??= '--no-same-owner';
  // The project is a mount of its own, and the repository that it is part of may begin above it.
  result.GIT_DISCOVERY_ACROSS_FILESYSTEM ??= '1';
  Object.assign(result, trustEnvironment(result, facts.trust), { WEIR: '1' });
  const warnings =
    proxies.length === 0
      ? []
      : [`${proxies.join(', ')} not passed on: Weir connects to each host itself, without a proxy`];
  return { env: result, warnings };
}

/** npx writes its settings that are false or null as empty values; nobody sets those by hand. */
function fromNpx(name: string, value: string): boolean {
  if (NPX.has(name) || NPX_PREFIXES.some((prefix) => name.startsWith(prefix))) return true;
  return name.startsWith('npm_config_') && value === '';
}

/** Without directories in which `node` is the one that runs Weir (npx puts it first), and without npx's own. */
function commandPath(value: string, { execPath, realpath }: EnvironmentFacts, byNpx: boolean): string {
  const kept = value.split(':').filter((directory) => {
    if (realpath(path.join(directory, 'node')) === execPath) return false;
    return !(byNpx && /\/_npx\/|\/node-gyp-bin$/.test(directory));
  });
  return kept.join(':');
}
