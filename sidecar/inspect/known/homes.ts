/** Where a secret belongs, as its own text says: a credential stands beside its host in most files that hold one. Pure. */
import { surveyAt } from '../scan/simd/survey.ts';
import { EXACT_TABLE } from '../scan/table.ts';

/** Hosts where `[from, to)` of a value is at home. */
export interface Home {
  from: number;
  to: number;
  hosts: readonly string[];
  /** A detector proved it: what stands there was drawn, whatever it looks like. */
  isDrawn?: true;
}

/** A further value inside one, e.g. the password in the registry credentials of an image pull Secret. */
export interface Inner {
  bytes: Buffer;
  hosts: readonly string[];
}

/** The API server, as pods call it (kubernetes.io/docs/tasks/run-application/access-api-from-pod). */
const API_SERVER = [
  'kubernetes.default.svc',
  'kubernetes.default.svc.cluster.local',
  'kubernetes.default',
  'kubernetes',
];
const DOCKER_HUB = ['docker.io', 'index.docker.io', 'registry-1.docker.io', 'auth.docker.io', 'hub.docker.com'];

/** `/d`: group 1 is the host and group 2 the credential. */
const BESIDE: readonly RegExp[] = [
  // Registries in .npmrc (docs.npmjs.com/cli/configuring-npm/npmrc), machines in .netrc (inetutils manual).
  /^\/\/([^/\s:]+)[^\s=]*:_(?:authToken|password|auth)\s*=\s*["']?([^\s"']+)/dgm,
  /\bmachine\s+(\S+)\s+login\s+\S+\s+password\s+(\S+)/dg,
];
const URL_CREDENTIALS = /\b[a-z][a-z0-9+.-]*:\/\/([^\s/@"']*:[^\s/@"']+)@([A-Za-z0-9_.-]+)/dg;

/** `bytes` in latin1 is searched for credentials with their host, and with every detector for formats with home hosts. */
export function homesIn(bytes: Buffer): Home[] {
  const text = bytes.toString('latin1');
  const homes: Home[] = [];
  const add = (range: [number, number] | undefined, host: string | undefined) => {
    if (range && host !== undefined) homes.push({ from: range[0], to: range[1], hosts: [host.toLowerCase()] });
  };
  for (const pattern of BESIDE) {
    for (const { indices, 1: host } of text.matchAll(pattern)) add(indices?.[2], host);
  }
  for (const { indices, 2: host } of text.matchAll(URL_CREDENTIALS)) add(indices?.[1], host);
  surveyAt(0).take(bytes, EXACT_TABLE.literals, false, 0, bytes.length, (literal, at) => {
    for (const detector of EXACT_TABLE.byLiteral[literal] ?? []) {
      const match = detector.homeHosts.length > 0 ? detector.confirm(text, at, false) : undefined;
      if (match) homes.push({ from: match.start, to: match.end, hosts: detector.homeHosts, isDrawn: true });
    }
  });
  if (isServiceAccountToken(text)) homes.push({ from: 0, to: bytes.length, hosts: API_SERVER });
  return homes;
}

/** Registry credentials (`kubernetes.io/dockerconfigjson`), and the passwords of URLs. */
export function innerValues(bytes: Buffer): Inner[] {
  const text = bytes.toString('utf8');
  const inner: Inner[] = [];
  for (const { 1: credentials = '', 2: host = '' } of text.matchAll(URL_CREDENTIALS)) {
    const password = credentials.slice(credentials.indexOf(':') + 1);
    inner.push({ bytes: Buffer.from(unescaped(password)), hosts: [host.toLowerCase()] });
  }
  if (!text.startsWith('{')) return inner;
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return inner;
  }
  const { auths = parsed } = parsed as { auths?: unknown };
  if (typeof auths !== 'object' || auths === null) return inner;
  for (const [registry, entry] of Object.entries(auths)) {
    if (typeof entry !== 'object' || entry === null || !/[.:]/.test(registry)) continue;
    const host = /^(?:https?:\/\/)?([^/:]+)/.exec(registry)?.[1]?.toLowerCase() ?? '';
    const hosts = DOCKER_HUB.includes(host) ? DOCKER_HUB : [host];
    const { auth, password, identitytoken, registrytoken } = entry as Record<string, unknown>;
    const pair = typeof auth === 'string' ? Buffer.from(auth, 'base64').toString('utf8') : '';
    const values = [auth, password, identitytoken, registrytoken, pair.slice(pair.indexOf(':') + 1)];
    for (const value of values) {
      if (typeof value === 'string' && value !== '') inner.push({ bytes: Buffer.from(value), hosts });
    }
  }
  return inner;
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** A JWT with the claims of Kubernetes (KEP-1205, bound service account tokens). */
function isServiceAccountToken(text: string): boolean {
  const payload = /^eyJ[A-Za-z0-9_-]+\.([A-Za-z0-9_-]+)\.[A-Za-z0-9_-]+$/.exec(text)?.[1];
  return payload !== undefined && Buffer.from(payload, 'base64url').toString('latin1').includes('"kubernetes.io');
}
