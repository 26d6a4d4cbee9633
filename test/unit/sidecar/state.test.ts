import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RuntimeRule } from '../../../crds/runtime.ts';
import { NameBudget } from '../../../sidecar/dns/budget.ts';
import { SyntheticAddresses } from '../../../sidecar/dns/synthetic.ts';
import { Budgets } from '../../../sidecar/policy/index.ts';
import { Accounts, MAX_ACCOUNTS } from '../../../sidecar/state/accounts.ts';
import { MAX_NAMES_BYTES } from '../../../sidecar/state/names.ts';
import { addressStore, type Life, nameStore, openState } from '../../../sidecar/state/state.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'weir-state-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const file = (name: string): string => path.join(directory, name);

function rule(name: string, limits: RuntimeRule['limits']): RuntimeRule {
  return {
    id: `p/${name}`,
    origin: { kind: 'EgressPolicy', namespace: 'ci', policy: 'p', rule: name },
    protocol: 'HTTPS',
    hosts: [],
    ports: [443],
    addressScope: 'Public',
    http: [],
    limits,
  };
}

/** One life of the sidecar over the directory. */
function live(life: Life = 'Later') {
  const state = openState(directory, life);
  return {
    state,
    budgets: new Budgets(state.accounts),
    names: new NameBudget(nameStore(state)),
    addresses: new SyntheticAddresses(addressStore(state)),
    end: () => {
      state.accounts.close();
      state.names.close();
    },
  };
}

const LIMITED = rule('limited', { uploadSize: 1000, requests: 5 });
const FREE = rule('free', {});

describe('a whole journal', () => {
  test('has what was spent, the names that were seen and the addresses that were given, in any life', () => {
    const first = live('First');
    expect(first.budgets.charge(LIMITED, 'uploadSize', 700)).toBe(true);
    expect(first.budgets.charge(LIMITED, 'requests', 2)).toBe(true);
    expect(first.budgets.charge(FREE, 'uploadSize', 123)).toBe(true);
    expect(first.names.charge('abcd.example.com', 'example.com', 6)).toBe(true);
    const pairs = ['b.example', 'a.example'].map((name) => first.addresses.assign(name));
    first.end();

    const second = live('Later');
    expect(second.state.accounts.lost).toBe(false);
    expect(second.budgets.remaining(LIMITED, 'uploadSize')).toBe(300);
    expect(second.budgets.remaining(LIMITED, 'requests')).toBe(3);
    expect(second.budgets.charge(LIMITED, 'uploadSize', 301)).toBe(false);
    // A limit that comes later counts what was sent before it.
    expect(second.budgets.remaining(rule('free', { uploadSize: 200 }), 'uploadSize')).toBe(77);
    expect(second.names.spent('example.com')).toBe(4);
    expect(second.names.charge('abcd.example.com', 'example.com', 6)).toBe(true);
    expect(second.names.charge('efg.example.com', 'example.com', 6)).toBe(false);
    expect(second.addresses.nameOf(pairs[0]?.v4 ?? '')).toBe('b.example');
    expect(second.addresses.assign('a.example')).toEqual(pairs[1]);
    expect(pairs).not.toContainEqual(second.addresses.assign('c.example'));
    second.end();
  });

  test('has a charge before `charge` returns', () => {
    const { budgets, end } = live('First');
    for (let spent = 1; spent <= 5; spent++) {
      budgets.charge(LIMITED, 'requests', 1);
      const kept = Accounts.open(file('accounts'));
      expect(kept.read(`rule ${LIMITED.id}`)).toEqual([0, spent]);
      kept.close();
    }
    end();
  });

  test('drops what was written and never answered for', () => {
    const first = live('First');
    first.addresses.assign('a.example');
    first.end();
    // As a kill leaves it: the record is there, the account does not say so yet.
    writeFileSync(file('names'), Buffer.concat([readFileSync(file('names')), Buffer.from('half a rec')]));
    const second = live();
    expect(second.state.accounts.lost).toBe(false);
    expect(second.addresses.assign('b.example')).toEqual({ v4: '198.18.0.17', v6: 'fd77:6569:7200::11' });
    second.end();
    expect(live().addresses.nameOf('198.18.0.17')).toBe('b.example');
  });
});

test('a change of policy brings its limits to what began before it', () => {
  const budgets = new Budgets();
  expect(budgets.charge(LIMITED, 'uploadSize', 600)).toBe(true);
  budgets.useLimits([rule('limited', { uploadSize: 700 })]);
  expect(budgets.charge(LIMITED, 'uploadSize', 101)).toBe(false);
  expect(budgets.charge(LIMITED, 'uploadSize', 100)).toBe(true);
  // The rule is gone: its upload ends with the next byte, though the rule had no limit.
  expect(budgets.charge(FREE, 'uploadSize', 1)).toBe(false);
  expect(budgets.charge(FREE, 'uploadSize', 0)).toBe(true);
});

