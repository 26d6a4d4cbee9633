import { describe, expect, it } from 'vitest';
import { Budgets } from '../../../sidecar/policy/budgets.ts';
import {
  fixedTexts,
  MAX_SEEN_TEXTS,
  NewTexts,
  REPEATED_TEXT,
  type RequestTexts,
} from '../../../sidecar/policy/texts.ts';
import { memoryLedger } from '../../../sidecar/state/ledger.ts';
import { engineOf, request } from './support.ts';

const HOST = 'a.dev';
const NOTHING_FIXED = fixedTexts({ http: [] });
const texts = (path: string, query?: string, headers: [string, string][] = []): RequestTexts => ({
  path,
  headers,
  ...(query !== undefined && { query }),
});

/** What each of them costs when they are sent one after the other. */
function costs(all: readonly RequestTexts[], fixed = NOTHING_FIXED, seen = new NewTexts()): number[] {
  return all.map((each) => {
    const cost = seen.cost(HOST, fixed, each);
    seen.keep(HOST, each);
    return cost;
  });
}

describe('what is new in a head', () => {
  it.each<[string, RequestTexts[], number[]]>([
    ['a path costs its segments', [texts('/ab/cde')], [5]],
    ['and nothing again', [texts('/ab/cde'), texts('/ab/cde')], [5, 0]],
    [
      'a segment beside another one costs what says which',
      [texts('/abcd/x'), texts('/abcd/yz')],
      [5, REPEATED_TEXT + 2],
    ],
    ['in any order', [texts('/abc/def'), texts('/def/abc')], [6, 2 * REPEATED_TEXT]],
    ['a segment twice costs that too', [texts('/abc/abc/abc')], [3 + 2 * REPEATED_TEXT]],
    ['and never more than its length', [texts('/a/b'), texts('/b/a/a/b')], [2, 4]],
    ['the root says nothing', [texts('/')], [0]],
    ['a slash at the end says nothing, further ones how many they are', [texts('/ab/'), texts('//ab///')], [2, 5]],
    ['a path of slashes costs how many', [texts('/'.repeat(100)), texts('/'.repeat(200))], [99, 199]],
    ['a parameter costs its name and value', [texts('/', 'a=bc&d'), texts('/', 'd&a=bc')], [7, 2 * REPEATED_TEXT]],
    ['a parameter is no segment', [texts('/abc'), texts('/', 'abc')], [3, 4]],
    [
      'a header costs itself once, and that it is missing',
      [
        texts('/', undefined, [
          ['x', 'y'],
          ['z', 'aa'],
        ]),
        texts('/', undefined, [['x', 'y']]),
        texts('/', undefined, [['x', 'y']]),
      ],
      [9, REPEATED_TEXT, 0],
    ],
    [
      'what Weir writes costs nothing',
      [
        texts('/', undefined, [
          ['host', 'a.dev'],
          ['content-length', '12345'],
        ]),
      ],
      [0],
    ],
  ])('%s', (_, all, expected) => expect(costs(all)).toEqual(expected));

  it('is not what the rule spells out, once and as it is spelled', () => {
    const paths = ['/v1/items/*', '/**'];
    const fixed = fixedTexts({
      http: [[{ paths, query: [{ name: 'q', values: ['all', 'none'] }, { name: 'page' }] }]],
    });
    expect(costs([texts('/v1/items/abc', 'q=all&page=2')], fixed)).toEqual([3 + '?page=2'.length]);
    expect(costs([texts('/v1/v1/%76%31')], fixed)).toEqual([2 + 6]);
  });

  it('is new to each host', () => {
    const seen = new NewTexts();
    seen.keep(HOST, texts('/abc'));
    expect(seen.cost(HOST, NOTHING_FIXED, texts('/abc'))).toBe(0);
    expect(seen.cost('b.dev', NOTHING_FIXED, texts('/abc'))).toBe(3);
  });

  it(`is forgotten beyond ${MAX_SEEN_TEXTS} texts, and then costs again`, () => {
    const seen = new NewTexts();
    const text = (i: number) => texts(`/n${i}`);
    // A segment and a path each.
    for (let i = 0; i < MAX_SEEN_TEXTS / 2; i++) seen.keep(HOST, text(i));
    expect(seen.size).toBe(MAX_SEEN_TEXTS);
    seen.keep(HOST, text(0));
    expect(seen.size).toBe(MAX_SEEN_TEXTS);
    seen.keep(HOST, text(MAX_SEEN_TEXTS));
    expect(seen.size).toBe(MAX_SEEN_TEXTS);
    expect([0, 1, 2].map((i) => seen.cost(HOST, NOTHING_FIXED, text(i)))).toEqual([0, 2, 0]);
  });
});

describe('limits.newTextSize', () => {
  const policy = `
egress:
- {name: a, to: {hosts: ['*.a.dev']}, limits: {newTextSize: 10}}
- {name: b, to: {hosts: ['*.a.dev']}, http: [{paths: [/long/**]}]}
`;
  const asked = (path: string) => request('GET', `https://x.a.dev${path}`);

  it('is charged before a request is sent, for all of its head; more than is left is nothing', () => {
    const engine = engineOf(policy);
    const rule = engine.policy.rules[0];
    const charge = (path: string, header: string, host = 'x.a.dev') =>
      engine.chargeTexts(rule, host, texts(path, undefined, [['h', header]]))?.reason;
    expect(charge('/abc', 'd')).toBeUndefined();
    expect(rule && engine.budgets.spent(rule.id, 'newTextSize')).toBe(7);
    // One receiver has all names under its domain.
    expect(charge('/abc', 'd', 'y.a.dev')).toBeUndefined();
    expect(charge('/abcd', 'd')).toBe('limit.new-text-size');
    expect(charge('/xyz', 'd')).toBeUndefined();
    expect(charge('/z', 'd')).toBe('limit.new-text-size');
    expect(charge('/xyz', 'd')).toBeUndefined();
    expect(rule && engine.budgets.remaining(rule, 'newTextSize')).toBe(0);
  });

  it('leaves a request to the next rule when its path and query alone are too much', () => {
    const engine = engineOf(policy);
    expect(engine.decideRequest(asked('/0123456789'))).toMatchObject({ allow: true, rule: { id: 'p/a' } });
    expect(engine.decideRequest(asked('/0123456789a'))).toMatchObject({
      reason: 'limit.new-text-size',
      rule: { id: 'p/a' },
    });
    expect(engine.decideRequest(asked('/long/0123456789'))).toMatchObject({ allow: true, rule: { id: 'p/b' } });
  });

  it('outlives the process, and what is new does not: then it costs again', () => {
    const ledger = memoryLedger();
    const before = engineOf(policy, new Budgets(ledger));
    const rule = before.policy.rules[0];
    expect(before.chargeTexts(rule, 'x.a.dev', texts('/abcdef'))).toBeUndefined();
    const after = engineOf(policy, new Budgets(ledger));
    expect(after.chargeTexts(rule, 'x.a.dev', texts('/abcdef'))?.reason).toBe('limit.new-text-size');
    expect(after.chargeTexts(rule, 'x.a.dev', texts('/abcd'))).toBeUndefined();
  });

  it('is nothing for a rule without it', () => {
    const engine = engineOf(policy);
    expect(engine.chargeTexts(engine.policy.rules[1], 'x.a.dev', texts(`/${'x'.repeat(5000)}`))).toBeUndefined();
    expect(engine.budgets.texts.size).toBe(0);
  });
});
