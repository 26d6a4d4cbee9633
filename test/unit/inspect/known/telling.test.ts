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

it.each([
  ['0123456789abcdef', 128],
  ['0123456789ABCDEF', 64],
  ['QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L', 58],
  ['ABCDEFGHIJKLMNOPQRSTUVWXYZ234567', 64],
  ['abcdefghijklmnopqrstuvwxyz0123456789', 64],
  [`${BASE64.slice(0, 62)}-_`, 86],
  [BASE64, 300],
  [`${BASE64.slice(0, 62)}!#$%&()*@^~;?<>=[]{}|`, 40],
])('of what was drawn of %s in %i characters hardly a piece of twenty does not tell', (alphabet, length) => {
  let lost = 0;
  let pieces = 0;
  for (let seed = 0; seed < 400; seed++) {
    const telling = tellingWindows(Buffer.from(characters(seed, length, alphabet)));
    for (let at = 0; at + 20 <= length; at += 20) {
      pieces++;
      if (!telling.subarray(at, at + 20 - FRAGMENT + 1).includes(1)) lost++;
    }
  }
  expect(lost / pieces).toBeLessThan(0.02);
});

it('no part of words does, nor of what repeats', () => {
  for (const text of [
    'correcthorsebatterystaple',
    'PRODUCTIONDATABASE',
    'production-database-primary',
    'A1a'.repeat(12),
    'node-v24.15.0-linux-x64.tar.gz',
    'projects/alpha2/regions/europe-west1/clusters/main',
    'my_service_account_production_2024_backup',
    'https://api.acme.dev/v1/items?page=2&size=100#top',
  ]) {
    expect(told(text), text).toBe(0);
  }
});
