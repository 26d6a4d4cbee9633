/**
 * The life of our authority, as a pure function of what is stored and the time: a next one is made while the current one
 * has long to live, published beside it, used when all have had time to see it, and the old one is kept until no leaf of
 * it is valid any more. Replicas that plan from one state come to the same stage.
 */

export interface Lifetimes {
  /** Seconds that an authority is valid. */
  authority: number;
  /** Seconds before its end at which the next one is made. */
  renewBefore: number;
  /** Seconds for which the next one is published before it signs: kubelets bring a ConfigMap to pods within two minutes. */
  publish: number;
  /** Seconds that a leaf is valid; a new one is made at half of it. */
  leaf: number;
  /** Seconds by which certificates begin in the past: other clocks lag behind ours. */
  skew: number;
}

const DAY = 24 * 60 * 60;
export const DEFAULT_LIFETIMES: Lifetimes = {
  authority: 365 * DAY,
  renewBefore: 60 * DAY,
  publish: 60 * 60,
  leaf: 7 * DAY,
  skew: 2 * DAY,
};

export interface Signer {
  /** PEM. */
  certificate: string;
  /** PKCS#8, PEM. */
  key: string;
  /** Milliseconds since the epoch. */
  notAfter: number;
}

export interface AuthorityState {
  current: Signer;
  /** `since`: when it was published, in milliseconds since the epoch. */
  next?: { signer: Signer; since: number };
  /** Certificates alone, PEM; `until`: when the last leaf of them ends. */
  previous?: { certificates: string; until: number };
}

export interface Plan {
  state: AuthorityState;
  isChanged: boolean;
}

/** `isPublished`: whether the next one is known to be wherever it has to be. `create` makes an authority valid from now on. */
export function plan(
  stored: AuthorityState | undefined,
  now: number,
  lifetimes: Lifetimes,
  isPublished: boolean,
  create: () => Signer,
): Plan {
  if (!stored || (stored.current.notAfter <= now && !stored.next)) {
    return { state: { current: create() }, isChanged: true };
  }
  const { current, next, previous } = stored;
  if (next) {
    const hasBeenSeen = isPublished && now >= next.since + lifetimes.publish * 1000;
    if (hasBeenSeen || current.notAfter <= now) {
      const until = now + (lifetimes.leaf + lifetimes.skew) * 1000;
      const kept = previous && previous.until > now ? previous.certificates : '';
      return {
        state: { current: next.signer, previous: { certificates: current.certificate + kept, until } },
        isChanged: true,
      };
    }
    return { state: stored, isChanged: false };
  }
  if (previous && previous.until <= now) return { state: { current }, isChanged: true };
  if (now >= current.notAfter - lifetimes.renewBefore * 1000) {
    return { state: { ...stored, next: { signer: create(), since: now } }, isChanged: true };
  }
  return { state: stored, isChanged: false };
}

/** What clients are to trust: the current one, the next, and those whose leaves may still be served. PEM. */
export function bundleOf({ current, next, previous }: AuthorityState): string {
  return current.certificate + (next?.signer.certificate ?? '') + (previous?.certificates ?? '');
}
