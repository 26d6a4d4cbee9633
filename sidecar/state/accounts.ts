/**
 * Counters in a file of a memory volume, written in place before what they count happens. A slot is 64 bytes at a multiple
 * of 64: a single write never crosses a page, so a process that is killed leaves the old slot or the new one. Whatever
 * else is found in the file is damage, and damage means that everything is spent.
 */
import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync, renameSync, writeSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { StateError } from './error.ts';
import type { Ledger, Pair } from './ledger.ts';

/** Accounts for the life of the pod: rules of every policy that it had, and a few of our own. 256 KiB. */
export const MAX_ACCOUNTS = 4096;

const SLOT_BYTES = 64;
const MAGIC = 0x57454a31; // WEJ1
const CHECKED_FROM = 4;
const KEY_AT = 8;
const KEY_BYTES = 16;
const FIRST_AT = 24;
const SECOND_AT = 32;
/** The first slot: whether everything is spent, and how many accounts follow. */
const HEADER = 'header';
const ALL_SPENT: Pair = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
const NOTHING: Pair = [0, 0];

interface Account {
  slot: number;
  pair: Pair;
}

export class Accounts implements Ledger {
  readonly lost: boolean;
  readonly #fd: number;
  readonly #byKey = new Map<string, Account>();
  readonly #buffer = Buffer.alloc(SLOT_BYTES);
  /** No room for another account, or none can be written. */
  #full = false;

  private constructor(fd: number, lost: boolean) {
    this.#fd = fd;
    this.lost = lost;
  }

  /** A new file; `lost`: with everything spent, for good. It is there whole or not at all. @throws the error of open or write */
  static create(file: string, lost: boolean): Accounts {
    const fresh = `${file}.new`;
    const accounts = new Accounts(openSync(fresh, 'w+', 0o600), lost);
    accounts.#put(0, hashed(HEADER), lost ? 1 : 0, 0);
    renameSync(fresh, file);
    return accounts;
  }

  /** @throws StateError when it is not whole; the error of open when it is not there */
  static open(file: string): Accounts {
    const fd = openSync(file, 'r+');
    try {
      const bytes = contents(fd);
      const header = slotOf(bytes, 0);
      if (header.key !== hashed(HEADER).toString('latin1')) throw new StateError(`${file}: not a journal`);
      const [lost, count] = header.pair;
      if (!Number.isSafeInteger(count) || count > MAX_ACCOUNTS) throw new StateError(`${file}: not a count`);
      const accounts = new Accounts(fd, lost !== 0);
      for (let slot = 1; slot <= count; slot++) {
        const { key, pair } = slotOf(bytes, slot);
        if (accounts.#byKey.has(key)) throw new StateError(`${file}: an account twice`);
        accounts.#byKey.set(key, { slot, pair });
      }
      return accounts;
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  }

  /** Accounts in use. */
  get size(): number {
    return this.#byKey.size;
  }

  read(name: string): Pair {
    const account = this.#byKey.get(hashed(name).toString('latin1'));
    if (account) return account.pair;
    return this.#full || this.#byKey.size >= MAX_ACCOUNTS ? ALL_SPENT : NOTHING;
  }

  write(name: string, first: number, second: number): boolean {
    const key = hashed(name);
    const text = key.toString('latin1');
    const account = this.#byKey.get(text);
    if (account) {
      account.pair = [first, second];
      return this.#tryPut(account.slot, key, first, second);
    }
    const slot = this.#byKey.size + 1;
    if (this.#full || slot > MAX_ACCOUNTS) return false;
    // The count last: a slot that it does not cover was never answered for.
    if (!this.#tryPut(slot, key, first, second) || !this.#tryPut(0, hashed(HEADER), this.lost ? 1 : 0, slot)) {
      this.#full = true;
      return false;
    }
    this.#byKey.set(text, { slot, pair: [first, second] });
    return true;
  }

  close(): void {
    closeSync(this.#fd);
  }

  #tryPut(slot: number, key: Buffer, first: number, second: number): boolean {
    try {
      this.#put(slot, key, first, second);
      return true;
    } catch {
      return false;
    }
  }

  #put(slot: number, key: Buffer, first: number, second: number): void {
    const bytes = this.#buffer;
    bytes.writeUInt32LE(MAGIC, CHECKED_FROM);
    key.copy(bytes, KEY_AT);
    bytes.writeDoubleLE(first, FIRST_AT);
    bytes.writeDoubleLE(second, SECOND_AT);
    bytes.writeUInt32LE(crc32(bytes.subarray(CHECKED_FROM)), 0);
    if (writeSync(this.#fd, bytes, 0, SLOT_BYTES, slot * SLOT_BYTES) !== SLOT_BYTES) throw new Error('a short write');
  }
}

/** The whole file; what is longer than it can be is not ours. */
function contents(fd: number): Buffer {
  const { size } = fstatSync(fd);
  if (size > (MAX_ACCOUNTS + 1) * SLOT_BYTES) throw new StateError('the journal is too long');
  const bytes = Buffer.alloc(size);
  return bytes.subarray(0, readSync(fd, bytes, 0, size, 0));
}

/** @throws StateError when there is no whole slot */
function slotOf(bytes: Buffer, slot: number): { key: string; pair: Pair } {
  const at = bytes.subarray(slot * SLOT_BYTES, (slot + 1) * SLOT_BYTES);
  const whole =
    at.length === SLOT_BYTES &&
    at.readUInt32LE(CHECKED_FROM) === MAGIC &&
    at.readUInt32LE(0) === crc32(at.subarray(CHECKED_FROM));
  if (!whole) throw new StateError(`slot ${slot} of the journal is damaged`);
  const pair: Pair = [at.readDoubleLE(FIRST_AT), at.readDoubleLE(SECOND_AT)];
  if (!(pair[0] >= 0 && pair[1] >= 0)) throw new StateError(`slot ${slot} of the journal is damaged`);
  return { key: at.toString('latin1', KEY_AT, KEY_AT + KEY_BYTES), pair };
}

const keys = new Map<string, Buffer>();

/** Hashing costs more than the write, and the same few names come again and again. */
function hashed(name: string): Buffer {
  let key = keys.get(name);
  if (!key) {
    key = createHash('sha256').update(name).digest().subarray(0, KEY_BYTES);
    if (keys.size >= MAX_ACCOUNTS) keys.clear();
    keys.set(name, key);
  }
  return key;
}
