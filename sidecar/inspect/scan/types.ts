/** What a layer knows of where it comes from and what it belongs to, and what it is asked by those who look into it. */
import type { WorkBudget } from '../budget.ts';
import type { Detector } from '../detectors/types.ts';
import type { Jobs } from '../jobs.ts';
import type { KnownSet } from '../known/set.ts';
import type { OpaqueCount } from '../opaque/meter.ts';
import type { PatternSet } from '../patterns/set.ts';
import type { Layer } from './layer.ts';
import type { Survey } from './simd/survey.ts';

/** Where a layer's bytes come from: a decoder's run in the layer above. */
export interface Origin {
  layer: Layer;
  /**
   * Written anew for what is found, where it differs: an object literal with an accessor has a hidden class of its own, which
   * would hold the layer until a full collection.
   */
  decoder: string;
  /** Where it differs within one text. */
  decoderAt?(offset: number): string;
  /** It decompresses: what looks random here is not explained by what it was made of. */
  isInflated?: boolean;
  /** It was cut out of a longer text, so that it begins no structure; it may be of a form. */
  isCut?: boolean;
  /** Offset in the layer above of what became the byte at `offset` here. */
  outerOffset(offset: number): number;
  /** For a layer that is given several texts at once: where the one that holds `offset` begins and ends. */
  part?(offset: number): { from: number; to: number };
  /** For such a layer: where each of the texts begins. */
  begins?(): readonly number[];
  /** It lasts longer than the text in the layer above. */
  lasting?: LastingOrigin;
}

/** What is known of the layers above when their texts are gone. */
export interface LastingOrigin {
  /** Where the layer above came from, and which place there became the byte at `offset` here. */
  anchor(offset: number): Anchor;
  messageBytes(): number;
}

/** A place in a layer that lasts: a message itself, or what was decompressed. */
export interface Anchor {
  layer: Layer;
  /** Decoders from there on. */
  decoding: readonly string[];
  offset: number;
}

/** What a layer needs from the message it belongs to. */
export interface ScanContext {
  budget: WorkBudget;
  /** What is left for later. */
  jobs: Jobs;
  /** Absent: there are none. */
  readonly known?: KnownSet | undefined;
  readonly patterns?: PatternSet | undefined;
  /** Counts bytes that no decoder explains; absent: they are not measured. */
  readonly opaque?: OpaqueCount | undefined;
  /** One that stays as this one is now. */
  lasting(): ScanContext;
  /** `offset` is that of the secret in the outermost layer; `decoding` the decoders from there on. */
  report(found: Found, decoding: readonly string[], offset: number): void;
}

/** Tells of something that was found at a place of the text; `last`: a dress that it was in. */
export type Report = (found: Found, at: number, last?: string) => void;

/** What is told of something that was found. */
export interface Found extends Pick<Detector, 'name' | 'homeHosts'> {
  /** What a known secret is called. */
  secret?: string;
  /** Never kept. */
  value?: Uint8Array;
  /** That of the value, when it was told of before. */
  hash?: string;
}

/** Looks for encoded runs of one kind in a layer's window and feeds them, decoded, to layers below. */
export interface RunScanner {
  /**
   * `bytes[0]` is at `base` of the layer; every byte from `needed()` on is in `bytes`. `survey` is of `bytes`. `final`: no
   * more will come.
   */
  scan(bytes: Buffer, base: number, final: boolean, survey: Survey): void;
  /** Offset from which bytes are still needed in the window. */
  needed(): number;
  /** Offset before which everything is decided, in the layers below too. */
  decided(): number;
  /** Forgets all input: the layer begins anew. */
  restart(): void;
}

/** What may be compressed data of a container (its place in CONTAINERS), and the offset at which it begins. */
export interface Magic {
  container: number;
  offset: number;
}
