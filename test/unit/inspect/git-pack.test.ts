/** What `git push` sends, against packs that git itself makes. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import zlib from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { inflater } from '../../../sidecar/inspect/decode/inflater.ts';
import { OBJECTS_AT_ONCE } from '../../../sidecar/inspect/decode/unpack/git-pack.ts';
import { checkedToken } from '../../../sidecar/inspect/detectors/samples.ts';
import { inspectBody } from './helpers.ts';

const TOKEN = checkedToken('gh' + 'p_', 77);
const LINES = Array.from({ length: 2000 }, (_, i) => `line ${(i * 7919) % 9973} of a file\n`);

const directories: string[] = [];
afterEach(() => {
  for (const made of directories.splice(0)) rmSync(made, { recursive: true });
});

class Repository {
  readonly directory = mkdtempSync(path.join(tmpdir(), 'weir-pack-'));

  constructor(format: 'sha1' | 'sha256' = 'sha1') {
    directories.push(this.directory);
    this.git('init', '--quiet', `--object-format=${format}`);
  }

  git(...args: string[]): Buffer {
    return this.run(args);
  }

  commit(files: Record<string, string>): string {
    for (const [name, text] of Object.entries(files)) writeFileSync(path.join(this.directory, name), text);
    this.git('add', '.');
    this.git('-c', 'user.name=a', '-c', 'user.email=a@a.dev', 'commit', '--quiet', '--message', 'work');
    return this.git('rev-parse', 'HEAD').toString().trim();
  }

  /** As a push would send it: what `since` has is left out, and may be what deltas are made from. */
  pack(since?: string, ...options: string[]): Buffer {
    const revisions = since === undefined ? 'HEAD\n' : `HEAD\n^${since}\n`;
    return this.run(['pack-objects', '--quiet', '--stdout', '--revs', '--thin', ...options], revisions);
  }

  private run(args: readonly string[], input = ''): Buffer {
    const env = { PATH: process.env.PATH, HOME: this.directory, GIT_CONFIG_NOSYSTEM: '1' };
    return execFileSync('git', args, { cwd: this.directory, env, input, stdio: ['pipe', 'pipe', 'inherit'] });
  }
}

const push = (pack: Buffer): Buffer =>
  Buffer.concat([
    Buffer.from(`0094${'0'.repeat(40)} ${'1'.repeat(40)} refs/heads/main\0 report-status agent=git/2\n0000`),
    pack,
  ]);
const found = async (body: Buffer, cuts: readonly number[] = [65_536]) => {
  const { findings, tooComplex, released } = await inspectBody(body, { cuts });
  expect(tooComplex).toBeUndefined();
  return { names: findings.map(({ detector, decoding }) => [detector, ...decoding].join()), released };
};

describe('a token that is pushed', () => {
  it.each(['sha1', 'sha256'] as const)('is found in a file of a commit, whatever the chunks (%s)', async (format) => {
    const repository = new Repository(format);
    repository.commit({ 'a.txt': LINES.join(''), 'b.txt': `token: ${TOKEN}\n`, 'c.txt': LINES.toReversed().join('') });
    const body = push(repository.pack());
    for (const cuts of [[body.length], [1], [61, 7]]) {
      const { names, released } = await found(body, cuts);
      expect(names).toEqual(['github-token,git']);
      expect(released.includes(body.subarray(-100))).toBe(false);
    }
  });

  it.each([
    ['by its offset', ['--delta-base-offset']],
    ['by its name', []],
  ])('is found in what a delta adds to another object, %s', async (_, options) => {
    for (const format of ['sha1', 'sha256'] as const) {
      const repository = new Repository(format);
      const first = repository.commit({ 'a.txt': LINES.join('') });
      repository.commit({ 'a.txt': LINES.with(1000, `token: ${TOKEN}\n`).join('') });
      // With its base in the pack, and without.
      for (const pack of [repository.pack(undefined, ...options), repository.pack(first, ...options)]) {
        expect((await found(push(pack))).names).toEqual(['github-token,git']);
      }
    }
  });

  it('is found in the message of a commit and in the name of a file', async () => {
    const repository = new Repository();
    repository.commit({ [`${TOKEN}.txt`]: 'x' });
    expect((await found(push(repository.pack()))).names).toEqual(['github-token,git']);
    const other = new Repository();
    other.commit({ a: 'x' });
    other.git(...'-c user.name=a -c user.email=a@a.dev commit --quiet --allow-empty --message'.split(' '), TOKEN);
    expect((await found(push(other.pack()))).names).toEqual(['github-token,git']);
  });

  it('is found in the last of many objects', async () => {
    const repository = new Repository();
    const files = Object.fromEntries(Array.from({ length: 3000 }, (_, i) => [`f${i}`, `${i * 31}`]));
    repository.commit({ ...files, zz: TOKEN });
    expect((await found(push(repository.pack()))).names).toEqual(['github-token,git']);
  });
});

