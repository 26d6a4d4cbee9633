/** Where a secret belongs, as its own text says: a credential stands beside its host in most files that hold one. Pure. */
import { surveyAt } from '../scan/simd/survey.ts';
import { EXACT_TABLE } from '../scan/table.ts';
import { type KeyText, keyTexts } from './armour.ts';
import { type Part, secretParts } from './private-keys.ts';

/** Hosts where `[from, to)` of a value is at home. */
export interface Home {
  from: number;
  to: number;
  hosts: readonly string[];
  /** It was proved: what stands there was drawn, whatever it looks like. */
  isDrawn?: true;
}

/** A further value inside one, e.g. the password in the registry credentials of an image pull Secret. */
export interface Inner {
  bytes: Buffer;
  hosts: readonly string[];
  /** Ranges that were drawn, whatever they look like. */
  drawn?: readonly Part[];
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

/** Bytes of what a detector proved, up to which all of it is taken to be drawn: longer formats have parts that are not. */
const MAX_DRAWN = 64;

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
      if (!match) continue;
      const isDrawn = match.end - match.start <= MAX_DRAWN;
      homes.push({ from: match.start, to: match.end, hosts: detector.homeHosts, ...(isDrawn && { isDrawn }) });
    }
  });
  if (isServiceAccountToken(text)) homes.push({ from: 0, to: bytes.length, hosts: API_SERVER });
  return homes;
}

/** Bytes of the public key between two secrets of a file that are looked for as one. */
const MAX_BETWEEN = 16;

/** What private keys in a text say themselves: they may leave without their armour. */
function innerKeys(bytes: Buffer): Inner[] {
  const own = secretParts(bytes);
  if (own !== undefined) return secretsOf(bytes, own);
  const ofText = ({ bytes: said, inner, parts }: KeyText): Inner[] =>
    inner.length > 0 ? [{ bytes: said, hosts: [] }, ...inner.flatMap(ofText)] : secretsOf(said, parts ?? []);
  return keyTexts(bytes.toString('latin1')).flatMap(ofText);
}

function secretsOf(bytes: Buffer, parts: readonly Part[]): Inner[] {
  const groups: Part[][] = [];
  for (const part of parts) {
    const group = groups.at(-1);
    if (group !== undefined && part[0] - (group.at(-1)?.[1] ?? 0) <= MAX_BETWEEN) group.push(part);
    else groups.push([part]);
  }
  return groups.map((group) => {
    const start = group[0]?.[0] ?? 0;
    const drawn = group.map(([from, to]): Part => [from - start, to - start]);
    return { bytes: bytes.subarray(start, group.at(-1)?.[1]), hosts: [], drawn };
  });
}

/** Registry credentials (`kubernetes.io/dockerconfigjson`), the passwords of URLs, and what private keys say. */
export function innerValues(bytes: Buffer): Inner[] {
  const text = bytes.toString('utf8');
  const inner: Inner[] = innerKeys(bytes);
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
