/** The small parts of the sidecar: readiness, heartbeat, and the authority over restarts. */
import { once } from 'node:events';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { Heartbeat } from '../../../sidecar/heartbeat.ts';
import { Readiness } from '../../../sidecar/readiness.ts';
import { authorityIn, writeTrust } from '../../../sidecar/trust-files.ts';
import { directory } from './directory.ts';

describe('Readiness', () => {
  test('says why not, then that it is; whoever asks later hears at once', async () => {
    const file = path.join(directory, 'ready.sock');
    writeFileSync(file, 'left by an earlier life');
    const readiness = await Readiness.listen(file);
    const probe = net.connect(file);
    let heard = '';
    probe.on('data', (chunk) => {
      heard += chunk;
    });
    await once(probe, 'data');
    readiness.waitFor('no policy');
    readiness.ready();
    await once(probe, 'close');
    const states = heard
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(states).toEqual([
      { ready: false, reason: 'the sidecar is starting' },
      { ready: false, reason: 'no policy' },
      { ready: true },
    ]);
    const later = net.connect(file);
    expect(String((await once(later, 'data'))[0])).toBe('{"ready":true}\n');
    readiness.close();
  });
});

describe('Heartbeat', () => {
  test('ends with the first test that fails', async () => {
    let beats = 0;
    const heartbeat = new Heartbeat(async () => {
      if (++beats === 3) throw new Error('it does not hold');
    }, 0.01);
    const keepAlive = setInterval(() => {}, 1000);
    await expect(heartbeat.run()).rejects.toThrow('it does not hold');
    clearInterval(keepAlive);
    expect(beats).toBe(3);
    expect(heartbeat.last).toBeGreaterThan(1.7e9);
  });
});

describe('trust', () => {
  test('the authority is the same in the next life; its key is for nobody else, its certificate for all', async () => {
    const first = await authorityIn(path.join(directory, 'private'));
    const second = await authorityIn(path.join(directory, 'private'));
    expect(second.certificatePem).toBe(first.certificatePem);
    expect(statSync(path.join(directory, 'private', 'authority.pem')).mode & 0o777).toBe(0o600);
    expect(writeTrust(path.join(directory, 'trust'), first, [])).toEqual([]);
    for (const name of ['ca.crt', 'bundle.pem', 'trust.p12']) {
      expect(statSync(path.join(directory, 'trust', name)).mode & 0o777).toBe(0o644);
    }
    expect(readFileSync(path.join(directory, 'trust', 'ca.crt'), 'utf8')).toBe(first.certificatePem);
  });
});
