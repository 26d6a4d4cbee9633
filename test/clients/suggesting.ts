/** What explain is asked of a denial, and a policy with what it prints. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dump, load } from 'js-yaml';
import { afterAll, beforeAll, expect } from 'vitest';
import { explain } from '../../cli/explain.ts';
import type { Answer } from '../../cli/judge.ts';
import type { Event } from '../../crds/runtime.ts';
import type { EgressPolicy } from '../../crds/types.generated.ts';
import { root } from '../setup/processes.ts';
import { call } from '../unit/cli/support.ts';

export type Policy = Pick<EgressPolicy, 'spec'> & { metadata: { name: string } };

export const policyOf = (...egress: object[]): Policy =>
  ({ apiVersion: 'weir.dev/v1alpha1', kind: 'EgressPolicy', metadata: { name: 'build' }, spec: { egress } }) as Policy;

/** The policy with a part of a spec (as explain prints it) added to it. */
export function withPart(policy: Policy, part: string): Policy {
  const { spec } = load(part) as Policy;
  const suppressions = [...(policy.spec.content?.suppressions ?? []), ...(spec.content?.suppressions ?? [])];
  return {
    ...policy,
    spec: {
      ...policy.spec,
      egress: [...(policy.spec.egress ?? []), ...(spec.egress ?? [])],
      ...(suppressions.length > 0 && { content: { suppressions } }),
    },
  };
}
export const withItem = (policy: Policy, item: string) => withPart(policy, `spec:\n  egress:\n${item}`);

/** Gone at the end of the suite. */
export let scratch: string;
beforeAll(() => {
  scratch = mkdtempSync(join(root, 'dist/suggestions-'));
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

export async function ask(policy: Policy, ...argv: string[]): Promise<Answer> {
  const file = join(scratch, 'asked.yaml');
  writeFileSync(file, dump(policy));
  const { stdout, stderr } = await call(explain, '--policy', file, ...argv, '--json');
  expect(stderr).toBe('');
  return JSON.parse(stdout);
}

export const eventsOf = (log: string): Event[] =>
  log
    .trim()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
export const refusals = (events: readonly Event[]) =>
  events.filter(({ action, layer }) => action === 'deny' && layer !== 'dns');
export const nameOf = ({ method, host, path, reason }: Event) => `${method} ${host}${path} ${reason}`;

/** What explain is asked of a denial: what the log says, and of the body what the client is known to send. */
export function questionOf({ host, port, method, path }: Event, body: readonly string[]): string[] {
  return ['--url', `https://${host}:${port}${path}`, '--method', method ?? '', ...body];
}
