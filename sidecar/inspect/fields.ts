/** Fields are judged whole: all of a field's readings in turn. */
import type { Channel, Finding } from '../../crds/runtime.ts';
import type { WorkBudget } from './budget.ts';
import { encodedName, hiddenText } from './detectors/encoded-name.ts';
import type { Findings, Watched } from './findings.ts';
import type { Jobs } from './jobs.ts';
import { differences } from './known/forms.ts';
import { readingsOf } from './known/readings.ts';
import { KnownScanner } from './known/scanner.ts';
import type { SentValue, Stream } from './known/sent.ts';
import { KNOWN_SECRET, type KnownIndex, type KnownSet } from './known/set.ts';
import type { Value } from './known/values.ts';
import type { PatternSet } from './patterns/set.ts';
import { Layer } from './scan/layer.ts';
import { placeShort } from './scan/simd/filter.ts';
import { type DetectorTable, EXACT_TABLE, FOLDED_TABLE } from './scan/table.ts';
import type { Found, ScanContext } from './scan/types.ts';
import type { Work } from './turns.ts';

/** Bytes of the fields of one message that are looked at together. */
export const MAX_PIECES = 1024;
const JOINED: readonly string[] = ['joined'];
/** The decoding of what stood in several requests. */
const REQUESTS: readonly string[] = ['requests'];
/** Characters before a new piece that can be of the same fragment: twelve bytes in hexadecimal, and what a word may lack. */
const REACH = 48;

/** Searches one short text after another with the same layers. */
export class FieldSearch {
  private findings: Findings | undefined;
  private readonly exact: Layer;
  private readonly form: Layer;
  private readonly folded: Layer;
  /** For texts that are none of the message's own: what was put together of its parts. */
  private readonly knownOnly: Layer;
  private readonly knownOnlyFolded: Layer;
  private readonly known: KnownSet | undefined;
  private readonly patterns: PatternSet | undefined;

  constructor({ known, patterns }: Watched = {}) {
    this.known = known;
    this.patterns = patterns;
    this.exact = this.layer(EXACT_TABLE);
    this.form = this.layer(EXACT_TABLE, true);
    this.folded = this.layer(FOLDED_TABLE);
    this.knownOnly = this.layer(EXACT_TABLE, false, isKnown);
    this.knownOnlyFolded = this.layer(FOLDED_TABLE, false, isKnown);
  }

  /** Reports to `findings`. Throws TooComplex. */
  *search(findings: Findings, channel: Channel, name: string, bytes: Buffer): Work<void> {
    findings.channel = channel;
    findings.place = name;
    findings.budget.grant(bytes.length);
    if (channel === 'dns.name' || channel === 'tls.sni') yield* this.searchName(findings, bytes);
    else if (channel === 'http.header' || channel === 'http.query') {
      // The name can be what gives the value away (`aws_secret_access_key`).
      const prefix = Buffer.from(`${name}=`, 'latin1');
      const before = findings.count;
      findings.shift = prefix.length;
      yield* this.run(channel === 'http.query' ? this.form : this.exact, findings, Buffer.concat([prefix, bytes]));
      findings.shift = 0;
      if (findings.count === before) yield* this.join(findings, channel, bytes);
    } else yield* this.run(this.exact, findings, bytes);
  }

  /** A secret in pieces: values that are one word are looked at behind those before them. */
  private *join(findings: Findings, channel: Channel, bytes: Buffer): Work<void> {
    if (bytes.length > MAX_PIECES) return;
    const value = bytes.toString('latin1');
    if (!/^[!-~]+$/.test(value)) return;
    const before = findings.pieces.get(channel) ?? '';
    const joined = `${before}${value}`.slice(-MAX_PIECES);
    findings.pieces.set(channel, joined);
    if (before === '') return;
    findings.encoding = JOINED;
    const found = findings.count;
    try {
      yield* this.run(this.exact, findings, Buffer.from(joined, 'latin1'));
    } finally {
      findings.encoding = [];
    }
    // Told once: not with every field after it again.
    if (findings.count > found) findings.pieces.delete(channel);
  }

  /** Searches bytes of a stream that cannot be held back; the caller has set channel and place, and granted work. */
  *searchBytes(findings: Findings, bytes: Buffer): Work<void> {
    yield* this.run(this.exact, findings, bytes);
  }

  /** Searches what was put together of fields for known secrets. The caller has set channel and place. Throws TooComplex. */
  *searchJoined(findings: Findings, bytes: Buffer): Work<void> {
    if (this.known === undefined || this.known.isEmpty) return;
    findings.budget.grant(bytes.length);
    yield* this.run(this.knownOnly, findings, bytes);
  }

