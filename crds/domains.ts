/** Public suffixes (publicsuffix.org, by way of tldts): where one owner's names end and the next one's begin. */
import { getDomain, parse } from 'tldts';
import { SHARED_PARENTS } from './suffixes.generated.ts';

const BY_REGISTRY = { allowPrivateDomains: false, extractHostname: false, validateHostname: false } as const;
const BY_OWNER = { allowPrivateDomains: true, extractHostname: false, validateHostname: false } as const;

/**
 * The domain that was registered with a registry, e.g. `example.co.uk` for `a.b.example.co.uk`; the host itself when
 * there is none. Private suffixes (`github.io`) do not count as registries: who may have any name under one must
 * not get a fresh DNS budget with each, nor be told apart in logs.
 */
export function registrableDomain(host: string): string {
  return getDomain(host, BY_REGISTRY) ?? host;
}

/** Whether a registry sells names directly under this name: `com`, `co.uk`, `xn--p1ai`. */
export function isRegistrySuffix(name: string): boolean {
  const result = parse(name, BY_REGISTRY);
  return result.isIcann === true && result.publicSuffix === name;
}

/**
 * Whether names under this name belong to unrelated customers of one owner: directly, as under `github.io`, or
 * further down, as under `amazonaws.com` (because of `s3.amazonaws.com`).
 */
export function isShared(name: string): boolean {
  const result = parse(name, BY_OWNER);
  return (result.isPrivate === true && result.publicSuffix === name) || sharedParents().has(name);
}

let parents: ReadonlySet<string> | undefined;

function sharedParents(): ReadonlySet<string> {
  parents ??= new Set(SHARED_PARENTS.split(' '));
  return parents;
}
