/** The three ways a body is judged: as it stands, behind a content encoding, or without holding anything back. */
import { TooComplex } from './budget.ts';
import { ContentDecoder } from './decode/content-encoding.ts';
import { lasting } from './decode/scratch.ts';
import { LOOK_AHEAD, LOOK_BEHIND } from './detectors/types.ts';
import type { FieldSearch } from './fields.ts';
import type { Findings } from './findings.ts';
import { Blocks } from './scan/blocks.ts';
import { HeldBlocks } from './scan/hold.ts';
import { Layer } from './scan/layer.ts';
import { EXACT_TABLE } from './scan/table.ts';
import { inTurns, type Work } from './turns.ts';

/** Takes bytes and gives up those that are decided. Findings go to `Findings`; throws TooComplex. */
export interface Body {
  push(chunk: Buffer): Buffer[] | Promise<Buffer[]>;
  end(): Buffer[] | Promise<Buffer[]>;
  abort(): void;
}

/** Judges the blocks of a plain body, on whichever thread that is. Throws TooComplex. */
export class PlainJudge {
  private readonly findings: Findings;
  private readonly layer: Layer;

  constructor(findings: Findings, isForm: boolean) {
    this.findings = findings;
    this.layer = new Layer(findings, EXACT_TABLE, 0, undefined, isForm);
  }

  /** The next block (it is copied). Returns the offset before which all is decided. */
  *push(block: Buffer): Work<number> {
    this.findings.budget.grant(block.length);
    this.layer.push(block);
    yield* this.findings.jobs.run();
    this.layer.settle();
    this.findings.settle();
    return this.layer.decided();
  }

  /** The last one, shorter than others (borrowed until the first step is done). All is decided when it returns. */
  *end(last: Buffer): Work<void> {
    this.findings.budget.grant(last.length);
    this.layer.end(last);
    yield* this.findings.jobs.run();
    this.layer.settle();
    this.findings.settle();
  }
}

export class PlainBody implements Body {
  private readonly judge: PlainJudge;
  private readonly held: HeldBlocks;

  constructor(findings: Findings, blockSize: number, isForm: boolean) {
    this.judge = new PlainJudge(findings, isForm);
    this.held = new HeldBlocks(blockSize);
  }

  push(chunk: Buffer): Buffer[] | Promise<Buffer[]> {
    return inTurns(this.pushed(chunk));
  }

  end(): Buffer[] | Promise<Buffer[]> {
    return inTurns(this.ended());
  }

  private *pushed(chunk: Buffer): Work<Buffer[]> {
    const release: Buffer[] = [];
    for (const block of this.held.push(chunk)) {
      release.push(...this.held.releaseTo(yield* this.judge.push(block)));
      yield;
    }
    return release;
  }

  private *ended(): Work<Buffer[]> {
    yield* this.judge.end(this.held.end());
    return this.held.releaseTo(Number.POSITIVE_INFINITY);
  }

  abort(): void {
    this.held.clear();
  }
}

/**
 * Encoded bytes are held this far behind what was decoded from them: a decoder may sit on a block (zstd: 128 KiB,
 * RFC 8878, 3.1.1.2.4) before it says anything.
 */
export const ENCODED_LAG = 256 * 1024;
/** Bytes that an encoded body may have waiting: an encoding can go on for ever without saying anything. */
export const MAX_ENCODED_HELD = 4 * 1024 * 1024;

/** Both the encoded bytes (comments, skippable frames, stored blocks) and what they decode to are searched. */
export class EncodedBody implements Body {
  private readonly findings: Findings;
  private readonly encoding: readonly string[];
  private readonly raw: Layer;
  private readonly plain: Layer;
  private readonly held: HeldBlocks;
  private readonly plainBlocks: Blocks;
  private readonly decoder: ContentDecoder;
  private rawBytes = 0;
  private plainBytes = 0;
  private releasedBytes = 0;
  private excessBytes = 0;
  /** How much had been decoded when so much had been read. */
  private marks: { raw: number; plain: number }[] = [];

  constructor(findings: Findings, blockSize: number, isForm: boolean, encoding: string) {
    this.findings = findings;
    this.encoding = [encoding];
    this.raw = new Layer(findings, EXACT_TABLE, 0, undefined, false, true);
    this.plain = new Layer(findings, EXACT_TABLE, 0, undefined, isForm);
    this.plain.meter?.weigh(encoding);
    this.held = new HeldBlocks(blockSize);
    this.plainBlocks = new Blocks(blockSize);
    this.decoder = new ContentDecoder(encoding, (decoded) => this.decoded(decoded));
  }

