import { describe, expect, it } from 'vitest';
import {
  Connections,
  MAX_ADMISSION,
  MAX_PER_POD,
  MAX_SIDECARS,
  MAX_STRANGERS,
  MAX_STRANGERS_PER_ADDRESS,
  STRANGER_MS,
} from '../../../webhook/server/connections.ts';

function room() {
  const closed: string[] = [];
  const why: string[] = [];
  const connections = new Connections((reason) => why.push(reason));
  const open = (id: string, address = id, now = 0) => connections.open(id, address, now, () => closed.push(id));
  return { connections, closed, why, open };
}

describe('Connections', () => {
  it('closes a stranger that has had its time, and nobody who has shown what it is', () => {
    const { connections, closed, why, open } = room();
    open('late');
    open('api');
    open('new', 'new', 1);
    expect(connections.prove('api', 'admission')).toBe(true);
    connections.turn(STRANGER_MS);
    expect([closed, why]).toEqual([['late'], ['late']]);
    expect([connections.count('stranger'), connections.count('admission')]).toEqual([1, 1]);
  });

  it('makes room for strangers by closing the oldest, of the same address first', () => {
    const { connections, closed, open } = room();
    open('other');
    for (let i = 0; i <= MAX_STRANGERS_PER_ADDRESS; i++) open(`a${i}`, 'a');
    expect(closed).toEqual(['a0']);
    for (let i = 0; connections.count('stranger') < MAX_STRANGERS; i++) open(`b${i}`, `b${i}`);
    open('one more');
    expect(closed).toEqual(['a0', 'other']);
    expect(connections.count('stranger')).toBe(MAX_STRANGERS);
  });

  it('has room for API servers and for sidecars, each apart', () => {
    const { connections, closed, open } = room();
    for (let i = 0; i <= MAX_SIDECARS; i++) {
      open(`s${i}`);
      expect(connections.prove(`s${i}`, 'sidecar', `pod${i}`)).toBe(i < MAX_SIDECARS);
    }
    for (let i = 0; i <= MAX_ADMISSION; i++) {
      open(`a${i}`);
      expect(connections.prove(`a${i}`, 'admission')).toBe(i < MAX_ADMISSION);
    }
    connections.end('a0');
    expect(connections.prove(`a${MAX_ADMISSION}`, 'admission')).toBe(true);
    expect(closed).toEqual([]);
  });

  it('holds a few of one pod, and forgets what has ended', () => {
    const { connections, open } = room();
    for (let i = 0; i <= MAX_PER_POD; i++) {
      open(`${i}`);
      expect(connections.prove(`${i}`, 'sidecar', 'pod')).toBe(i < MAX_PER_POD);
      expect(connections.prove(`${i}`, 'sidecar', 'pod')).toBe(i < MAX_PER_POD);
    }
    for (let i = 0; i <= MAX_PER_POD; i++) connections.end(`${i}`);
    connections.end('unknown');
    expect(connections.prove('unknown', 'admission')).toBe(false);
    expect([connections.count('stranger'), connections.count('sidecar')]).toEqual([0, 0]);
  });
});
