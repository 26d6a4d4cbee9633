/** The control plane's entry: reads settings, runs it, ends it slowly. */
import { ControlPlane } from './control-plane.ts';
import { apiConfig } from './kube/config.ts';
import { createLog } from './log.ts';
import { readSettings } from './settings.ts';

async function main(): Promise<void> {
  const settings = readSettings(process.env);
  const plane = new ControlPlane(settings, apiConfig(process.env));
  let isEnding = false;
  const end = (signal: string): void => {
    if (isEnding) return;
    isEnding = true;
    void plane.stop(signal).then(() => process.exit(0));
  };
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
  await plane.start();
}

main().catch(async (error: Error) => {
  const log = createLog('error', () => undefined);
  log.error('failed to start', { error: error.message });
  await log.flush();
  process.exit(1);
});
