/**
 * Other files of LZMA: .lzma (the LZMA SDK's specification), members of zip (APPNOTE.TXT, 5.8) and of 7z (the LZMA SDK's
 * 7zFormat.txt), whose properties stand at its end, where a stream cannot wait for them: they are taken to be the usual ones.
 */
import { Damaged, type Input, type Steps } from './input.ts';
import { LzmaChunks } from './lzma-chunks.ts';

/** Properties, window and size of a .lzma file; what a member of zip has before its properties. */
const ALONE_HEADER = 13;
const ZIP_HEADER = 9;
/** The signature header of 7z. */
const SEVEN_ZIP_HEADER = 32;
/** What 7z takes when it is not told otherwise: three bits of the byte before a literal, two of the position. */
const USUAL_PROPERTIES = 0x5d;
/** The first chunk of LZMA2 forgets all, and is stored or says its properties. */
const STORED = 1;
const CODED = 0xe0;

type Kind = 'alone' | 'zip' | '7z';

export class LzmaFile {
  private readonly input: Input;
  private readonly lzma: LzmaChunks;
  private readonly kind: Kind;

  constructor(input: Input, kind: Kind) {
    this.input = input;
    this.lzma = new LzmaChunks(input);
    this.kind = kind;
  }

  get memory(): number {
    return this.lzma.memory;
  }

  steps(): Steps {
    if (this.kind === '7z') return this.sevenZip();
    return this.kind === 'zip' ? this.zip() : this.alone();
  }

  take(): Buffer {
    return this.lzma.take();
  }

  private *alone(): Steps {
    const { input } = this;
    yield* input.need(ALONE_HEADER);
    const properties = input.byte();
    const size = input.bytes.readBigInt64LE(input.at + 4);
    input.at += ALONE_HEADER - 1;
    yield* this.lzma.data(properties, size < 0n ? Number.POSITIVE_INFINITY : Number(size));
  }

  /** How much it is stands in the archive's directory, or an end marker tells. */
  private *zip(): Steps {
    const { input } = this;
    yield* input.need(ZIP_HEADER);
    if (input.bytes.readUInt16LE(input.at + 2) !== 5) throw new Damaged('no properties of LZMA');
    const properties = input.bytes[input.at + 4] as number;
    input.at += ZIP_HEADER;
    yield* this.lzma.data(properties, Number.POSITIVE_INFINITY);
  }

  /** Its first stream, and with LZMA2, which says where it ends, those behind it. */
  private *sevenZip(): Steps {
    const { input } = this;
    yield* input.need(SEVEN_ZIP_HEADER);
    input.at += SEVEN_ZIP_HEADER;
    for (;;) {
      input.settle();
      yield* input.need(1);
      const first = input.bytes[input.at] as number;
      if (first === 0) {
        yield* this.lzma.data(USUAL_PROPERTIES, Number.POSITIVE_INFINITY);
        return;
      }
      if (first !== STORED && first < CODED) return;
      yield* this.lzma.chunks();
    }
  }
}
