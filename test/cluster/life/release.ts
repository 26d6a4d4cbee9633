/** What these suites do with the release. */
import { kubectl, NAMESPACE, RELEASE } from '../harness/index.ts';

/** Flags to install with, the same in all suites, so that one after another changes nothing: replicas that end go soon. */
export const QUICK = ['--set', 'drainSeconds=3'] as const;

/** Until all have ended, also those that another suite left to drain. */
export async function noReplicas(): Promise<void> {
  const replicas = ['pods', '--namespace', NAMESPACE, '--selector', `app.kubernetes.io/instance=${RELEASE}`];
  await kubectl(['wait', ...replicas, '--for=delete', '--timeout=60s']);
}
