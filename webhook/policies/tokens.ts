/** Whose token it is: asked of the API server (TokenReview), remembered for a while by the token's SHA-256. */
import { createHash } from 'node:crypto';
import type { V1TokenReview } from '@kubernetes/client-node';
import { TOKEN_AUDIENCE } from '../../crds/injected.ts';
import type { KubeClient } from '../kube/client.ts';
import { type Bounds, Turns } from './turns.ts';

/** Milliseconds for which a good token is taken without asking again, at most until it expires. */
export const GOOD_MS = 60_000;
/** The same for a bad one. */
export const BAD_MS = 5000;
/** Tokens that are remembered of either kind; the oldest goes first. */
export const MAX_REMEMBERED = 16_384;
/**
 * Reviews at once (less than the client's connections to the API server), those that wait of one address, and in all; a token
 * beyond is to be shown again. Addresses take turns: whoever shows us forged tokens waits for its own.
 */
export const REVIEWS: Bounds = { atOnce: 16, perAsker: 1024, waiting: 8192 };
/** Characters of a token. */
export const MAX_TOKEN_LENGTH = 8192;

const POD_NAME = 'authentication.kubernetes.io/pod-name';
const POD_UID = 'authentication.kubernetes.io/pod-uid';
const ACCOUNT = /^system:serviceaccount:([^:]+):[^:]+$/;

export interface PodIdentity {
  namespace: string;
  pod: string;
  uid: string;
}

/** `busy`: not known now, ask again. */
export type TokenVerdict = { pod: PodIdentity } | { bad: string } | { busy: string };

interface Remembered {
  verdict: TokenVerdict;
  /** Milliseconds since the epoch. */
  until: number;
}

export interface TokenOptions {
  now?: () => number;
  observe?: (result: 'cached' | 'good' | 'bad' | 'failed' | 'busy') => void;
}

export class Tokens {
  readonly #review: (token: string) => Promise<V1TokenReview>;
  readonly #remembered = new Map<string, Remembered>();
  readonly #asking = new Map<string, Promise<TokenVerdict>>();
  readonly #turns = new Turns(REVIEWS);
  readonly #now: () => number;
  readonly #observe: NonNullable<TokenOptions['observe']>;

  constructor(review: (token: string) => Promise<V1TokenReview>, options: TokenOptions = {}) {
    this.#review = review;
    this.#now = options.now ?? Date.now;
    this.#observe = options.observe ?? (() => undefined);
  }

  get size(): number {
    return this.#remembered.size;
  }

  /** `authorization`: the header; `address`: whose. Does not throw. */
  async judge(authorization: string | undefined, address: string): Promise<TokenVerdict> {
    const token = /^Bearer ([\w.~+/-]+=*)$/.exec(authorization ?? '')?.[1];
    if (token === undefined || token.length > MAX_TOKEN_LENGTH) return { bad: 'no bearer token' };
    const claims = claimsOf(token);
    const now = this.#now();
    // Told without asking: who floods us with texts that are no tokens does not keep the API server busy.
    if (!claims || claims.expires <= now) return { bad: 'the token is no ServiceAccount token, or has expired' };
    const key = createHash('sha256').update(token).digest('base64');
    const known = this.#remembered.get(key);
    if (known && known.until > now) {
      this.#observe('cached');
      return known.verdict;
    }
    const asked = this.#asking.get(key);
    if (asked) return asked;
    const asking = this.#turns.run(address, () => this.#ask(token, key, claims.expires));
    if (!asking) {
      this.#observe('busy');
      return { busy: 'too many tokens to review' };
    }
    const settled = asking.finally(() => this.#asking.delete(key));
    this.#asking.set(key, settled);
    return settled;
  }

  async #ask(token: string, key: string, expires: number): Promise<TokenVerdict> {
    let verdict: TokenVerdict;
    try {
      verdict = verdictOf((await this.#review(token)).status);
    } catch {
      this.#observe('failed');
      return { busy: 'the token cannot be reviewed now' };
    }
    const isGood = 'pod' in verdict;
    this.#observe(isGood ? 'good' : 'bad');
    const now = this.#now();
    this.#remembered.delete(key);
    this.#remembered.set(key, { verdict, until: isGood ? Math.min(now + GOOD_MS, expires) : now + BAD_MS });
    if (this.#remembered.size > MAX_REMEMBERED) {
      this.#remembered.delete(this.#remembered.keys().next().value as string);
    }
    return verdict;
  }
}

/** A TokenReview for our audience. */
export function reviewer(client: KubeClient): (token: string) => Promise<V1TokenReview> {
  return (token) => {
    const body = {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenReview',
      spec: { token, audiences: [TOKEN_AUDIENCE] },
    };
    return client.call('POST', '/apis/authentication.k8s.io/v1/tokenreviews', { body });
  };
}

function verdictOf(status: V1TokenReview['status']): TokenVerdict {
  if (!status?.authenticated) return { bad: 'the token is not valid' };
  if (!status.audiences?.includes(TOKEN_AUDIENCE)) return { bad: `the token is not for ${TOKEN_AUDIENCE}` };
  const namespace = ACCOUNT.exec(status.user?.username ?? '')?.[1];
  const extra = status.user?.extra ?? {};
  const [pod, uid] = [extra[POD_NAME]?.[0], extra[POD_UID]?.[0]];
  if (namespace === undefined || pod === undefined || uid === undefined)
    return { bad: 'the token is not bound to a pod' };
  return { pod: { namespace, pod, uid } };
}

/** What the token says of itself; believed only where it makes us say no, or forget sooner. */
function claimsOf(token: string): { expires: number } | undefined {
  try {
    const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')) as {
      exp?: unknown;
      aud?: unknown;
    };
    const audiences = Array.isArray(claims.aud) ? claims.aud : [claims.aud];
    if (typeof claims.exp !== 'number' || !audiences.includes(TOKEN_AUDIENCE)) return undefined;
    return { expires: claims.exp * 1000 };
  } catch {
    return undefined;
  }
}
