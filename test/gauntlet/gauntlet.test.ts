import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ALLOWED, RESOLVER } from '../net/plan.ts';
import { WEIR } from '../net/runtime.ts';
import { cases, ORDINARY_HOST, type Outcome, ordinary, play, RUN_MS, summary } from './gauntlet.ts';

/** Any request to the host and any name below it: only the content can be why a leak fails. */
const POLICY = `apiVersion: weir.dev/v1alpha1
kind: EgressPolicy
metadata:
  name: gauntlet
  namespace: test
spec:
  # Every leak is refused for what it is, not for those before it.
  content: {maxRefusals: 10000}
  egress:
  - name: allowed
    to:
      hosts: [${ALLOWED.name}, "*.${ALLOWED.name}", "*.${ORDINARY_HOST}"]
`;

describe('gauntlet', () => {
  let control: Outcome;
  let guarded: Outcome;

  beforeAll(async () => {
    control = await play(
      (_stage, argv) => argv,
      (stage) => ({ SSL_CERT_FILE: stage.sink.pki.ca }),
    );
    guarded = await play(
      (stage, argv) => {
        const policy = path.join(stage.topology.directory, 'policy.yaml');
        writeFileSync(policy, POLICY);
        const options = ['--policy', policy, '--resolver', RESOLVER.v4, '--upstream-ca', stage.sink.pki.ca];
        return [WEIR, 'run', ...options, '--', ...argv];
      },
      (stage) => ({ HOME: stage.project }),
    );
  }, 2 * RUN_MS);

  afterAll(() => {
    if (guarded !== undefined) process.stdout.write(`\n${summary(control, guarded)}\n`);
  });

  test.each(ordinary.map(({ name }) => name))('%s passes, with Weir and without', (name) => {
    expect(control.arrived, control.notes.get(name)).toContain(name);
    expect(guarded.arrived, guarded.notes.get(name) ?? guarded.stderr.slice(-2000)).toContain(name);
  });

  test.each(cases.map((one) => [one.name, one] as const))('%s', (name, { secret }) => {
    expect(guarded.notes.has(name), guarded.stderr.slice(-2000)).toBe(true);
    const whole = secret.core.reduce((sum, part) => sum + part.length, 0);
    expect(control.learned.get(name), `the control learned too little: ${control.notes.get(name)}`).toBe(whole);
    expect(guarded.learned.get(name), `with Weir: ${guarded.notes.get(name)}`).toBe(0);
  });
});
