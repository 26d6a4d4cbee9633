import type { Channel, Finding } from '../../crds/runtime.ts';
import { TooComplex, WorkBudget } from './budget.ts';
import type { Fingerprint } from './fingerprint.ts';
import { Jobs } from './jobs.ts';
import type { KnownSet } from './known/set.ts';
import type { Histogram } from './opaque/flat.ts';
import type { OpaqueCount } from './opaque/meter.ts';
import { ShortPieces, type ShortRest, type ShortRests } from './opaque/short.ts';
import type { PatternSet } from './patterns/set.ts';
import type { Found, ScanContext } from './scan/types.ts';

/**
 * Findings (detector and place) of one message. A caller may accept every one of them (a token at its home host), so one
 * more is not dropped: the message is too complex.
 */
export const MAX_FINDINGS = 32;

/** What an inspector looks for besides its detectors, and how it tells values apart; each as it is now. */
export interface Watched {
  known?: KnownSet;
  patterns?: PatternSet;
  fingerprint?: Fingerprint;
  /** Whether what no decoder explains is measured. */
  measures?: boolean;
}

/** Where in a message something is. */
type Where = Pick<Findings, 'channel' | 'encoding' | 'place' | 'shift'>;

/** What the layers of one message share: the budget, and where they report. */
export class Findings implements ScanContext {
  budget: WorkBudget = new WorkBudget();
  readonly jobs: Jobs = new Jobs();
  channel: Channel = 'http.body';
  place = '';
  /** Content encodings undone before the layers saw the bytes. */
  encoding: readonly string[] = [];
  /** Subtracted from offsets: what was put before the bytes to look at. */
  shift = 0;
  /** Values of fields of one channel so far, one after the other, that may be pieces of a secret. */
  readonly pieces: Map<Channel, string> = new Map();
  private fresh: Finding[] = [];
  private readonly seen = new Set<string>();
  readonly known: KnownSet | undefined;
  readonly patterns: PatternSet | undefined;
  private readonly fingerprint: Fingerprint | undefined;
  /** Counts bytes that no decoder explains; undefined: they are not measured. */
  readonly opaque: OpaqueCount | undefined;
  private opaqueBytes = 0;
  /** Of the block that is judged; most messages have none. */
  private short: ShortPieces | undefined;
  private readonly rests: ShortRests;

  /** `rests`: of the session. */
  constructor({ fingerprint, known, measures = false, patterns }: Watched = {}, rests: ShortRests = new ShortPieces()) {
    const count = (bytes: number): void => {
      this.opaqueBytes += bytes;
    };
    const short = (piece: Histogram, explained: number): void => {
      this.short ??= new ShortPieces();
      count(this.short.add(piece, explained));
    };
    this.opaque = measures ? { count, short } : undefined;
    this.rests = rests;
    this.known = known;
    this.patterns = patterns;
    this.fingerprint = fingerprint;
  }

  /** Throws TooComplex for more than MAX_FINDINGS. */
  report(found: Found, decoding: readonly string[], offset: number): void {
    this.reportAt(this, found, decoding, offset);
  }

  lasting(): ScanContext {
    const { budget, channel, encoding, jobs, known, opaque, patterns, place, shift } = this;
    const where = { channel, encoding, place, shift };
    const lasting: ScanContext = {
      budget,
      jobs,
      known,
      patterns,
      opaque,
      lasting: () => lasting,
      report: (found, decoding, offset) => this.reportAt(where, found, decoding, offset),
    };
    return lasting;
  }

  private reportAt(
    { channel, encoding, place, shift }: Where,
    { name, hash, homeHosts, secret, value }: Found,
    decoding: readonly string[],
    offset: number,
  ): void {
    if (!this.isNew(name, channel, place, secret, homeHosts)) return;
    this.fresh.push({
      detector: name,
      channel,
      place,
      decoding: [...encoding, ...decoding],
      offset: Math.max(0, offset - shift),
      homeHosts: [...homeHosts],
      ...(secret !== undefined && { secret }),
      ...(hash !== undefined && { hash }),
      ...(value !== undefined && this.fingerprint && { hash: this.fingerprint(value) }),
    });
  }

  /** What another thread found in the same message. Throws TooComplex for more than MAX_FINDINGS. */
  adopt(finding: Finding): void {
    const { channel, detector, homeHosts, place, secret } = finding;
    if (this.isNew(detector, channel, place, secret, homeHosts)) this.fresh.push(finding);
  }

  /** The same kind at the same place is told of once, unless it belongs elsewhere. */
  private isNew(
    name: string,
    channel: Channel,
    place: string,
    secret: string | undefined,
    homeHosts: readonly string[],
  ): boolean {
    const key = [name, channel, place, secret ?? '', ...homeHosts].join('\n');
    if (this.seen.has(key)) return false;
    if (this.seen.size >= MAX_FINDINGS) throw new TooComplex('more findings than one message may have');
    this.seen.add(key);
    return true;
  }

  /** A block is judged: what could not be told of its short pieces is left to the session. */
  settle(): void {
    const rest = this.short?.take();
    if (rest !== undefined) this.addRest(rest);
  }

  /** What another thread left of a block. */
  addRest(rest: ShortRest): void {
    this.opaqueBytes += this.rests.addRest(rest);
  }

  /** Bytes that no decoder explains, since the last call. */
  takeOpaque(): number {
    const taken = this.opaqueBytes;
    this.opaqueBytes = 0;
    return taken;
  }

  /** Whether this kind was reported since the last `take`. */
  hasFresh(detector: string): boolean {
    return this.fresh.some((finding) => finding.detector === detector);
  }

  /** What was reported of this kind since the last `take`, and is at home nowhere. */
  homeless(detector: string): Finding | undefined {
    return this.fresh.find((finding) => finding.detector === detector && finding.homeHosts.length === 0);
  }

  /** How many were reported so far. */
  get count(): number {
    return this.seen.size;
  }

  /** What was reported since the last call. One finding a detector and place. */
  take(): Finding[] {
    const taken = this.fresh;
    this.fresh = [];
    return taken;
  }
}
