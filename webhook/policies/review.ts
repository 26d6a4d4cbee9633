/** Admission of EgressPolicy and ClusterEgressPolicy: refuses what `weir check` refuses, by the same function. */
import { canonicalJson } from '../../crds/canonical.ts';
import { compileAll } from '../../crds/compile.ts';
import { type Issue, pathText } from '../../crds/issues.ts';
import { isClusterPolicy, type Policy } from '../../crds/kinds.ts';
import { validatePolicy } from '../../crds/validate.ts';
import type { AdmissionRequest, AdmissionResponse } from '../admission/index.ts';
import type { Cluster } from '../watch/cluster.ts';

/** Problems that one answer tells; the rest are counted. */
export const MAX_TOLD = 10;
/** Characters of a warning: the API server cuts what is longer in all than 4 KiB. */
const MAX_WARNING = 256;

export function isPolicyRequest({ resource }: AdmissionRequest): boolean {
  return resource.group === 'weir.dev';
}

/** Takes requests of our own kinds alone. */
export function reviewPolicy(
  request: AdmissionRequest,
  detectorNames: readonly string[],
  cluster: Pick<Cluster, 'namespaces' | 'clusterPolicies'>,
): AdmissionResponse {
  const { uid, object, oldObject, operation, subResource } = request;
  if ((operation !== 'CREATE' && operation !== 'UPDATE') || subResource) return { uid, allowed: true };
  const policy = withoutStatus(object);
  const issues = validatePolicy(policy, detectorNames);
  const errors = issues.filter(({ severity }) => severity === 'error');
  const isSame = oldObject !== undefined && specOf(oldObject) === specOf(object);
  // What was let in before this rule was, may still get a label, or lose its finalizers.
  if (errors.length > 0 && !isSame) {
    const told = errors.slice(0, MAX_TOLD).map(textOf);
    const rest = errors.length - told.length;
    const message = [...told, ...(rest > 0 ? [`and ${rest} more problems`] : [])].join('; ');
    return { uid, allowed: false, status: { code: 422, reason: 'Invalid', message } };
  }
  const warnings = [...issues.map(textOf), ...(errors.length > 0 ? [] : takenAway(policy as Policy, cluster))];
  if (warnings.length === 0) return { uid, allowed: true };
  return { uid, allowed: true, warnings: warnings.slice(0, MAX_TOLD).map((text) => text.slice(0, MAX_WARNING)) };
}

/** Only what its author writes is judged: the rest is the API server's. */
function withoutStatus(object: unknown): unknown {
  const { apiVersion, kind, metadata, spec } = (object ?? {}) as Record<string, unknown>;
  const { name, namespace } = (metadata ?? {}) as Record<string, unknown>;
  const kept = { ...(name !== undefined && { name }), ...(namespace !== undefined && { namespace }) };
  return structuredClone({ apiVersion, kind, metadata: kept, ...(spec !== undefined && { spec }) });
}

function specOf(object: unknown): string {
  return canonicalJson((object as { spec?: unknown } | undefined)?.spec ?? null);
}

function takenAway(policy: Policy, { namespaces, clusterPolicies }: Pick<Cluster, 'namespaces' | 'clusterPolicies'>) {
  if (isClusterPolicy(policy)) return [];
  const namespaceLabels = namespaces.get('', policy.metadata.namespace ?? '')?.labels ?? {};
  const all = [...clusterPolicies.all()].map((item) => item.policy);
  return compileAll([policy], undefined, { clusterPolicies: all, namespaceLabels })
    .dropped.filter(({ origin }) => origin.kind === 'EgressPolicy')
    .map(({ origin, constraint, reason }) => {
      const what = origin.rule === undefined ? 'this policy' : `rule ${origin.rule}`;
      return `${what} will not be in force: ${reason} (${constraint.policy}, ${constraint.field})`;
    });
}

function textOf({ path, message, fix }: Issue): string {
  return `${path.length > 0 ? `${pathText(path)}: ` : ''}${message}${fix === undefined ? '' : ` (${fix})`}`;
}
