/** Encodings of bytes in some base, undone character by character. Each is told where its text begins. */
import { TooComplex } from '../budget.ts';
import { CODEC, DIGIT_VALUES, NO_DIGIT } from './alphabets.ts';

/** What a codec makes of one text, from its first character on. */
export interface Codec {
  readonly name: string;
  /** Characters that make a group, of which those before a place can be decoded too; 0: there are none. */
  readonly group: number;
  /**
   * Takes a character and writes what it completes to `out` from `at` on: up to eight bytes. Returns where that ends; -1 when the character
   * does not belong to the text.
   */
  take(byte: number, out: Uint8Array, at: number): number;
  /** Writes what an incomplete group still says: any number of bytes. */
  end(out: Uint8Array, at: number): number;
  /** Bytes that `end` may write. */
  room(): number;
}

const LINE_FEED = 0x0a;
const RETURN = 0x0d;

function isLineEnd(byte: number): boolean {
  return byte === LINE_FEED || byte === RETURN;
}

/** Four bytes for five digits. */
class Base85 implements Codec {
  readonly name: string;
  readonly group = 5;
  private readonly table: number;
  private value = 0;
  private digits = 0;

  constructor(name: string, table: number) {
    this.name = name;
    this.table = 256 * table;
  }

  take(byte: number, out: Uint8Array, at: number): number {
    if (isLineEnd(byte)) return at;
    if (byte === 0x7a && this.digits === 0 && this.table === 256 * CODEC.ascii85) {
      out.fill(0, at, at + 4);
      return at + 4;
    }
    const digit = DIGIT_VALUES[this.table + byte] as number;
    if (digit === NO_DIGIT) return -1;
    this.value = this.value * 85 + digit;
    this.digits++;
    if (this.digits < 5) return at;
    const { value } = this;
    this.value = 0;
    this.digits = 0;
    if (value > 0xffffffff) return -1;
    out[at] = value >>> 24;
    out[at + 1] = value >>> 16;
    out[at + 2] = value >>> 8;
    out[at + 3] = value;
    return at + 4;
  }

  end(out: Uint8Array, at: number): number {
    if (this.digits < 2) return at;
    let { value } = this;
    for (let i = this.digits; i < 5; i++) value = value * 85 + 84;
    const bytes = this.digits - 1;
    for (let i = 0; i < bytes; i++) out[at + i] = Math.floor(value / 256 ** (3 - i));
    return at + bytes;
  }

  room(): number {
    return 4;
  }
}

/** Thirteen or fourteen bits for two digits, the lowest first. */
class Base91 implements Codec {
  readonly name = 'base91';
  readonly group = 0;
  private first = NO_DIGIT;
  private value = 0;
  private bits = 0;

  take(byte: number, out: Uint8Array, at: number): number {
    if (isLineEnd(byte)) return at;
    const digit = DIGIT_VALUES[256 * CODEC.base91 + byte] as number;
    if (digit === NO_DIGIT) return -1;
    if (this.first === NO_DIGIT) {
      this.first = digit;
      return at;
    }
    const pair = this.first + digit * 91;
    this.first = NO_DIGIT;
    this.value |= pair << this.bits;
    this.bits += (pair & 8191) > 88 ? 13 : 14;
    let end = at;
    for (; this.bits >= 8; this.bits -= 8) {
      out[end++] = this.value;
      this.value >>>= 8;
    }
    return end;
  }

  end(out: Uint8Array, at: number): number {
    if (this.first === NO_DIGIT) return at;
    out[at] = this.value | (this.first << this.bits);
    return at + 1;
  }

  room(): number {
    return 1;
  }
}

/** Two bytes for three digits, the lowest first (RFC 9285). */
class Base45 implements Codec {
  readonly name = 'base45';
  readonly group = 3;
  private value = 0;
  private digits = 0;

  take(byte: number, out: Uint8Array, at: number): number {
    if (isLineEnd(byte)) return at;
    const digit = DIGIT_VALUES[256 * CODEC.base45 + byte] as number;
    if (digit === NO_DIGIT) return -1;
    this.value += digit * 45 ** this.digits;
    this.digits++;
    if (this.digits < 3) return at;
    const { value } = this;
    this.value = 0;
    this.digits = 0;
    if (value > 0xffff) return -1;
    out[at] = value >> 8;
    out[at + 1] = value;
    return at + 2;
  }

  end(out: Uint8Array, at: number): number {
    if (this.digits < 2 || this.value > 0xff) return at;
    out[at] = this.value;
    return at + 1;
  }

  room(): number {
    return 1;
  }
}

/** Five bits for a digit (RFC 4648, 6). */
class Base32 implements Codec {
  readonly name = 'base32';
  readonly group = 8;
  private value = 0;
  private bits = 0;

  take(byte: number, out: Uint8Array, at: number): number {
    if (isLineEnd(byte)) return at;
    const digit = DIGIT_VALUES[256 * CODEC.base32 + byte] as number;
    if (digit === NO_DIGIT) return -1;
    this.value = ((this.value << 5) | digit) & 0xfff;
    this.bits += 5;
    if (this.bits < 8) return at;
    this.bits -= 8;
    out[at] = this.value >> this.bits;
    return at + 1;
  }