  /**
   * Searches pieces that were sent one after the other, the last ones about to be, for known secrets: in their order and from
   * the last to the first, forwards and backwards. The caller has set channel and place. @returns the secret, when one was
   * found that is at home nowhere. Throws TooComplex.
   */
  *searchSent(findings: Findings, { channel, fresh, pieces, spent }: Stream): Work<Finding | undefined> {
    if (this.known === undefined || this.known.isEmpty) return undefined;
    const isName = channel === 'dns.name';
    const inOrder = isName ? pieces.map((piece) => piece.replaceAll(/[-_]/g, '').toLowerCase()) : pieces;
    findings.encoding = REQUESTS;
    try {
      if (spent !== undefined) {
        const { hash, secret } = spent;
        const told = { ...(hash !== undefined && { hash }), ...(secret !== undefined && { secret }) };
        findings.report({ name: KNOWN_SECRET, homeHosts: [], ...told }, [], 0);
        return spent;
      }
      const text = inOrder.join('');
      findings.budget.grant(text.length);
      yield* this.run(isName ? this.knownOnlyFolded : this.knownOnly, findings, Buffer.from(text, 'latin1'));
      // What is found now ends, or begins, in what is new.
      const length = inOrder.slice(-fresh).reduce((sum, piece) => sum + piece.length, REACH);
      for (const order of [text.slice(-length), inOrder.toReversed().join('').slice(0, length)]) {
        for (const each of [order, [...order].reverse().join('')]) this.searchReadings(findings, each, isName);
      }
    } finally {
      findings.encoding = [];
    }
    return findings.homeless(KNOWN_SECRET);
  }

  /** Reports a secret of which parts were sent. */
  reportSent(findings: Findings, { channel, place }: SentValue, { bytes, name }: Value): void {
    findings.channel = channel;
    findings.place = place;
    findings.encoding = REQUESTS;
    findings.report({ name: KNOWN_SECRET, homeHosts: [], secret: name, value: bytes }, [], 0);
    findings.encoding = [];
  }

  /** Looks for known secrets in a short text and what it decodes to, also XORed with one byte. */
  private searchReadings(findings: Findings, text: string, isName: boolean): void {
    const { known } = this;
    if (known === undefined) return;
    const scan = (index: KnownIndex, folded: boolean, bytes: Buffer) =>
      new KnownScanner(index, folded, (finding, at, encoding) =>
        findings.report(finding, encoding === '' ? [] : [encoding], at),
      ).scan(bytes, 0, true, placeShort(bytes));
    for (const [index, bytes] of readingsOf(text, isName).entries()) {
      // Only a name itself has lost its case.
      scan(known, isName && index === 0, bytes);
      scan(known.xored, false, differences(bytes));
    }
  }

  /** A host name: with its dots and without, labels in either order, in the case given and in any. */
  private *searchName(findings: Findings, bytes: Buffer): Work<void> {
    const dotted = bytes.toString('latin1');
    const labels = dotted.split('.');
    const readings = [dotted, labels.join(''), labels.toReversed().join('')];
    for (const reading of new Set(readings)) yield* this.run(this.exact, findings, Buffer.from(reading, 'latin1'));
    for (const reading of new Set(readings.map((text) => text.toLowerCase()))) {
      yield* this.run(this.folded, findings, Buffer.from(reading, 'latin1'));
    }
    const hidden = hiddenText(dotted) ?? hiddenText(labels.toReversed().join('.'));
    if (this.known?.isEmpty === false) {
      // Hyphens and underscores may stand anywhere in a name.
      for (const parts of [labels, labels.toReversed()]) {
        const compact = parts.join('').replaceAll(/[-_]/g, '').toLowerCase();
        yield* this.run(this.knownOnlyFolded, findings, Buffer.from(compact, 'latin1'));
        for (const each of [compact, [...compact].reverse().join('')]) this.searchReadings(findings, each, true);
      }
    }
    if (hidden) findings.report(encodedName, [hidden.decoding], hidden.offset);
  }

  private *run(layer: Layer, findings: Findings, bytes: Buffer): Work<void> {
    this.findings = findings;
    try {
      layer.restart();
      layer.end(bytes);
    } finally {
      this.findings = undefined;
    }
    yield* findings.jobs.run();
  }

  private layer(table: DetectorTable, isForm = false, isReported: (found: Found) => boolean = () => true): Layer {
    const current = () => this.findings as Findings;
    return new Layer(new FieldContext(current, this.known, this.patterns, isReported), table, 0, undefined, isForm);
  }
}

/** The context of layers that are given texts of one message after the other. */
class FieldContext implements ScanContext {
  readonly known: KnownSet | undefined;
  readonly patterns: PatternSet | undefined;
  private readonly current: () => Findings;
  private readonly isReported: (found: Found) => boolean;

  constructor(
    current: () => Findings,
    known: KnownSet | undefined,
    patterns: PatternSet | undefined,
    isReported: (found: Found) => boolean,
  ) {
    this.current = current;
    this.known = known;
    this.patterns = patterns;
    this.isReported = isReported;
  }

  get budget(): WorkBudget {
    return this.current().budget;
  }

  get jobs(): Jobs {
    return this.current().jobs;
  }

  lasting(): ScanContext {
    const own = this.current().lasting();
    const lasting: ScanContext = {
      ...own,
      opaque: undefined,
      lasting: () => lasting,
      report: (found, decoding, offset) => {
        if (this.isReported(found)) own.report(found, decoding, offset);
      },
    };
    return lasting;
  }

  report(found: Found, decoding: readonly string[], offset: number): void {
    if (this.isReported(found)) this.current().report(found, decoding, offset);
  }
}

function isKnown({ name }: Found): boolean {
  return name === KNOWN_SECRET;
}
