/** Host patterns that were normalised (hosts.ts): how they are compared, and written. */
import type { HostPattern } from './runtime.ts';

/** Whether `host` (normalised) is named by the pattern. A wildcard stands for one or more labels, so never for the bare name. */
export function hostMatches(pattern: HostPattern, host: string): boolean {
  if (!pattern.wildcard) return pattern.name === host;
  return (
    host.length > pattern.name.length + 1 &&
    host.endsWith(pattern.name) &&
    host[host.length - pattern.name.length - 1] === '.'
  );
}

/** The pattern as a person writes it. */
export function hostText(pattern: HostPattern): string {
  return pattern.wildcard ? `*.${pattern.name}` : pattern.name;
}

/** Whether some host is named by both patterns. */
export function hostsOverlap(a: HostPattern, b: HostPattern): boolean {
  if (a.wildcard && b.wildcard) return a.name === b.name || hostMatches(a, b.name) || hostMatches(b, a.name);
  return a.wildcard ? hostMatches(a, b.name) : hostMatches(b, a.name);
}
