/** AdmissionReviews in and out, without HTTP: what the server calls. */
import type { PodFields } from '../../crds/injected.ts';
import type { PodSelector } from '../../crds/types.generated.ts';
import { boundRefusals, sizeRefusals } from './bounds.ts';
import { type GuardRequest, judge } from './guard/judge.ts';
import { OPT_OUT } from './guard/namespace.ts';
import { type Injection, inject, injectEphemeral } from './mutate.ts';
import { jsonPatch } from './patch.ts';
import type { Pod } from './pod.ts';
import { type Refusal, sentence } from './refusal.ts';
import type { AdmissionSettings } from './settings.ts';

/** `admission.k8s.io/v1`, as far as it is read. */
export interface AdmissionRequest {
  uid: string;
  resource: { group: string; version: string; resource: string };
  subResource?: string;
  name?: string;
  namespace?: string;
  operation: 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';
  userInfo: { username?: string; uid?: string; groups?: string[]; extra?: Record<string, string[]> };
  object?: unknown;
  oldObject?: unknown;
  dryRun?: boolean;
}

export interface AdmissionReview {
  apiVersion: string;
  kind: string;
  request?: AdmissionRequest;
}

export interface AdmissionResponse {
  uid: string;
  allowed: boolean;
  status?: { code: number; message: string; reason: string };
  patchType?: 'JSONPatch';
  /** Base64 of a JSON Patch. */
  patch?: string;
  warnings?: string[];
  auditAnnotations?: Record<string, string>;
}

export interface AdmissionReviewResponse {
  apiVersion: 'admission.k8s.io/v1';
  kind: 'AdmissionReview';
  response: AdmissionResponse;
}

/** The attributes of a SubjectAccessReview, and for whom. */
export interface AccessQuestion {
  user: AdmissionRequest['userInfo'];
  verb: string;
  group: string;
  resource: string;
  name: string;
}

export interface AdmissionDeps {
  settings: AdmissionSettings;
  /**
   * The `pod` fields of the policies that select these labels in that namespace, taken together (NO_POD_FIELDS when none
   * does); undefined: not known yet, and no pod can be made.
   */
  podFields(namespace: string, labels: Readonly<Record<string, string>>): PodFields | undefined;
  /** The podSelectors of every policy, the cluster's too, that may be for the namespace; undefined: not known yet. */
  podSelectors(namespace: string): readonly (PodSelector | undefined)[] | undefined;
  subjectAccessReview(question: AccessQuestion): Promise<boolean>;
}

/** Warnings of one response; the API server cuts each at 4 KiB in all. */
const MAX_WARNINGS = 8;

/** The answer of the mutating webhook: pods CREATE and pods/ephemeralcontainers UPDATE. Throws RangeError without a request. */
export function mutateReview(review: AdmissionReview, deps: AdmissionDeps): AdmissionReviewResponse {
  const request = requestOf(review);
  const beyond = sizeRefusals(request);
  if (beyond.length > 0) return respond(request, refused(beyond));
  const injection = injectionOf(request, deps);
  if (injection === undefined) return respond(request, NOT_READY);
  if (injection.reasons.length > 0) return respond(request, refused(injection.reasons));
  const patch = jsonPatch(request.object, injection.pod);
  return respond(request, {
    allowed: true,
    ...(patch.length === 0
      ? {}
      : { patchType: 'JSONPatch', patch: Buffer.from(JSON.stringify(patch)).toString('base64') }),
    ...warningsOf(injection.warnings),
  });
}

const NOT_READY: Pick<AdmissionResponse, 'allowed' | 'status'> = {
  allowed: false,
  status: {
    code: 503,
    message: 'the control plane does not know the policies yet; try again',
    reason: 'ServiceUnavailable',
  },
};

/** Undefined when the policies that decide about it are not known. */
function injectionOf(request: AdmissionRequest, deps: AdmissionDeps): Injection | undefined {
  const pod = request.object as Pod;
  const { resource, subResource = '', operation, namespace = '' } = request;
  const nothing: Injection = { pod, reasons: [], warnings: [] };
  if (resource.group !== '' || resource.resource !== 'pods' || namespace === deps.settings.namespace) return nothing;
  const isCreating = operation === 'CREATE' && subResource === '';
  if (!isCreating && !(operation === 'UPDATE' && subResource === 'ephemeralcontainers')) return nothing;
  const reasons = boundRefusals(pod);
  if (reasons.length > 0) return { ...nothing, reasons };
  if (isCreating) {
    const podFields = deps.podFields(namespace, pod.metadata?.labels ?? {});
    return podFields && inject(pod, deps.settings, podFields);
  }
  return injectEphemeral(pod);
}

/** The answer of the validating webhook (the guard). Throws RangeError without a request, and what the deps throw. */
export async function validateReview(review: AdmissionReview, deps: AdmissionDeps): Promise<AdmissionReviewResponse> {
  const request = requestOf(review);
  const beyond = sizeRefusals(request);
  if (beyond.length > 0) return respond(request, refused(beyond));
  const guarded = guardRequest(request);
  const { settings } = deps;
  if (guarded.namespace === settings.namespace) return respond(request, { allowed: true });
  const isNewPod = guarded.resource === 'pods' && request.operation === 'CREATE';
  const podFields = isNewPod
    ? deps.podFields(guarded.namespace, (request.object as Pod).metadata?.labels ?? {})
    : undefined;
  if (isNewPod && podFields === undefined) return respond(request, NOT_READY);
  const judgement = await judge(guarded, {
    settings,
    podFields,
    podSelectors: request.operation === 'UPDATE' ? deps.podSelectors(guarded.namespace) : undefined,
    mayOptOut: (name) => deps.subjectAccessReview({ user: request.userInfo, ...OPT_OUT, name }),
  });
  return respond(request, {
    ...(judgement.allowed ? { allowed: true } : refused(judgement.refusals)),
    ...warningsOf(judgement.warnings),
    ...(Object.keys(judgement.auditAnnotations).length === 0 ? {} : { auditAnnotations: judgement.auditAnnotations }),
  });
}

/** A group other than the core one has no resource that the guard judges. */
function guardRequest(request: AdmissionRequest): GuardRequest {
  const { resource, subResource, operation, userInfo, object, oldObject } = request;
  const name = resource.group === '' ? resource.resource : `${resource.resource}.${resource.group}`;
  return {
    operation,
    resource: subResource ? `${name}/${subResource}` : name,
    namespace: request.namespace ?? '',
    name: request.name ?? '',
    user: userInfo.username ?? '',
    groups: userInfo.groups ?? [],
    object,
    oldObject,
  };
}

function requestOf({ request }: AdmissionReview): AdmissionRequest {
  if (!request) throw new RangeError('an AdmissionReview without a request');
  return request;
}

function refused(refusals: readonly Refusal[]): Pick<AdmissionResponse, 'allowed' | 'status'> {
  return { allowed: false, status: { code: 403, message: sentence(refusals), reason: 'Forbidden' } };
}

function warningsOf(warnings: readonly string[]): Pick<AdmissionResponse, 'warnings'> {
  return warnings.length === 0 ? {} : { warnings: warnings.slice(0, MAX_WARNINGS) };
}

function respond(request: AdmissionRequest, response: Omit<AdmissionResponse, 'uid'>): AdmissionReviewResponse {
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    response: { uid: request.uid, ...response },
  };
}
