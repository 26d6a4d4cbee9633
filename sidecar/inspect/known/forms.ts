/** The texts in which a value is looked for as they stand: short ones in encodings that the decoders need longer runs for. */
import { FRAGMENT, tellingWindows } from './telling.ts';
import type { Value } from './values.ts';

/** Bytes of a value that the hex decoder finds, whatever stands between the digits; shorter ones are looked for in these forms. */
const DECODED_LENGTH = 16;
const HEX_DELIMITERS = [':', ' ', '-', ',', '\\x', '0x', ', 0x', '=', '&#x'];

/** Bytes of a value up to which its encodings are looked for themselves. */
export const MAX_ENCODED_VALUE = 256;

export interface Form {
  value: Value;
  bytes: Buffer;
  /** '' for the value itself. */
  encoding: string;
  /** Whether all of `bytes` has to be there. */
  wholeOnly: boolean;
  /** Bytes of a fragment in this form, and 1 for each offset at which one tells. */
  fragment: number;
  telling: Uint8Array;
  /** The offset in the value of what is at an offset here. */
  offsetIn(at: number): number;
}

/** 1 for each offset at which a fragment of the value tells. */
function windowsOf({ bytes, held, homes }: Value): Uint8Array {
  if (!held) return new Uint8Array(bytes.length);
  const windows = tellingWindows(bytes);
  for (const { from, to, isDrawn } of homes) {
    if (isDrawn) windows.fill(1, from, Math.max(from, to - FRAGMENT + 1));
  }
  return windows;
}

/** Each byte XORed with the next: the same whatever byte the text was XORed with. */
export function differences(bytes: Uint8Array): Buffer {
  const result = Buffer.alloc(Math.max(0, bytes.length - 1));
  for (let i = 0; i < result.length; i++) result[i] = (bytes[i] as number) ^ (bytes[i + 1] as number);
  return result;
}

/** What is looked for in the differences of a text; undefined for a long value. */
export function xoredForm(value: Value): Form | undefined {
  if (value.bytes.length > MAX_ENCODED_VALUE) return undefined;
  const bytes = differences(value.bytes);
  return {
    value,
    bytes,
    encoding: 'xor',
    wholeOnly: !value.held,
    fragment: FRAGMENT - 1,
    telling: windowsOf(value).subarray(0, bytes.length),
    offsetIn: (at) => at,
  };
}

/** `folded`: for host names, in lower case. */
export function formsOf(value: Value, folded: boolean): Form[] {
  const windows = windowsOf(value);
  const form = (
    bytes: Buffer,
    encoding = '',
    fragment = FRAGMENT,
    telling = windows,
    offsetIn = (at: number) => at,
  ): Form => ({
    value,
    bytes: folded ? Buffer.from(bytes.toString('latin1').toLowerCase(), 'latin1') : bytes,
    encoding,
    wholeOnly: !value.held,
    fragment,
    telling,
    offsetIn,
  });
  const forms = [form(folded ? value.bytes : Buffer.from(value.bytes))];
  if (value.bytes.length > MAX_ENCODED_VALUE) return forms;
  const stretched = (text: string, encoding: string, digits: number): Form =>
    form(Buffer.from(text, 'latin1'), encoding, FRAGMENT * digits, stretch(windows, digits), (at) =>
      Math.floor(at / digits),
    );
  const hex = value.bytes.toString('hex');
  if (folded) {
    // A host name without its hyphens is looked at too.
    const compact = value.bytes.toString('latin1').replaceAll(/[-_.]/g, '');
    if (compact.length >= FRAGMENT && compact.length < value.bytes.length) {
      const bytes = Buffer.from(compact, 'latin1');
      forms.push(form(bytes, '', FRAGMENT, value.held ? tellingWindows(bytes) : new Uint8Array(bytes.length)));
    }
    return [...forms, stretched(hex, 'hex', 2), ...alignments(value.bytes, 5, windows, base32, 'base32').map(finish)];
  }
  const percent = [...value.bytes].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
  const base64 = alignments(value.bytes, 3, windows, (bytes) => bytes.toString('base64').replaceAll('=', ''), 'base64');
  const url = base64
    .map((each) => ({ ...each, text: each.text.replaceAll('+', '-').replaceAll('/', '_') }))
    .filter(({ text }, i) => text !== base64[i]?.text);
  return [
    ...forms,
    stretched(hex, 'hex', 2),
    stretched(hex.toUpperCase(), 'hex', 2),
    ...(value.bytes.length < DECODED_LENGTH ? delimited(value.bytes) : []),
    stretched(percent, 'percent', 3),
    stretched(percent.toUpperCase(), 'percent', 3),
    ...[...base64, ...url].map(finish),
  ];

  function delimited(bytes: Buffer): Form[] {
    const digits = [...bytes].map((byte) => byte.toString(16).padStart(2, '0'));
    const none = new Uint8Array(bytes.length);
    return HEX_DELIMITERS.flatMap((delimiter) =>
      [digits, digits.map((pair) => pair.toUpperCase())].map((pairs) => {
        const text = pairs.join(delimiter);
        return { ...form(Buffer.from(text, 'latin1'), 'hex', FRAGMENT, none), telling: new Uint8Array(text.length) };
      }),
    );
  }

  function finish({ text, encoding, fragment, telling, offsetIn }: Aligned): Form {
    return form(Buffer.from(text, 'latin1'), encoding, fragment, telling, offsetIn);
  }
}

function stretch(windows: Uint8Array, digits: number): Uint8Array {
  const telling = new Uint8Array(windows.length * digits);
  windows.forEach((tells, at) => {
    telling[at * digits] = tells;
  });
  return telling;
}

interface Aligned {
  text: string;
  encoding: string;
  fragment: number;
  telling: Uint8Array;
  offsetIn(at: number): number;
}

/** What an encoding of groups makes of the value behind 0, 1, … bytes of something else: the digits that are its own. */
function alignments(
  bytes: Buffer,
  group: number,
  windows: Uint8Array,
  encode: (bytes: Buffer) => string,
  encoding: string,
): Aligned[] {
  const bits = group === 3 ? 6 : 5;
  // The digits that a fragment has to itself, wherever it begins in a group.
  const fragment = Math.floor((FRAGMENT * 8 - (bits - 1)) / bits);
  return Array.from({ length: group }, (_, before) => {
    const digits = encode(Buffer.concat([Buffer.alloc(before), bytes]));
    const first = Math.ceil((before * 8) / bits);
    const text = digits.slice(first, Math.floor(((before + bytes.length) * 8) / bits));
    const telling = new Uint8Array(text.length);
    windows.forEach((tells, at) => {
      const digit = Math.ceil(((before + at) * 8) / bits) - first;
      if (tells === 1 && digit < telling.length) telling[digit] = 1;
    });
    const offsetIn = (at: number) => Math.max(0, Math.floor(((at + first) * bits) / 8) - before);
    return { text, encoding, fragment, telling, offsetIn };
  });
}

const BASE32_DIGITS = 'abcdefghijklmnopqrstuvwxyz234567';

/** RFC 4648, section 6, in lower case and without padding. */
function base32(bytes: Buffer): string {
  let text = '';
  let value = 0;
  let bits = 0;
  for (const byte of bytes) {
    value = ((value << 8) | byte) & 0xfff;
    bits += 8;
    for (; bits >= 5; bits -= 5) text += BASE32_DIGITS.charAt((value >> (bits - 5)) & 31);
  }
  return bits === 0 ? text : text + BASE32_DIGITS.charAt((value << (5 - bits)) & 31);
}
