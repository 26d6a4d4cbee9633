/** What admission (a pure room) asks of the cluster, answered from the watches; and reviews of our own kinds. */
import { NO_POD_FIELDS } from '../crds/injected.ts';
import { selects } from '../crds/selector.ts';
import {
  type AccessQuestion,
  type AdmissionDeps,
  type AdmissionReview,
  type AdmissionReviewResponse,
  mutateReview,
  validateReview,
} from './admission/index.ts';
import type { AdmissionSettings } from './admission/settings.ts';
import type { KubeClient } from './kube/client.ts';
import type { PolicyBook } from './policies/book.ts';
import { isPolicyRequest, reviewPolicy } from './policies/review.ts';
import type { Prepared } from './prepared.ts';
import type { Cluster } from './watch/cluster.ts';

/** Milliseconds for the API server to say whether somebody may; the webhook itself has five seconds. */
const ACCESS_TIMEOUT_MS = 3000;

type Request = NonNullable<AdmissionReview['request']>;

export class Admission {
  readonly #client: KubeClient;
  readonly #cluster: Cluster;
  readonly #book: PolicyBook;
  readonly #settings: Omit<AdmissionSettings, 'controlPlane'>;
  readonly #detectorNames: readonly string[];
  readonly #prepared: Pick<Prepared, 'whyNot'>;
  readonly #log: (message: string, more?: object) => void;

  constructor(
    client: KubeClient,
    cluster: Cluster,
    book: PolicyBook,
    settings: Omit<AdmissionSettings, 'controlPlane'>,
    detectorNames: readonly string[],
    prepared: Pick<Prepared, 'whyNot'>,
    log: (message: string, more?: object) => void,
  ) {
    this.#client = client;
    this.#cluster = cluster;
    this.#book = book;
    this.#settings = settings;
    this.#detectorNames = detectorNames;
    this.#prepared = prepared;
    this.#log = log;
  }

  /** `controlPlane`: the URL that sidecars get. Throws what a review throws that is none. */
  async mutate(review: AdmissionReview, controlPlane: string | undefined): Promise<AdmissionReviewResponse> {
    const answer = (await this.#unprepared(review)) ?? mutateReview(review, this.#deps(controlPlane));
    this.#tell('mutate', review, answer);
    return answer;
  }

  async validate(review: AdmissionReview, controlPlane: string | undefined): Promise<AdmissionReviewResponse> {
    const { request } = review;
    let answer: AdmissionReviewResponse;
    if (request && isPolicyRequest(request)) {
      answer = answerWith(reviewPolicy(request, this.#detectorNames, this.#cluster));
    } else {
      answer =
        this.#bareSession(request) ??
        (await this.#unprepared(review)) ??
        (await validateReview(review, this.#deps(controlPlane)));
    }
    this.#tell('validate', review, answer);
    return answer;
  }

  /** No pod is made where it could not trust us, and us alone. */
  async #unprepared({ request }: AdmissionReview): Promise<AdmissionReviewResponse | undefined> {
    if (request?.operation !== 'CREATE' || !isPods(request) || request.subResource) return undefined;
    const { uid, namespace = '' } = request;
    if (namespace === this.#settings.namespace) return undefined;
    const message = await this.#prepared.whyNot(namespace);
    if (message === undefined) return undefined;
    return answerWith({ uid, allowed: false, status: { code: 503, message, reason: 'ServiceUnavailable' } });
  }

  /** A session in a pod without Weir is a way out that nothing guards. */
  #bareSession(request: Request | undefined): AdmissionReviewResponse | undefined {
    if (request?.operation !== 'CONNECT' || !isPods(request)) return undefined;
    const { uid, subResource, namespace = '', name = '' } = request;
    if (namespace === this.#settings.namespace || !(subResource === 'exec' || subResource === 'attach'))
      return undefined;
    if (this.#cluster.pods.get(namespace, name)?.isInjected) return undefined;
    const message = `pods/${subResource}: ${name} is a pod without Weir in a guarded namespace; recreate it, or try again if it was made just now`;
    return answerWith({ uid, allowed: false, status: { code: 403, message, reason: 'Forbidden' } });
  }

  #deps(controlPlane: string | undefined): AdmissionDeps {
    if (controlPlane === undefined) throw new Error('the address of the control plane is not known yet');
    const { policies, clusterPolicies, namespaces } = this.#cluster;
    return {
      settings: { ...this.#settings, controlPlane },
      podFields: (namespace, labels) => {
        if (!this.#cluster.isSynced) return undefined;
        const { maskedPaths, serviceAccountToken } = this.#book.entryFor(namespace, labels).podFields ?? NO_POD_FIELDS;
        return { maskedPaths, serviceAccountToken };
      },
      podSelectors: (namespace) => {
        if (!this.#cluster.isSynced) return undefined;
        const labels = namespaces.get('', namespace)?.labels ?? {};
        const own = [...policies.in(namespace)].map(({ policy }) => policy.spec.podSelector);
        const cluster = [...clusterPolicies.all()].map(({ policy }) => policy.spec);
        return [
          ...own,
          ...cluster
            .filter(({ namespaceSelector }) => selects(namespaceSelector, labels))
            .map(({ podSelector }) => podSelector),
        ];
      },
      subjectAccessReview: (question) => this.#mayThey(question),
    };
  }

  async #mayThey({ user, verb, group, resource, name }: AccessQuestion): Promise<boolean> {
    const { username = '', groups = [], extra = {}, uid } = user;
    const body = {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SubjectAccessReview',
      spec: { user: username, groups, extra, ...(uid && { uid }), resourceAttributes: { verb, group, resource, name } },
    };
    const { status } = await this.#client.call<{ status?: { allowed?: boolean } }>(
      'POST',
      '/apis/authorization.k8s.io/v1/subjectaccessreviews',
      { body, timeoutMs: ACCESS_TIMEOUT_MS },
    );
    return status?.allowed === true;
  }

  /** Who was refused what and why, and who took a namespace out; not the object. */
  #tell(webhook: string, { request }: AdmissionReview, { response }: AdmissionReviewResponse): void {
    if (!request || (response.allowed && response.auditAnnotations === undefined)) return;
    const { resource, subResource, operation, namespace, name, userInfo } = request;
    this.#log(response.allowed ? 'admitted with a note' : 'refused', {
      webhook,
      operation,
      resource: subResource ? `${resource.resource}/${subResource}` : resource.resource,
      namespace,
      name,
      user: userInfo.username,
      ...(response.status && { reason: response.status.message }),
      ...(response.auditAnnotations && { audit: response.auditAnnotations }),
    });
  }
}

function isPods({ resource }: Request): boolean {
  return resource.group === '' && resource.resource === 'pods';
}

function answerWith(response: AdmissionReviewResponse['response']): AdmissionReviewResponse {
  return { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response };
}
