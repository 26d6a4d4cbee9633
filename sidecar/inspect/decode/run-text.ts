/** What runs of one kind become, in the layers below: one for a run that goes on, and one for all that are seen whole. */
import type { Layer } from '../scan/layer.ts';
import type { Origin } from '../scan/types.ts';

export class RunText {
  private readonly layer: Layer;
  private readonly origin: Origin;
  private open: Layer | undefined;
  private whole: Layer | undefined;

  constructor(layer: Layer, origin: Origin) {
    this.layer = layer;
    this.origin = origin;
  }

  /** Whether a run goes on of which some was given already. */
  get isOpen(): boolean {
    return this.open !== undefined;
  }

  /** Offset in what the open run became before which everything is decided; 0 when nothing was given yet. */
  decided(): number {
    return this.open?.decided() ?? 0;
  }

  /** Forgets the open run. */
  restart(): void {
    this.open = undefined;
  }

  /** What comes of the run next; `last`: it ends there. Throws TooComplex. */
  feed(bytes: Buffer, last: boolean): void {
    if (!last) {
      this.open ??= this.layer.below(this.origin);
      this.open.push(bytes);
    } else if (this.open !== undefined) {
      this.open.end(bytes);
      this.open = undefined;
    } else {
      if (this.whole === undefined) this.whole = this.layer.below(this.origin);
      else this.whole.restart();
      this.whole.end(bytes);
    }
  }
}
