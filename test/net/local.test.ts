import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { ordinaryUser, privilegedAttacker } from './attackers.ts';
import type { Campaign, Result } from './campaign.ts';
import { RESOLVER } from './plan.ts';
import { ESCAPE_POLICY } from './policy.ts';
import { WEIR } from './runtime.ts';
import { attacksFor, createStage, kernelFeatures, play, runControls } from './stage.ts';
import { escapeSuite } from './suite.ts';

const present = await kernelFeatures();
let controls: Promise<Map<string, Result>> | undefined;

for (const [title, user] of [
  ['local, root', privilegedAttacker],
  ['local, ordinary user', ordinaryUser],
] as const) {
  escapeSuite({
    title,
    mode: 'local',
    present,
    closed: false,
    controls: () => {
      controls ??= runControls('local', present);
      return controls;
    },
    guarded: () => guarded(user),
  });
}

async function guarded(user: typeof ordinaryUser): Promise<Campaign> {
  const stage = await createStage();
  try {
    const policy = path.join(stage.topology.directory, 'policy.yaml');
    writeFileSync(policy, ESCAPE_POLICY);
    const weir = [WEIR, 'run', '--policy', policy, '--resolver', RESOLVER.v4, '--resolver', RESOLVER.v6];
    const attacker = (argv: readonly string[]) =>
      user(stage.topology, [...weir, '--upstream-ca', stage.sink.pki.ca, '--', ...argv]);
    const home = { HOME: stage.project, NODE_OPTIONS: undefined };
    return await play(stage, attacksFor('local', present, stage.doors), attacker, false, home);
  } finally {
    await stage.destroy();
  }
}
