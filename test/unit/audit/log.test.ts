import { closeSync, fstatSync, mkdtempSync, openSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Event } from '../../../crds/runtime.ts';
import { BURST_LINES, COUNTED_EVERY_MS } from '../../../sidecar/audit/limiter.ts';
import { createLog, MAX_WAITING_BYTES } from '../../../sidecar/audit/log.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'weir-log-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

const EVENT: Event = {
  time: '2026-11-25T00:00:00.000Z',
  id: '00ff',
  action: 'deny',
  layer: 'dns',
  reason: 'dns.name',
  host: 'evil.example\nand more',
};

function linesOf(file: string): unknown[] {
  const text = readFileSync(file, 'utf8');
  expect(text.endsWith('\n')).toBe(true);
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

describe('createLog', () => {
  it('writes an event a line, as it is, into a file of its owner, and appends', async () => {
    const file = path.join(directory, 'audit.log');
    for (const id of ['one', 'two']) {
      const log = createLog(file);
      log.write({ ...EVENT, id });
      log.write({ ...EVENT, id });
      await log.close();
      expect(log.dropped()).toBe(0);
    }
    expect(linesOf(file)).toEqual(['one', 'one', 'two', 'two'].map((id) => ({ level: 'warn', ...EVENT, id })));
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('writes to a descriptor and leaves it open', async () => {
    const file = path.join(directory, 'fd.log');
    const fd = openSync(file, 'w');
    const log = createLog(fd);
    log.write({ ...EVENT, action: 'allow' });
    await log.close();
    expect(linesOf(file)).toEqual([{ level: 'info', ...EVENT, action: 'allow' }]);
    expect(fstatSync(fd).isFile()).toBe(true);
    closeSync(fd);
  });

  it('closes once, also when nothing was written, and counts what comes after', async () => {
    const log = createLog(path.join(directory, 'empty.log'));
    await Promise.all([log.close(), log.close()]);
    log.write(EVENT);
    expect(log.dropped()).toBe(1);
  });

  it('throws when there is no such directory', () => {
    expect(() => createLog(path.join(directory, 'none', 'audit.log'))).toThrow(/ENOENT/);
  });

  it('holds a bounded number of bytes for a slow disk', async () => {
    const log = createLog(path.join(directory, 'slow.log'));
    const detail = 'x'.repeat(1024 * 1024);
    const fits = MAX_WAITING_BYTES / detail.length - 1;
    for (let i = 0; i < fits; i++) log.write({ ...EVENT, detail });
    expect(log.dropped()).toBe(0);
    for (let i = 0; i < 3; i++) log.write({ ...EVENT, detail });
    expect(log.dropped()).toBeGreaterThan(0);
    await log.close();
  });

  it('counts what has had its lines, and tells it at the end', async () => {
    const file = path.join(directory, 'flood.log');
    const log = createLog(file);
    for (let i = 0; i < 20_000; i++) log.write({ ...EVENT, host: `h${i}.evil.com` });
    await log.close();
    const lines = linesOf(file) as Event[];
    expect(lines).toHaveLength(BURST_LINES + 1);
    expect(lines.at(-1)).toMatchObject({ level: 'warn', host: 'evil.com', repeated: 20_000 - BURST_LINES });
    expect(log.dropped()).toBe(0);
  });

  it('tells what it has counted while it runs', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    try {
      const file = path.join(directory, 'counted.log');
      const log = createLog(file, { now: () => 0 });
      for (let i = 0; i < BURST_LINES + 3; i++) log.write(EVENT);
      vi.advanceTimersByTime(COUNTED_EVERY_MS);
      log.write(EVENT);
      vi.advanceTimersByTime(COUNTED_EVERY_MS);
      await log.close();
      const counted = (linesOf(file) as Event[]).slice(BURST_LINES);
      expect(counted.map(({ repeated }) => repeated)).toEqual([3, 1]);
    } finally {
      vi.useRealTimers();
    }
  });

  it('ends a file at its bound with a line that says so, what was there before included', async () => {
    const file = path.join(directory, 'bounded.log');
    const passed: Event = { ...EVENT, action: 'allow' };
    delete passed.reason;
    const length = Buffer.byteLength(`${JSON.stringify({ level: 'info', ...passed })}\n`);
    for (const [written, fits] of [
      [3, 3],
      [1, 0],
    ]) {
      const log = createLog(file, { maxFileBytes: 3 * length });
      for (let i = 0; i < (written as number); i++) log.write(passed);
      expect(log.dropped()).toBe((written as number) - (fits as number));
      await log.close();
    }
    const lines = linesOf(file);
    expect(lines).toHaveLength(4);
    expect(lines[3]).toMatchObject({ level: 'error', msg: expect.stringContaining('audit log is full') });
    const log = createLog(file, { maxFileBytes: 3 * length });
    for (let i = 0; i < 1000; i++) log.write(passed);
    await log.close();
    expect(linesOf(file)).toHaveLength(5);
    expect(log.dropped()).toBe(1000);
  });

  it('survives a full disk', async () => {
    const log = createLog('/dev/full');
    log.write(EVENT);
    await log.close();
    expect(log.dropped()).toBeGreaterThan(0);
  });
});
