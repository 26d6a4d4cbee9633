/** Problems of host lists: what is refused, and what is allowed but probably not what was meant. */
import { isShared } from './domains.ts';
import { hostText } from './host-patterns.ts';
import { normaliseHost } from './hosts.ts';
import { error, type Issue, warning } from './issues.ts';
import type { AddressScope, HostPattern } from './runtime.ts';
import type { Path } from './yaml.ts';

/** Names that only resolve inside a network (RFC 6762, RFC 8375, ICANN's `internal`, Kubernetes). */
const INSIDE = /(^|\.)(cluster\.local|local|internal|home\.arpa|lan|corp|intranet)$/;

/**
 * `scope`: where the hosts of a rule may resolve to; absent for hosts that are only compared. `isSound`: whether the host at
 * an index is still to be looked at, since nothing is wrong with it so far.
 */
export function checkHosts(
  texts: readonly string[],
  path: Path,
  scope?: AddressScope,
  isSound: (i: number) => boolean = () => true,
): Issue[] {
  const issues: Issue[] = [];
  const seen = new Map<string, string>();
  texts.forEach((text, i) => {
    if (!isSound(i)) return;
    const at = [...path, i];
    const host = normaliseHost(text);
    if (!('name' in host)) {
      issues.push(error(at, host.error, host.fix));
      return;
    }
    const same = seen.get(hostText(host));
    if (same !== undefined && same !== text) {
      issues.push(error(at, `"${text}" is the same host as "${same}"`, 'remove one of them'));
    }
    seen.set(hostText(host), text);
    const doubt = doubtful(host, scope);
    if (doubt) issues.push(warning(at, doubt.message, doubt.fix));
  });
  return issues;
}

function doubtful(host: HostPattern, scope: AddressScope | undefined): { message: string; fix?: string } | undefined {
  if (host.wildcard && isShared(host.name)) {
    return {
      message: `anyone can get a name under "${host.name}", so "*.${host.name}" lets data out to everyone`,
      fix: 'name the hosts that the build needs',
    };
  }
  if (!scope) return undefined;
  if (host.wildcard && !host.name.includes('.') && !INSIDE.test(host.name)) {
    return {
      message: `"*.${host.name}" covers a whole top-level domain`,
      fix: `name a domain: "*.example.${host.name}"`,
    };
  }
  if (!host.wildcard && !host.name.includes('.')) {
    return {
      message: `"${host.name}" is looked up as it stands, without search domains`,
      fix: `in a cluster: ${host.name}.NAMESPACE.svc.cluster.local`,
    };
  }
  if (scope === 'Public' && INSIDE.test(host.name)) {
    return {
      message: `"${hostText(host)}" most likely resolves to a private address, which is refused`,
      fix: 'add addressScope: Private',
    };
  }
  return undefined;
}
