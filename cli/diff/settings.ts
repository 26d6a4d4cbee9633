/** What differs between two sets of policies and is not about a single request. Pure. */
import { canonicalJson } from '../../crds/canonical.ts';
import type { PodFields } from '../../crds/pod.ts';
import type { RuntimePolicy } from '../../crds/runtime.ts';

export interface Setting {
  /** As policies call it: `dns.budget`. */
  field: string;
  before: string;
  after: string;
}

export function settings(before: RuntimePolicy, after: RuntimePolicy): Setting[] {
  return differing<RuntimePolicy>(before, after, [
    ['mode', ({ mode }) => mode],
    ['dns.queryTypes', ({ dns }) => dns.queryTypes.join(', ')],
    ['dns.denied', ({ dns }) => dns.denied],
    ['dns.budget', ({ dns }) => dns.budget],
    ['content.detectors.disabled', ({ content }) => content.disabledDetectors.join(', ')],
    ['content.homeHosts', ({ content }) => canonicalJson(content.homeHosts)],
    ['content.knownSecrets', ({ content }) => canonicalJson(content.knownSecrets)],
    ['content.maxRefusals', ({ content }) => content.maxRefusals],
    ['content.opaqueUploads', ({ content }) => canonicalJson(content.opaqueUploads ?? {})],
    ['content.patterns', ({ content }) => canonicalJson(content.patterns ?? [])],
    [
      'content.suppressions',
      ({ content }) => canonicalJson([...content.suppressions, ...(content.hostSuppressions ?? [])]),
    ],
  ]);
}

/** Of pods that are made from now on. */
export function podSettings(before: PodFields, after: PodFields): Setting[] {
  return differing<PodFields>(before, after, [
    ['pod.maskedPaths', ({ maskedPaths }) => maskedPaths.join(', ')],
    ['pod.serviceAccountToken', ({ serviceAccountToken }) => serviceAccountToken],
  ]);
}

function differing<T>(before: T, after: T, fields: readonly [string, (of: T) => unknown][]): Setting[] {
  return fields.flatMap(([field, of]) => {
    const [old, young] = [String(of(before)), String(of(after))];
    return old === young ? [] : [{ field, before: old, after: young }];
  });
}
