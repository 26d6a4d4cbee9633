/** The guard: from a request to the API server to what is wrong with it. Pure but for the one question to the caller. */
import { canonicalJson } from '../../../crds/canonical.ts';
import type { PodFields } from '../../../crds/injected.ts';
import type { PodSelector } from '../../../crds/types.generated.ts';
import { boundRefusals } from '../bounds.ts';
import { isInjected, type Pod, type PodSpec } from '../pod.ts';
import { type Refusal, toldPaths } from '../refusal.ts';
import type { AdmissionSettings } from '../settings.ts';
import { earlyRefusals } from './ephemeral.ts';
import { changedMarks, marksRefusals } from './metadata.ts';
import { isOptingOut, optOutRefusal } from './namespace.ts';
import { authorityRefusals, bindingRefusals, connectRefusals, tokenRefusals } from './others.ts';
import { specRefusals } from './spec.ts';

/** What the guard looks at of an AdmissionRequest. */
export interface GuardRequest {
  operation: 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';
  /** Plural, as in `pods`; with the subresource after a slash. */
  resource: string;
  namespace: string;
  name: string;
  user: string;
  groups: readonly string[];
  object: unknown;
  oldObject: unknown;
}

export interface GuardContext {
  settings: AdmissionSettings;
  /** What the policies of this pod say under `pod`; absent: not known, not compared. */
  podFields?: PodFields | undefined;
  /** Of every policy that may be for the namespace; absent: not known, so that every label counts. */
  podSelectors?: readonly (PodSelector | undefined)[] | undefined;
  /** Whether the user may take this namespace from under the guard (a SubjectAccessReview). */
  mayOptOut(namespace: string): Promise<boolean>;
}

export interface Judgement {
  allowed: boolean;
  /** All that was found, in a fixed order; `sentence` bounds what is told. */
  refusals: Refusal[];
  warnings: string[];
  /** Keys without prefix. */
  auditAnnotations: Record<string, string>;
}

/** Judges a request for an object in a labelled namespace, or for a namespace. */
export async function judge(request: GuardRequest, context: GuardContext): Promise<Judgement> {
  if (request.resource.split('/')[0] === 'namespaces') return judgeNamespace(request, context);
  const refusals = refusalsOf(request, context);
  return {
    allowed: refusals.length === 0,
    refusals,
    warnings: [],
    auditAnnotations: refusals.length === 0 ? {} : { refused: toldPaths(refusals) },
  };
}

function refusalsOf(request: GuardRequest, context: GuardContext): Refusal[] {
  const { operation, resource, user, groups, object, oldObject } = request;
  if (operation === 'CONNECT') return connectRefusals(resource.split('/')[1] ?? '', object as { container?: string });
  switch (resource) {
    case 'configmaps':
      return authorityRefusals(
        operation,
        (operation === 'DELETE' ? oldObject : object) as object,
        user,
        context.settings.user,
      );
    case 'serviceaccounts/token':
      return tokenRefusals(object as object, groups);
    case 'pods/binding':
      return bindingRefusals(object as object);
    case 'pods':
    case 'pods/status':
    case 'pods/ephemeralcontainers':
    case 'pods/resize':
      if (operation === 'CREATE') return created(object as Pod, context);
      return operation === 'UPDATE' ? changed(request, context) : [];
    default:
      return [];
  }
}

function created(pod: Pod, { settings, podFields }: GuardContext): Refusal[] {
  const beyond = boundRefusals(pod);
  if (beyond.length > 0) return beyond;
  return [...marksRefusals(pod), ...specRefusals(pod.spec as PodSpec, settings, podFields)];
}

/**
 * A pod that was never injected is older than the label: another matter, told elsewhere. The spec of an injected one is
 * judged again when it changes, not when the status or a finalizer does: stricter settings must not keep it from ending.
 */
function changed(request: GuardRequest, { settings, podSelectors }: GuardContext): Refusal[] {
  const pod = request.object as Pod;
  const old = request.oldObject as Pod;
  const wasInjected = isInjected(old);
  const isTrusted = request.user === settings.user || settings.guard.labelUsers.includes(request.user);
  const marks = isTrusted ? [] : changedMarks(pod, old, wasInjected, podSelectors && selectingKeys(podSelectors));
  if (!wasInjected || canonicalJson(pod.spec) === canonicalJson(old.spec)) return marks;
  const beyond = boundRefusals(pod);
  if (beyond.length > 0) return beyond;
  return [
    ...marks,
    ...changedImages(pod, old),
    ...earlyRefusals(pod, old),
    ...specRefusals(pod.spec as PodSpec, settings),
  ];
}

function changedImages(pod: Pod, old: Pod): Refusal[] {
  return [0, 1].flatMap((i) => {
    const now = pod.spec?.initContainers?.[i];
    if (now?.image === old.spec?.initContainers?.[i]?.image) return [];
    const message = 'must stay in a pod that runs; recreate the pod to get the version of the control plane';
    return [{ path: `spec.initContainers{${now?.name ?? i}}.image`, message }];
  });
}

function selectingKeys(selectors: readonly (PodSelector | undefined)[]): Set<string> {
  return new Set(
    selectors.flatMap((selector) => [
      ...Object.keys(selector?.matchLabels ?? {}),
      ...(selector?.matchExpressions ?? []).map(({ key }) => key),
    ]),
  );
}

async function judgeNamespace(request: GuardRequest, { mayOptOut }: GuardContext): Promise<Judgement> {
  const { operation, name, user, object, oldObject } = request;
  const none: Judgement = { allowed: true, refusals: [], warnings: [], auditAnnotations: {} };
  if (operation !== 'UPDATE' || !isOptingOut(object as object, oldObject as object)) return none;
  if (await mayOptOut(name)) {
    const warnings = [`pods of ${name} are no longer injected or guarded; those that run keep their sidecar`];
    return { ...none, warnings, auditAnnotations: { 'opt-out': `${user} took ${name} from under the guard` } };
  }
  const refusal = optOutRefusal(user);
  return { ...none, allowed: false, refusals: [refusal], auditAnnotations: { refused: refusal.path } };
}
