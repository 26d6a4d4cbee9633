import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { AdmissionKey, KEY_MS, SECRET_BYTES } from '../../../webhook/server/admission-key.ts';

const NOW = 1_800_000_000_000;
const secret = randomBytes(SECRET_BYTES);
const key = new AdmissionKey(secret);
const segment = (webhook: 'mutate' | 'validate', now: number) => key.path(webhook, now).split('/')[2] ?? '';

describe('AdmissionKey', () => {
  it('is the same for all replicas, another for each webhook and secret', () => {
    expect(new AdmissionKey(secret).path('mutate', NOW)).toBe(key.path('mutate', NOW));
    expect(key.path('mutate', NOW)).toMatch(/^\/mutate\/[0-9a-f]{64}$/);
    expect(segment('validate', NOW)).not.toBe(segment('mutate', NOW));
    expect(new AdmissionKey(randomBytes(SECRET_BYTES)).path('mutate', NOW)).not.toBe(key.path('mutate', NOW));
    expect(() => new AdmissionKey(randomBytes(16))).toThrow(RangeError);
  });

  it('is good for the period before and after, and no longer', () => {
    const shown = segment('mutate', NOW);
    for (const by of [-1, 0, 1]) expect(key.isGood(shown, 'mutate', NOW + by * KEY_MS), `${by}`).toBe(true);
    for (const by of [-2, 2]) expect(key.isGood(shown, 'mutate', NOW + by * KEY_MS), `${by}`).toBe(false);
    for (const wrong of ['', 'x', `${shown}A`, shown.slice(1), shown.toUpperCase(), segment('validate', NOW)]) {
      expect(key.isGood(wrong, 'mutate', NOW), wrong).toBe(false);
    }
  });

  it('leaves a configuration alone that a replica with a faster clock wrote', () => {
    expect(key.isCurrent(key.path('mutate', NOW), 'mutate', NOW)).toBe(true);
    expect(key.isCurrent(key.path('mutate', NOW + KEY_MS), 'mutate', NOW)).toBe(true);
    expect(key.isCurrent(key.path('mutate', NOW - KEY_MS), 'mutate', NOW)).toBe(false);
    expect(key.isCurrent('', 'mutate', NOW)).toBe(false);
  });
});
