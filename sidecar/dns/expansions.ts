/**
 * Denials of names that a client's resolver made with its search list: with `ndots:5`, as pods have it, `evil.com` is asked
 * for as `evil.com.ci.svc.cluster.local` and twice more first. Such a denial is held for a moment, and left out when what
 * the name was made of is denied too, just before or after: that is the one to tell. Else the name itself was meant. So each
 * that is left out stands beside one that is told.
 */
import type { Event } from '../../crds/runtime.ts';

/** Milliseconds: a resolver goes on at once, but in Audit mode each name is looked up. */
export const HELD_MS = 2000;
/** Denials that are held; beyond them the oldest is told. Names that are remembered; beyond them the oldest is forgotten. */
export const MAX_HELD = 256;

interface Held {
  event: Event;
  bases: readonly string[];
  at: number;
}

export class Expansions {
  readonly #emit: (event: Event) => void;
  readonly #now: () => number;
  #held: Held[] = [];
  /** When names were last denied, the latest last. */
  readonly #denied = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  #leftOut = 0;

  /** `now`: milliseconds of any clock that does not go back. */
  constructor(emit: (event: Event) => void, now: () => number = () => performance.now()) {
    this.#emit = emit;
    this.#now = now;
  }

  /** Denials that were not told. */
  get leftOut(): number {
    return this.#leftOut;
  }

  /**
   * A denial of `host`, which is told, held or left out. `bases`: what a search list may have made it of; none: it is told
   * at once.
   */
  denied(host: string, bases: readonly string[], event: Event): void {
    const now = this.#now();
    const before = this.#held.length;
    this.#held = this.#held.filter((held) => !held.bases.includes(host));
    this.#leftOut += before - this.#held.length;
    this.#remember(host, now);
    if (bases.length === 0) this.#emit(event);
    else if (bases.some((base) => now - (this.#denied.get(base) ?? Number.NEGATIVE_INFINITY) < HELD_MS))
      this.#leftOut++;
    else {
      if (this.#held.length >= MAX_HELD) this.#tellOldest();
      this.#held.push({ event, bases, at: now });
      this.#arm();
    }
  }

  /** Tells what is held. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    while (this.#held.length > 0) this.#tellOldest();
  }

  #remember(host: string, now: number): void {
    this.#denied.delete(host);
    this.#denied.set(host, now);
    if (this.#denied.size > MAX_HELD) this.#denied.delete(this.#denied.keys().next().value as string);
  }

  #tellOldest(): void {
    const oldest = this.#held.shift();
    if (oldest) this.#emit(oldest.event);
  }

  #arm(): void {
    const [oldest] = this.#held;
    if (!oldest || this.#timer) return;
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        while (this.#held[0] && this.#now() - this.#held[0].at >= HELD_MS) this.#tellOldest();
        this.#arm();
      },
      oldest.at + HELD_MS - this.#now(),
    );
    this.#timer.unref();
  }
}
