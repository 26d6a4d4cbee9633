/** From known secrets as they are given to the values that are looked for, within bounds. */
import { createHash } from 'node:crypto';
import type { KnownSecret, KnownSecretsReport } from '../inspector.ts';
import { type Home, homesIn, innerValues } from './homes.ts';
import type { Part } from './private-keys.ts';
import { isPlain } from './telling.ts';

/** Values; the bytes of all; and of one that only counts as a whole, which streams are held back for. */
export const MAX_KNOWN_SECRETS = 256;
export const MAX_KNOWN_BYTES: number = 1024 * 1024;
export const MAX_WHOLE_LENGTH: number = 64 * 1024;
/** Bytes below which a value is not looked for, whatever the policy says: the index takes eight at a time. */
export const MIN_KNOWN_LENGTH = 8;

export interface Value {
  name: string;
  bytes: Buffer;
  held: boolean;
  homes: Home[];
}

/** Copies, without white space around them, each value once; `minLength` in bytes. A step for each secret. */
export function* valuesOf(
  secrets: readonly KnownSecret[],
  minLength: number,
): Generator<void, { values: Value[]; report: KnownSecretsReport }> {
  const report: KnownSecretsReport = { taken: 0, refused: [], plain: [] };
  const values = new Map<string, Value>();
  let size = 0;
  const take = (
    name: string,
    given: Buffer,
    held: boolean,
    hosts: readonly string[],
    drawn: readonly Part[] = [],
  ): boolean => {
    const bytes = Buffer.from(drawn.length > 0 ? given : trimmed(given));
    if (bytes.length < Math.max(minLength, MIN_KNOWN_LENGTH) || isPlain(bytes)) return false;
    const key = createHash('sha256').update(bytes).digest('hex');
    const home: Home[] = hosts.length > 0 ? [{ from: 0, to: bytes.length, hosts }] : [];
    const known = values.get(key);
    if (known) {
      known.held ||= held;
      known.homes.push(...home);
      return true;
    }
    const bound =
      !held && bytes.length > MAX_WHOLE_LENGTH
        ? 'length'
        : values.size >= MAX_KNOWN_SECRETS
          ? 'count'
          : size + bytes.length > MAX_KNOWN_BYTES
            ? 'size'
            : undefined;
    if (bound !== undefined) {
      bytes.fill(0);
      report.refused.push({ name, bound });
      return true;
    }
    size += bytes.length;
    const secrets = drawn.map(([from, to]): Home => ({ from, to, hosts: [], isDrawn: true }));
    values.set(key, { name, bytes, held, homes: [...home, ...secrets, ...homesIn(bytes)] });
    return true;
  };
  for (const { name, value, held, homeHosts = [] } of secrets) {
    const own = take(name, value, held, homeHosts);
    for (const { bytes, hosts, drawn } of innerValues(trimmed(value))) {
      take(name, bytes, held, [...hosts, ...homeHosts], drawn);
    }
    if (!own) report.plain.push(name);
    yield;
  }
  report.taken = secrets.length - report.plain.length - new Set(report.refused.map(({ name }) => name)).size;
  return { values: [...values.values()], report };
}

function trimmed(bytes: Buffer): Buffer {
  let from = 0;
  let to = bytes.length;
  while (from < to && isBlank(bytes[from])) from++;
  while (to > from && isBlank(bytes[to - 1])) to--;
  return bytes.subarray(from, to);
}

function isBlank(byte: number | undefined): boolean {
  return byte === 0x20 || (byte !== undefined && byte >= 0x09 && byte <= 0x0d);
}
