/**
 * Where a text and its maps are in the WebAssembly's memory, for each depth of layers. A search is synchronous and works only
 * deeper while it is under way, so the whole process shares them.
 */
import { lasting } from '../../decode/scratch.ts';
import { Area, heap, ROOM } from './memory.ts';

/** Maps that a survey writes, which bytes are in a class: those that are asked for here, as in assembly/block.asm.ts. */
export const MAP = {
  BASE64: 0,
  BREAK: 2,
  PLUS: 6,
  /** Behind the maps, a byte for each block of 64. */
  NEAR: 11,
} as const;

/** Kinds of bytes that a text has: those that are no text, per cent signs, backslashes; line ends are asked for in assembly/. */
export const HAS_BREAK = 1;
export const HAS_PERCENT = 2;
export const HAS_BACKSLASH = 4;
/** There are places where not all maps are written, since nothing is asked of them there but by `join`. */
export const IS_PARTIAL = 16;

export class PlacedText {
  readonly bytes: Area = new Area();
  readonly maps: Area = new Area();
  /** Bytes from one map to the next. */
  stride = 0;
  /** Bytes of the text. */
  length = 0;
  /** Which kinds of bytes it has. */
  has = 0;
  /** A number that no other outermost text has; 0 for others. */
  id = 0;
  private readonly depth: number;

  constructor(depth: number) {
    this.depth = depth;
  }

  /** Copies a text here. */
  take(bytes: Uint8Array): void {
    this.put(bytes);
    this.length = bytes.length;
    if (this.depth === 0) this.id = ++taken;
  }

  /** Copies bytes here that are not the text, but may become it; with room for `more` behind them. */
  put(bytes: Uint8Array, more = 0): void {
    this.ensure(bytes.length + more);
    heap.bytes.set(bytes, this.bytes.at);
  }

  /** Makes room for `length` bytes and their maps. What was here is lost when there was not enough. */
  ensure(length: number): void {
    this.bytes.ensure(length);
    this.stride = (this.bytes.capacity + ROOM) >> 3;
    this.maps.ensure(MAP.NEAR * this.stride + (this.stride >> 3));
  }

  /** Where a map is. */
  map(index: number): number {
    return this.maps.at + index * this.stride;
  }

  /** A copy of bytes `[from, to)`, to be kept. */
  copy(from: number, to: number): Buffer {
    return lasting(heap.bytes.subarray(this.bytes.at + from, this.bytes.at + to));
  }
}

/** Outermost texts so far. */
let taken = 0;

/** One of each depth, made when it is first asked for. */
export function ofDepth<T>(make: (depth: number) => T): (depth: number) => T {
  const made: T[] = [];
  return (depth) => {
    let one = made[depth];
    if (one === undefined) {
      one = make(depth);
      made[depth] = one;
    }
    return one;
  };
}

/** The text of layers at a depth. */
export const textAt: (depth: number) => PlacedText = ofDepth((depth) => new PlacedText(depth));
