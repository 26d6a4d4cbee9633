import type { Layer } from './layer.ts';
import type { Anchor } from './types.ts';

/**
 * Anchors of places of one text, as numbers: there can be one for every few bytes. All of them are in one layer, and most have the same
 * decoders before them.
 */
export class Anchors {
  private layer: Layer | undefined;
  private readonly offsets: number[] = [];
  private readonly decodings: (readonly string[])[] = [];

  add({ decoding, layer, offset }: Anchor): void {
    const last = this.decodings.at(-1);
    this.layer = layer;
    this.offsets.push(offset);
    this.decodings.push(last !== undefined && isSame(last, decoding) ? last : decoding);
  }

  at(index: number): Anchor {
    return {
      layer: this.layer as Layer,
      decoding: this.decodings[index] as readonly string[],
      offset: this.offsets[index] as number,
    };
  }
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((decoder, index) => decoder === other[index]);
}