describe('no whole journal', () => {
  const spent = (world: ReturnType<typeof live>): void => {
    expect(world.state.accounts.lost).toBe(true);
    expect(world.state.problem).not.toBe('');
    expect(world.budgets.remaining(LIMITED, 'requests')).toBe(0);
    expect(world.budgets.charge(LIMITED, 'requests', 1)).toBe(false);
    expect(world.budgets.charge(LIMITED, 'uploadSize', 1)).toBe(false);
    expect(world.budgets.charge(FREE, 'requests', 1)).toBe(true);
    expect(world.names.charge('a.example.com', 'example.com', 1000)).toBe(false);
    expect(world.names.charge('example.com', 'example.com', 0)).toBe(true);
  };

  test('gone: everything is spent, for good; in the first life nothing is', () => {
    const later = live('Later');
    spent(later);
    later.end();
    const again = live('First');
    expect(again.state.accounts.lost).toBe(true);
    again.end();
    rmSync(file('accounts'));
    rmSync(file('names'));
    const first = live('First');
    expect(first.state.accounts.lost).toBe(false);
    expect(first.budgets.charge(LIMITED, 'requests', 5)).toBe(true);
    first.end();
  });

  test('gone: no name gets an address that another had', () => {
    const first = live('First');
    const given = first.addresses.assign('a.example');
    first.end();
    rmSync(file('accounts'));
    const later = live('First');
    expect(later.state.accounts.lost).toBe(true);
    expect(later.addresses.assign('b.example')).not.toEqual(given);
    expect(later.addresses.nameOf(given?.v4 ?? '')).toBeUndefined();
    later.end();
  });

  test('cut or changed anywhere: nothing is renewed', () => {
    const charges = fc.array(fc.tuple(fc.nat(4), fc.integer({ min: 1, max: 50 })), { minLength: 1, maxLength: 12 });
    const damage = fc.record({
      name: fc.constantFrom('accounts', 'names'),
      at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      flip: fc.option(fc.integer({ min: 1, max: 255 })),
    });
    fc.assert(
      fc.property(charges, damage, (list, { name, at, flip }) => {
        for (const each of ['accounts', 'names']) rmSync(file(each), { force: true });
        const rules = [0, 1, 2, 3, 4].map((index) => rule(`r${index}`, { uploadSize: 10_000 }));
        const before = live('First');
        before.addresses.assign('first.example');
        for (const [index, bytes] of list) {
          before.budgets.charge(rules[index] as RuntimeRule, 'uploadSize', bytes);
          before.names.charge(`${'x'.repeat(bytes)}.example.com`, 'example.com', 100_000);
        }
        const left = rules.map((each) => before.budgets.remaining(each, 'uploadSize'));
        const seen = before.names.spent('example.com');
        before.end();

        const { size } = statSync(file(name));
        const offset = Math.floor(at * size);
        if (flip === null) truncateSync(file(name), offset);
        else {
          const bytes = readFileSync(file(name));
          bytes[offset] = (bytes[offset] ?? 0) ^ flip;
          writeFileSync(file(name), bytes);
        }
        const after = live('Later');
        for (const [index, each] of rules.entries()) {
          expect(after.budgets.remaining(each, 'uploadSize')).toBeLessThanOrEqual(left[index] ?? 0);
        }
        // One character more than what was left before is refused.
        const limit = seen + 3;
        expect(after.names.charge('yyyy.example.com', 'example.com', limit)).toBe(false);
        expect(['first.example', undefined]).toContain(after.addresses.nameOf('198.18.0.16'));
        after.end();
      }),
      { numRuns: 300 },
    );
  });
});

describe('bounds', () => {
  test(`${MAX_ACCOUNTS} accounts: a rule beyond them has nothing left of a limit, and works without one`, () => {
    const { state, budgets, end } = live('First');
    for (let index = 0; index < MAX_ACCOUNTS; index++) state.accounts.write(`x${index}`, 1, 1);
    expect(state.accounts.size).toBe(MAX_ACCOUNTS);
    expect(budgets.remaining(LIMITED, 'requests')).toBe(0);
    expect(budgets.charge(LIMITED, 'requests', 1)).toBe(false);
    expect(budgets.charge(FREE, 'requests', 1)).toBe(true);
    expect(statSync(file('accounts')).size).toBe((MAX_ACCOUNTS + 1) * 64);
    end();
    const again = live();
    expect(again.state.accounts.lost).toBe(false);
    expect(again.budgets.remaining(LIMITED, 'requests')).toBe(0);
    again.end();
  });

  test(`${MAX_NAMES_BYTES} bytes of names, and not one more`, () => {
    const { state, addresses, names, end } = live('First');
    const long = 'n'.repeat(65_535);
    while (state.names.append('seen', long));
    expect(state.names.bytes).toBeLessThanOrEqual(MAX_NAMES_BYTES);
    expect(MAX_NAMES_BYTES - state.names.bytes).toBeLessThan(long.length + 8);
    while (state.names.append('seen', 'n'));
    expect(addresses.assign('a.example')).toBeUndefined();
    expect(names.charge('a.example.com', 'example.com', 100)).toBe(false);
    end();
  });

  test('a volume that cannot be written: what has a limit is refused', () => {
    const { state, budgets, addresses } = live('First');
    expect(budgets.charge(LIMITED, 'requests', 1)).toBe(true);
    state.accounts.close();
    expect(budgets.charge(LIMITED, 'requests', 1)).toBe(false);
    expect(budgets.charge(rule('other', { requests: 9 }), 'requests', 1)).toBe(false);
    expect(budgets.charge(FREE, 'requests', 1)).toBe(true);
    expect(addresses.assign('a.example')).toBeUndefined();
    state.names.close();
  });
});
