/** What names under a wildcard are counted by: whoever has the domain can make up any number of them. Pure. */

import { hostMatches } from '../../crds/host-patterns.ts';
import { registrableDomain } from '../../crds/hosts.ts';
import type { HostPattern } from '../../crds/runtime.ts';

/**
 * The domain whose account a host under wildcards draws on: the registered one, or the widest of the wildcards' own names
 * when that is above it, as with suffixes that no registry knows (`*.internal`): there each host would be a new domain.
 */
export function budgetDomain(host: string, patterns: readonly HostPattern[]): string {
  return patterns
    .filter((pattern) => pattern.wildcard && hostMatches(pattern, host))
    .map((pattern) => pattern.name)
    .reduce((widest, name) => (name.length < widest.length ? name : widest), registrableDomain(host));
}