  async push(chunk: Buffer): Promise<Buffer[]> {
    for (const block of this.held.push(chunk)) await this.read(block);
    const decided = this.plain.decided();
    let passed = -1;
    while (passed + 1 < this.marks.length && (this.marks[passed + 1]?.plain ?? 0) <= decided) passed++;
    const safe = (this.marks[passed]?.raw ?? 0) - ENCODED_LAG;
    if (passed > 0) this.marks.splice(0, passed);
    const release = this.held.releaseTo(Math.min(this.raw.decided(), safe));
    if (this.held.length > MAX_ENCODED_HELD) throw new TooComplex('too much of the body decodes to nothing');
    for (const piece of release) this.releasedBytes += piece.length;
    this.countExcess(this.releasedBytes);
    return release;
  }

  async end(): Promise<Buffer[]> {
    await this.read(this.held.end());
    await this.decoder.end();
    this.raw.end();
    this.findings.encoding = this.encoding;
    this.plain.end(this.plainBlocks.end());
    this.findings.encoding = [];
    await this.settle(this.raw);
    await this.settle(this.plain);
    this.countExcess(this.rawBytes);
    return this.held.releaseTo(Number.POSITIVE_INFINITY);
  }

  abort(): void {
    this.held.clear();
    this.decoder.abort();
  }

  /** Of the bytes as sent, what is more than they decode to can be made of: comments, skippable frames. */
  private countExcess(raw: number): void {
    const { meter } = this.plain;
    const excess = meter ? Math.ceil(raw - meter.allowance) - this.excessBytes : 0;
    if (excess <= 0) return;
    this.excessBytes += excess;
    this.findings.opaque?.count(excess);
  }

  private async read(block: Buffer): Promise<void> {
    this.findings.budget.grant(block.length);
    this.raw.push(block);
    await this.settle(this.raw);
    await this.decoder.write(block);
    this.rawBytes += block.length;
    this.marks.push({ raw: this.rawBytes, plain: this.plainBytes });
  }

  private async decoded(bytes: Buffer): Promise<void> {
    this.findings.budget.grantInflated(bytes.length);
    for (const block of this.plainBlocks.push(bytes)) {
      this.findings.encoding = this.encoding;
      try {
        this.plain.push(block);
      } finally {
        this.findings.encoding = [];
      }
      await this.settle(this.plain);
    }
    this.plainBytes += bytes.length;
  }

  /** Does what a search left to do. */
  private settle(layer: Layer): void | Promise<void> {
    return inTurns(this.settled(layer));
  }

  private *settled(layer: Layer): Work<void> {
    yield* this.findings.jobs.run();
    layer.settle();
    this.findings.settle();
    yield;
  }
}

/** Bytes kept of an opaque stream, for what goes on in the next chunk. */
export const OPAQUE_TAIL: number = LOOK_BEHIND + LOOK_AHEAD;

/**
 * An opaque stream waits for answers: to hold its bytes back would stop it. Each chunk is judged at once, with the end
 * of what went before, so the chunk in which a secret is completed is not released; what came before it is gone.
 */
export class OpaqueBody implements Body {
  private readonly findings: Findings;
  private readonly search: FieldSearch;
  private tail: Buffer = Buffer.alloc(0);
  private passed = 0;

  constructor(findings: Findings, search: FieldSearch) {
    this.findings = findings;
    this.search = search;
  }

  push(chunk: Buffer): Buffer[] | Promise<Buffer[]> {
    return inTurns(this.pushed(chunk));
  }

  private *pushed(chunk: Buffer): Work<Buffer[]> {
    const bytes = Buffer.concat([this.tail, chunk]);
    this.findings.budget.grant(bytes.length);
    this.findings.shift = this.tail.length - this.passed;
    yield* this.search.searchBytes(this.findings, bytes);
    this.findings.shift = 0;
    this.passed += chunk.length;
    this.tail = lasting(bytes.subarray(Math.max(0, bytes.length - OPAQUE_TAIL)));
    return [chunk];
  }

  end(): Buffer[] {
    return [];
  }

  abort(): void {
    this.tail = Buffer.alloc(0);
  }
}
