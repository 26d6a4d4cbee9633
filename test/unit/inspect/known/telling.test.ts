import { expect, it } from 'vitest';
import { characters } from '../../../../sidecar/inspect/detectors/samples.ts';
import { FRAGMENT, tellingWindows } from '../../../../sidecar/inspect/known/telling.ts';

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const LENGTH = 40;
const WINDOWS = LENGTH - FRAGMENT + 1;
const told = (text: string): number => tellingWindows(Buffer.from(text)).reduce((sum, tells) => sum + tells, 0);

it('every part of what was drawn tells, by itself and in a file, also where it looks like letters by chance', () => {
  for (let seed = 0; seed < 500; seed++) {
    const token = characters(seed, LENGTH, BASE64);
    expect(told(token), token).toBe(WINDOWS);
    expect(told(`[default]\nregion = eu-west-1\nkey = ${token}\n`), token).toBeGreaterThanOrEqual(WINDOWS);
  }
});

it('no part of words does, nor of what repeats', () => {
  for (const text of [
    'correcthorsebatterystaple',
    'PRODUCTIONDATABASE',
    'production-database-primary',
    'A1a'.repeat(12),
  ]) {
    expect(told(text), text).toBe(0);
  }
});
