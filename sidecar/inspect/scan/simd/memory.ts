/** The WebAssembly module and its memory, of which parts are given out for good. */
import { shared } from './shared.ts';
import { SURVEY_MODULE } from './survey.generated.ts';

interface Functions {
  memory: { buffer: ArrayBuffer; grow(pages: number): number };
  survey(
    text: number,
    from: number,
    length: number,
    first: number,
    to: number,
    maps: number,
    stride: number,
    classes: number,
    literals: number,
    keys: number,
    hits: number,
    room: number,
  ): number;
  runEnd(map: number, from: number, length: number): number;
  nextRun(map: number, from: number, length: number, least: number): number;
  nextLoud(
    block: number,
    from: number,
    final: number,
    least: number,
    line: number,
    piece: number,
    gap: number,
    most: number,
    apart: number,
  ): number;
  nextLoudHex(
    block: number,
    from: number,
    final: number,
    least: number,
    gap: number,
    most: number,
    apart: number,
  ): number;
  takeHex(block: number, from: number, count: number, since: number, gap: number, most: number): number;
  decode(digits: number, count: number, group: number, out: number, last: number): number;
  decodeTogether(
    digits: number,
    count: number,
    group: number,
    apart: number,
    out: number,
    starts: number,
    which: number,
  ): number;
  isLoudBelow(block: number, length: number): number;
  loudAlignments(block: number, count: number, group: number, apart: number): number;
  nextStretch(
    block: number,
    from: number,
    around: number,
    final: number,
    reading: number,
    times: number,
    least: number,
  ): number;
  unescapeStretch(
    block: number,
    from: number,
    last: number,
    around: number,
    final: number,
    reading: number,
    times: number,
  ): number;
  escapeAt(text: number, length: number, at: number): number;
  nextNumbers(block: number, from: number, final: number, least: number): number;
  readNumbers(block: number, from: number, final: number): number;
  completeMaps(text: number, length: number, maps: number, stride: number): void;
  joinJson(block: number, from: number, all: number): number;
  joinForm(block: number, from: number, final: number): number;
  isNoise(text: number, kinds: number, maps: number, stride: number, length: number): number;
  nextDense(block: number, from: number, final: number, isFirst: number): number;
  nextSingleCase(block: number, from: number, final: number, isFirst: number): number;
  nextPieces(block: number, from: number, final: number, isFirst: number): number;
  nextCapitals(block: number, from: number, final: number, isFirst: number): number;
  nextSparse(block: number, from: number, final: number): number;
  nextAlternating(block: number, from: number): number;
  nextField(
    text: number,
    length: number,
    breaks: number,
    pluses: number,
    from: number,
    most: number,
    around: number,
    final: number,
  ): number;
  nextSoftBreak(block: number, from: number): number;
  useKnown(filter: number, shift: number, stride: number, areText: number): void;
  knownHash(first: number, last: number): number;
  nextKnown(text: number, from: number, end: number): number;
  copy(to: number, from: number, size: number): void;
  owned(): number;
}

/** What @types/node does not declare. */
declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object, imports: object) => { exports: unknown };
};

/** Whether eight bytes of a known secret have this hash. */
export const known: { has: (key: number) => boolean } = { has: () => false };

const has = (key: number): number => (known.has(key) ? 1 : 0);
// With what V8 has made of it so far.
const module = shared('weir survey', () => new WebAssembly.Module(Buffer.from(SURVEY_MODULE, 'base64')));
export const wasm: Functions = new WebAssembly.Instance(module, { known: { has } }).exports as Functions;

const PAGE = 64 * 1024;
const ALIGNMENT = 64;
/** Bytes behind every area that vectors may read, and decoders write. */
export const ROOM = 64;
const LEAST_CAPACITY = 8 * 1024;

/** Views of the memory: new ones whenever it grows. */
export const heap = { bytes: new Uint8Array(wasm.memory.buffer), words: new Uint32Array(wasm.memory.buffer) };
/** What comes before is the module's own. */
let used = Math.ceil(wasm.owned() / ALIGNMENT) * ALIGNMENT;

/** Takes `size` bytes for good and returns where they are. */
export function reserve(size: number): number {
  const at = used;
  used += Math.ceil(size / ALIGNMENT) * ALIGNMENT;
  const missing = used - heap.bytes.length;
  if (missing > 0) {
    wasm.memory.grow(Math.ceil(missing / PAGE));
    heap.bytes = new Uint8Array(wasm.memory.buffer);
    heap.words = new Uint32Array(wasm.memory.buffer);
  }
  return at;
}

/** Copies `bytes` into memory for good and returns where they are. */
export function place(bytes: Uint8Array): number {
  const at = reserve(bytes.length);
  heap.bytes.set(bytes, at);
  return at;
}

/** Room that grows by doubling, so that what it outgrew is less than what it has. */
export class Area {
  at = 0;
  capacity = 0;

  /** Makes room for `size` bytes. The first `kept` bytes are kept. */
  ensure(size: number, kept = 0): void {
    if (size <= this.capacity) return;
    const before = this.at;
    this.capacity = Math.max(LEAST_CAPACITY, this.capacity);
    while (this.capacity < size) this.capacity *= 2;
    this.at = reserve(this.capacity + ROOM);
    if (kept > 0) wasm.copy(this.at, before, kept);
  }
}
