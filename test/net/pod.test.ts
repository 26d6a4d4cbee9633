import { podAttacker } from './attackers.ts';
import type { Campaign } from './campaign.ts';
import { startPod } from './pod.ts';
import { ESCAPE_POLICY } from './policy.ts';
import { attacksFor, createStage, kernelFeatures, play, runControls } from './stage.ts';
import { escapeSuite } from './suite.ts';

const present = await kernelFeatures();

escapeSuite({
  title: 'pod',
  mode: 'pod',
  present,
  closed: true,
  controls: () => runControls('pod', present),
  guarded,
});

async function guarded(): Promise<Campaign> {
  const stage = await createStage();
  try {
    const pod = await startPod(stage.topology, ESCAPE_POLICY, stage.sink.pki.ca);
    try {
      const attacks = attacksFor('pod', present, stage.doors);
      const trust = { CURL_CA_BUNDLE: pod.trust };
      return await play(stage, attacks, (argv) => podAttacker(stage.topology, argv), false, trust);
    } finally {
      await pod.stop();
    }
  } finally {
    await stage.destroy();
  }
}