  end(_out: Uint8Array, at: number): number {
    return at;
  }

  room(): number {
    return 0;
  }
}

/** Lines that say how long they are (POSIX, uuencode). */
class Uuencode implements Codec {
  readonly name = 'uuencode';
  readonly group = 0;
  /** Bytes of the line that are still to come; -1: the character that says how many is. */
  private left = -1;
  private digits = 0;
  private value = 0;

  take(byte: number, out: Uint8Array, at: number): number {
    if (isLineEnd(byte)) {
      if (this.left > 0) return -1;
      this.left = -1;
      this.digits = 0;
      this.value = 0;
      return at;
    }
    if (byte < 0x20 || byte > 0x60) return -1;
    const digit = (byte - 0x20) & 0x3f;
    if (this.left < 0) {
      this.left = digit;
      return digit === 0 ? -1 : at;
    }
    // What some programs write behind a line.
    if (this.left === 0 && this.digits === 0) return at;
    this.value = (this.value << 6) | digit;
    this.digits++;
    if (this.digits < 4) return at;
    const bytes = Math.min(3, this.left);
    for (let i = 0; i < bytes; i++) out[at + i] = this.value >> (16 - 8 * i);
    this.left -= bytes;
    this.digits = 0;
    this.value = 0;
    return at + bytes;
  }

  end(_out: Uint8Array, at: number): number {
    return at;
  }

  room(): number {
    return 0;
  }
}

/** Digits of base58 that are read as one number, which takes work in proportion to their square. */
export const MAX_BASE58 = 16 * 1024;
/** Digits after which it is refused before its end is seen: they are held until then. */
const MAX_HELD_BASE58: number = 16 * MAX_BASE58;
/** Digits that a step takes: 58 to the fifth, times the limb's 2^24, is a safe integer. */
const DIGITS_A_STEP = 4;
const LIMB = 2 ** 24;

/** One number for all bytes, most significant first. */
class Base58 implements Codec {
  readonly name = 'base58';
  readonly group = 0;
  private readonly charge: (bytes: number) => void;
  private digits = new Uint8Array(64);
  private count = 0;
  /** The number's lowest four bytes. */
  private low = 0;

  constructor(charge: (bytes: number) => void) {
    this.charge = charge;
  }

  take(byte: number, _out: Uint8Array, at: number): number {
    const digit = DIGIT_VALUES[256 * CODEC.base58 + byte] as number;
    if (digit === NO_DIGIT) return -1;
    this.low = (Math.imul(this.low, 58) + digit) | 0;
    this.count++;
    if (this.count > MAX_HELD_BASE58) throw new TooComplex('a number of base58 is too long');
    if (this.count > MAX_BASE58) return at;
    if (this.count > this.digits.length) {
      const grown = new Uint8Array(2 * this.digits.length);
      grown.set(this.digits);
      this.digits = grown;
    }
    this.digits[this.count - 1] = digit;
    return at;
  }

  room(): number {
    return Math.min(this.count, MAX_BASE58);
  }

  end(out: Uint8Array, at: number): number {
    if (!this.endsInText()) return at;
    if (this.count > MAX_BASE58) throw new TooComplex('a number of base58 is too long');
    this.charge((this.count * this.count) >> 8);
    const limbs = new Float64Array(Math.ceil((this.count * 5.858) / 24) + 1);
    let used = 0;
    for (let from = 0; from < this.count; from += DIGITS_A_STEP) {
      let carry = 0;
      let factor = 1;
      for (let i = from; i < Math.min(from + DIGITS_A_STEP, this.count); i++) {
        carry = carry * 58 + (this.digits[i] as number);
        factor *= 58;
      }
      for (let limb = 0; limb < used; limb++) {
        const value = (limbs[limb] as number) * factor + carry;
        carry = Math.floor(value / LIMB);
        limbs[limb] = value - carry * LIMB;
      }
      if (carry > 0) limbs[used++] = carry;
    }
    let end = at;
    for (let limb = used - 1; limb >= 0; limb--) {
      for (let shift = 16; shift >= 0; shift -= 8) {
        const byte = ((limbs[limb] as number) >>> shift) & 0xff;
        if (end > at || byte !== 0) out[end++] = byte;
      }
    }
    return end;
  }

  /** Whether the last four bytes are text: hardly any other number's are. */
  private endsInText(): boolean {
    for (let shift = 0; shift < 32; shift += 8) {
      const byte = (this.low >>> shift) & 0xff;
      if ((byte < 0x20 || byte > 0x7e) && !isLineEnd(byte) && byte !== 9) return false;
    }
    return true;
  }
}

/** The codec of a number that the search told; `charge` takes work that exceeds what is decoded. */
export function codecOf(codec: number, charge: (bytes: number) => void): Codec {
  switch (codec) {
    case CODEC.base85:
      return new Base85('base85', codec);
    case CODEC.ascii85:
      return new Base85('ascii85', codec);
    case CODEC.z85:
      return new Base85('z85', codec);
    case CODEC.base91:
      return new Base91();
    case CODEC.base45:
      return new Base45();
    case CODEC.base58:
      return new Base58(charge);
    case CODEC.base32:
      return new Base32();
    default:
      return new Uuencode();
  }
}
