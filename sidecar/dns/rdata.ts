/**
 * Record data, rewritten without compression so that it can stand in another message. A type that is not in the table is
 * not understood and so never passed on (RFC 1035 §3.3, RFC 2782 SRV, RFC 3596 AAAA, RFC 8659 CAA).
 */
import { encodeName, readName, TYPE } from './wire.ts';

type Rewrite = (message: Buffer, at: number, end: number) => Buffer | undefined;

const fixed =
  (length: number): Rewrite =>
  (message, at, end) =>
    end - at === length ? Buffer.from(message.subarray(at, end)) : undefined;

/** `prefix` octets, `names` domain names, `suffix` octets. */
const withNames =
  (prefix: number, names: number, suffix: number): Rewrite =>
  (message, at, end) => {
    const parts: Buffer[] = [message.subarray(at, at + prefix)];
    let next = at + prefix;
    for (let i = 0; i < names; i++) {
      if (next >= end) return undefined;
      const name = readName(message, next, true);
      if (!name) return undefined;
      parts.push(encodeName(name.labels));
      next = name.end;
    }
    if (end - next !== suffix) return undefined;
    parts.push(message.subarray(next, end));
    return Buffer.concat(parts);
  };

/** One or more character-strings that fill the data exactly. */
const strings: Rewrite = (message, at, end) => {
  let next = at;
  do {
    if (next >= end) return undefined;
    next += 1 + (message[next] as number);
  } while (next < end);
  return next === end ? Buffer.from(message.subarray(at, end)) : undefined;
};

const caa: Rewrite = (message, at, end) => {
  const tag = end - at >= 2 ? (message[at + 1] as number) : 0;
  return tag > 0 && at + 2 + tag <= end ? Buffer.from(message.subarray(at, end)) : undefined;
};

const REWRITES: ReadonlyMap<number, Rewrite> = new Map([
  [TYPE.A, fixed(4)],
  [TYPE.AAAA, fixed(16)],
  [TYPE.NS, withNames(0, 1, 0)],
  [TYPE.CNAME, withNames(0, 1, 0)],
  [TYPE.PTR, withNames(0, 1, 0)],
  [TYPE.SOA, withNames(0, 2, 20)],
  [TYPE.MX, withNames(2, 1, 0)],
  [TYPE.SRV, withNames(6, 1, 0)],
  [TYPE.TXT, strings],
  [TYPE.CAA, caa],
]);

/** Whether records of this type can be read and written anew. */
export function isKnownType(type: number): boolean {
  return REWRITES.has(type);
}

/** The data at [at, end) of a message, uncompressed; undefined when it is malformed. Only for types that are known. */
export function rewriteRdata(type: number, message: Buffer, at: number, end: number): Buffer | undefined {
  return REWRITES.get(type)?.(message, at, end);
}