describe('a pack', () => {
  it('is read as git reads it', () => {
    const repository = new Repository();
    const texts = [LINES.join(''), 'short\n', ''];
    repository.commit(Object.fromEntries(texts.map((text, i) => [`f${i}`, text])));
    const pack = repository.pack();
    for (const cut of [1, 100, pack.length]) {
      const reading = inflater('git-pack');
      const made: Buffer[] = [];
      for (let at = 0; at < pack.length && !reading.ended; at += cut) {
        reading.give(pack.subarray(at, at + cut));
        for (let piece = reading.next(); piece !== undefined; piece = reading.next()) made.push(piece);
      }
      expect(reading).toMatchObject({ ended: true, isDamaged: false });
      // Behind it stands its hash alone.
      expect(reading.taken).toBe(pack.length - 20);
      for (const text of texts) expect(Buffer.concat(made).includes(`${text}\n`)).toBe(true);
      reading.close();
    }
  });

  it('that is pushed and holds no secret goes through as it came', async () => {
    const repository = new Repository();
    repository.commit(Object.fromEntries(LINES.slice(0, 300).map((line, i) => [`f${i}`, line.repeat(50)])));
    const body = push(repository.pack());
    const { names, released } = await found(body, [1000]);
    expect(names).toEqual([]);
    expect(released.equals(body)).toBe(true);
  });

  it('of nothing but empty objects is read in turns, however many', () => {
    const empty = Buffer.concat([Buffer.from([0x30]), zlib.deflateSync('')]);
    const count = 20_000;
    const head = Buffer.from('5041434b0000000200000000', 'hex');
    head.writeUInt32BE(count, 8);
    const reading = inflater('git-pack');
    reading.give(Buffer.concat([head, ...Array.from({ length: count }, () => empty), Buffer.alloc(20)]));
    let made = 0;
    let turns = 0;
    for (let piece = reading.next(); piece !== undefined; piece = reading.next()) {
      made += piece.length;
      turns++;
    }
    expect(reading).toMatchObject({ ended: true, isDamaged: false });
    expect(made).toBe(count);
    expect(turns).toBeGreaterThanOrEqual(count / OBJECTS_AT_ONCE);
    reading.close();
  });

  it('that is damaged anywhere is read as far as it goes, and never for ever', async () => {
    const repository = new Repository();
    repository.commit({ a: LINES.join(''), b: 'x', c: LINES.toReversed().join('') });
    const pack = repository.pack();
    for (let at = 0; at < pack.length; at += Math.ceil(pack.length / 300)) {
      const damaged = Buffer.from(pack);
      damaged[at] = (damaged[at] as number) ^ 0x55;
      const reading = inflater('git-pack');
      reading.give(damaged);
      reading.finish();
      let pieces = 0;
      for (let piece = reading.next(); piece !== undefined; piece = reading.next()) {
        expect(piece.length).toBeLessThanOrEqual(65_536);
        expect(++pieces).toBeLessThan(10_000);
      }
      reading.close();
    }
  });
});
