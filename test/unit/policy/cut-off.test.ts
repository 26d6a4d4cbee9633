/** After a number of refusals for content nothing may leave any more, whatever restarts in between. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { DEFAULT_MAX_REFUSALS } from '../../../crds/content.ts';
import type { Event, Reason } from '../../../crds/runtime.ts';
import { Budgets, PolicyEngine } from '../../../sidecar/policy/index.ts';
import { isContentRefusal, MAX_REMEMBERED, REFUSALS_ACCOUNT } from '../../../sidecar/policy/refusals.ts';
import { Accounts, MAX_ACCOUNTS } from '../../../sidecar/state/accounts.ts';
import { openState } from '../../../sidecar/state/state.ts';
import { engineOf, policyOf, request } from './support.ts';

const SPEC = `
content: {maxRefusals: 3}
egress:
- {name: web, to: {hosts: [a.dev, "*.w.dev"]}}
- {name: db, protocol: TCP, to: {hosts: [db.dev], ports: [5432]}, limits: {uploadSize: 10}}
- {name: tls, protocol: TLS, to: {hosts: [t.dev]}, limits: {uploadSize: 10}}
`;
const GET = request('GET', 'https://a.dev/');

const directories: string[] = [];
const directory = () => {
  const made = mkdtempSync(path.join(tmpdir(), 'weir-cut-off-'));
  directories.push(made);
  return made;
};
afterEach(() => {
  for (const made of directories.splice(0)) rmSync(made, { recursive: true });
});

const refuse = (budgets: Budgets, times: number) => {
  for (let i = 0; i < times; i++) budgets.refusals.add();
};

describe('a pod', () => {
  it('is cut off with the last refusal that it has, not before', () => {
    const engine = engineOf(SPEC);
    refuse(engine.budgets, 2);
    expect(engine.cutOff()).toBeUndefined();
    expect(engine.decideRequest(GET).allow).toBe(true);
    refuse(engine.budgets, 1);
    expect(engine.cutOff()).toEqual({ reason: 'content.cut-off' });
  });

  it.each(['Enforce', 'Audit'])('may do nothing then, in %s', (mode) => {
    const engine = engineOf(`mode: ${mode}${SPEC}`);
    const before = engine.policy.rules.find(({ origin }) => origin.rule === 'db');
    if (!before) throw new Error('no rule');
    expect(engine.relayRule(before, 'db.dev', 5432)).toBeDefined();
    refuse(engine.budgets, 3);
    const no = { reason: 'content.cut-off' };
    expect(engine.decideName('a.dev', 'A')).toMatchObject({ allow: false, ...no });
    expect(engine.decideName('x.nowhere', 'A')).toMatchObject({ allow: false, ...no });
    expect(engine.unnamed()).toMatchObject(no);
    expect(engine.decideConnection('a.dev', 443)).toMatchObject({ kind: 'deny', denial: no });
    expect(engine.decideConnection('db.dev', 5432)).toMatchObject({ kind: 'deny', denial: no });
    expect(engine.decideHello('t.dev', 443, { serverName: 't.dev', hasEch: false })).toMatchObject({
      kind: 'deny',
      denial: no,
    });
    expect(engine.decideRequest(GET)).toMatchObject({ allow: false, ...no });
    expect(engine.relayRule(before, 'db.dev', 5432)).toBeUndefined();
    expect(engine.admits(GET, before)).toBe(false);
  });

  it(`has ${DEFAULT_MAX_REFUSALS} refusals when no policy says otherwise, under an older control plane too`, () => {
    const { content, ...rest } = policyOf('egress: []');
    const { maxRefusals, ...older } = content;
    expect(maxRefusals).toBe(DEFAULT_MAX_REFUSALS);
    const engine = new PolicyEngine({ ...rest, content: older }, new Budgets());
    refuse(engine.budgets, DEFAULT_MAX_REFUSALS - 1);
    expect(engine.cutOff()).toBeUndefined();
    refuse(engine.budgets, 1);
    expect(engine.cutOff()).toBeDefined();
  });

  it('stays cut off when the sidecar starts anew', () => {
    const stateDir = directory();
    const first = openState(stateDir, 'First');
    refuse(new Budgets(first.accounts), 3);
    first.accounts.close();
    const later = openState(stateDir, 'Later');
    const engine = engineOf(SPEC, new Budgets(later.accounts));
    expect(engine.budgets.refusals.count).toBe(3);
    expect(engine.cutOff()).toBeDefined();
    later.accounts.close();
  });

  it('has one refusal left when the count was lost', () => {
    const stateDir = directory();
    openState(stateDir, 'First').accounts.close();
    writeFileSync(path.join(stateDir, 'accounts'), 'damaged');
    const { accounts } = openState(stateDir, 'Later');
    const engine = engineOf(SPEC, new Budgets(accounts));
    expect(engine.cutOff()).toBeUndefined();
    refuse(engine.budgets, 1);
    expect(engine.cutOff()).toBeDefined();
    accounts.close();
  });

  it('is refused a name once, by whatever types and search domains it is asked for', () => {
    const { refusals } = new Budgets();
    for (let i = 0; i < 3; i++) refusals.add('a');
    expect(refusals.count).toBe(1);
    for (let i = 1; i < MAX_REMEMBERED; i++) refusals.add(`a${i}`);
    refusals.add('a');
    expect(refusals.count).toBe(MAX_REMEMBERED);
    // One more, for which the oldest is forgotten.
    refusals.add('b');
    refusals.add('a');
    expect(refusals.count).toBe(MAX_REMEMBERED + 2);
    refusals.add();
    refusals.add();
    expect(refusals.count).toBe(MAX_REMEMBERED + 4);
  });

  it('has its account when others have taken all the rest', () => {
    const { accounts } = openState(directory(), 'First');
    for (let i = 0; i < MAX_ACCOUNTS; i++) accounts.write(`rule ${i}`, 1, 1);
    expect(accounts.read(REFUSALS_ACCOUNT)).toEqual([0, 0]);
    const refusals = new Budgets(accounts).refusals;
    refusals.add();
    expect(refusals.count).toBe(1);
    accounts.close();
  });

  it('counts in memory on when the journal cannot be written', () => {
    const accounts = Accounts.create(path.join(directory(), 'accounts'), false);
    accounts.write(REFUSALS_ACCOUNT, 0, 0);
    accounts.close();
    const refusals = new Budgets(accounts).refusals;
    refusals.add();
    expect(refusals.count).toBe(1);
  });
});

describe('isContentRefusal', () => {
  const event = (action: Event['action'], reason?: Reason): Event => ({
    time: '',
    id: '',
    action,
    layer: 'http',
    ...(reason && { reason }),
  });
  it.each<[Event, boolean]>([
    [event('deny', 'content.secret'), true],
    [event('deny', 'content.too-complex'), true],
    [event('deny', 'content.opaque'), true],
    [event('deny', 'content.cut-off'), false],
    [event('deny', 'host.not-allowed'), false],
    [event('would-deny', 'content.opaque'), false],
    [event('allow'), false],
  ])('%o: %s', (given, expected) => {
    expect(isContentRefusal(given)).toBe(expected);
  });
});
