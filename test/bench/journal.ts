/** What it costs that a charge is written down before the bytes are sent, beside one that is only remembered. */
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { RuntimeRule } from '../../crds/runtime.ts';
import { Budgets } from '../../sidecar/policy/index.ts';
import { openState } from '../../sidecar/state/state.ts';
import type { Result } from './policy.ts';

/** A memory file system, as the pod's volume is one. */
const MEMORY = '/dev/shm';
const RULES = 64;
const CHARGES = 20_000;
const ROUNDS = 7;
const MOST_CHARGE_US = 15;

export function benchJournal(): Result[] {
  const rules = Array.from({ length: RULES }, (_, index) => rule(`p/r${index}`));
  const directory = mkdtempSync(join(MEMORY, 'weir-bench-'));
  try {
    const state = openState(directory, 'First');
    const kept = new Budgets(state.accounts);
    const remembered = new Budgets();
    const times: [number[], number[]] = [[], []];
    for (let round = 0; round < ROUNDS; round++) {
      times[0].push(microseconds(kept, rules));
      times[1].push(microseconds(remembered, rules));
    }
    const [us, memory] = times.map((list) => list.toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? Number.NaN);
    const line = `a charge, written down: ${us?.toFixed(2)} µs; only remembered: ${memory?.toFixed(2)} µs`;
    return [{ line, holds: (us ?? Number.NaN) < MOST_CHARGE_US }];
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function microseconds(budgets: Budgets, rules: readonly RuntimeRule[]): number {
  const began = performance.now();
  for (let index = 0; index < CHARGES; index++) {
    if (!budgets.charge(rules[index % RULES] as RuntimeRule, 'uploadSize', 1)) throw new Error('not charged');
  }
  return ((performance.now() - began) * 1000) / CHARGES;
}

function rule(id: string): RuntimeRule {
  return {
    id,
    origin: { kind: 'EgressPolicy', namespace: 'ci', policy: 'p', rule: id },
    protocol: 'HTTPS',
    hosts: [],
    ports: [443],
    addressScope: 'Public',
    http: [],
    limits: { uploadSize: Number.MAX_SAFE_INTEGER },
  };
}
