/** Streaming decompression, by Node where it can, else by what is in unpack/. */
import { type Inflater, isOfNode, type NodeCompression, NodeInflater } from './node-inflater.ts';
import { UNPACKERS, type Unpacker } from './unpack/index.ts';
import { Damaged, Input, type Steps } from './unpack/input.ts';

type OwnCompression = keyof typeof UNPACKERS;
export type Compression = NodeCompression | OwnCompression;

export function inflater(compression: Compression): Inflater {
  return isOfNode(compression) ? new NodeInflater(compression) : new OwnInflater(compression);
}

class OwnInflater implements Inflater {
  readonly #input = new Input();
  readonly #unpacker: Unpacker;
  readonly #steps: Steps;
  ended = false;
  isDamaged = false;

  constructor(compression: OwnCompression) {
    this.#unpacker = UNPACKERS[compression](this.#input);
    this.#steps = this.#unpacker.steps();
  }

  get taken(): number {
    return this.#input.taken;
  }

  get settled(): number {
    return this.#input.settled;
  }

  get memory(): number {
    return this.#unpacker.memory;
  }

  give(bytes: Buffer): void {
    this.#input.add(bytes);
  }

  finish(): void {
    this.#input.isLast = true;
  }

  next(): Buffer | undefined {
    if (this.ended) return undefined;
    try {
      const { done, value } = this.#steps.next();
      this.ended = done === true;
      return value as Buffer | undefined;
    } catch (error) {
      if (!(error instanceof Damaged)) throw error;
      this.ended = true;
      this.isDamaged = true;
      return this.#unpacker.take();
    }
  }

  close(): void {
    this.ended = true;
    // Gives back what the unpacker holds.
    this.#steps.return();
  }
}
