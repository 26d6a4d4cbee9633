/**
 * Names that outlive the process: which name a synthetic address was given to, and which names an information budget has
 * seen. A file that only grows; how far it is good is kept among the accounts, so that a file that was cut is noticed.
 */
import { closeSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { StateError } from './error.ts';
import type { Ledger } from './ledger.ts';

/** Bytes of the file: all names that the synthetic addresses and the name budget take, at usual lengths. */
export const MAX_NAMES_BYTES: number = 16 * 1024 * 1024;
/** The account that says how many bytes and records of the file are good. */
export const NAMES_ACCOUNT = 'weir names';

/** `address`: the next synthetic pair is this name's. `seen`: `domain subdomain`, on the account of the domain. */
export type NameKind = 'address' | 'seen';

const KINDS: readonly NameKind[] = ['address', 'seen'];
/** Length of the text (2 bytes), kind (1), 0 (1), CRC-32 of these and the text (4). */
const HEAD_BYTES = 8;

export interface NameRecord {
  kind: NameKind;
  text: string;
}

export class NamesFile {
  /** What was in it when it was opened. */
  readonly records: readonly NameRecord[];
  readonly #fd: number;
  readonly #ledger: Ledger;
  #bytes: number;
  #count: number;

  private constructor(fd: number, ledger: Ledger, records: NameRecord[], bytes: number) {
    this.#fd = fd;
    this.#ledger = ledger;
    this.records = records;
    this.#bytes = bytes;
    this.#count = records.length;
  }

  /** @throws StateError when what the ledger answers for is not there or is damaged; the error of open */
  static open(file: string, ledger: Ledger): NamesFile {
    const [bytes, count] = ledger.read(NAMES_ACCOUNT);
    const fd = openSync(file, 'r+');
    try {
      if (bytes > MAX_NAMES_BYTES || fstatSync(fd).size < bytes) throw new StateError(`${file} was cut`);
      const good = Buffer.alloc(bytes);
      readSync(fd, good, 0, bytes, 0);
      const records = parse(good, file);
      if (records.length !== count) throw new StateError(`${file}: ${records.length} names, not ${count}`);
      // What follows was never answered for.
      ftruncateSync(fd, bytes);
      return new NamesFile(fd, ledger, records, bytes);
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** False when it could not be kept: then the name must not be used. */
  append(kind: NameKind, text: string): boolean {
    const record = encode(kind, text);
    if (this.#bytes + record.length > MAX_NAMES_BYTES) return false;
    try {
      if (writeSync(this.#fd, record, 0, record.length, this.#bytes) !== record.length) return false;
    } catch {
      return false;
    }
    if (!this.#ledger.write(NAMES_ACCOUNT, this.#bytes + record.length, this.#count + 1)) return false;
    this.#bytes += record.length;
    this.#count++;
    return true;
  }

  close(): void {
    closeSync(this.#fd);
  }
}

function encode(kind: NameKind, text: string): Buffer {
  const length = Buffer.byteLength(text, 'latin1');
  const record = Buffer.alloc(HEAD_BYTES + length);
  record.writeUInt16LE(length, 0);
  record[2] = KINDS.indexOf(kind);
  record.write(text, HEAD_BYTES, 'latin1');
  record.writeUInt32LE(checksum(record), 4);
  return record;
}

function checksum(record: Buffer): number {
  return crc32(record.subarray(HEAD_BYTES), crc32(record.subarray(0, 4)));
}

function parse(bytes: Buffer, file: string): NameRecord[] {
  const records: NameRecord[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + HEAD_BYTES + (at + HEAD_BYTES <= bytes.length ? bytes.readUInt16LE(at) : 0);
    const record = bytes.subarray(at, end);
    const kind = KINDS[record[2] ?? KINDS.length];
    if (end > bytes.length || kind === undefined || record.readUInt32LE(4) !== checksum(record)) {
      throw new StateError(`${file} is damaged at byte ${at}`);
    }
    records.push({ kind, text: record.toString('latin1', HEAD_BYTES) });
    at = end;
  }
  return records;
}
