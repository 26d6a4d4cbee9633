/** What these suites do with the release. */
import { kubectl, NAMESPACE, RELEASE } from '../harness/index.ts';

/**
 * Flags to install with, the same in all suites, so that one after another changes nothing: replicas that end go soon, but
 * not before the node’s proxy has heard of it.
 */
export const QUICK = ['--set', 'drainSeconds=8'] as const;

/** Until all have ended, also those that another suite left to drain. */
export async function noReplicas(): Promise<void> {
  const replicas = ['pods', '--namespace', NAMESPACE, '--selector', `app.kubernetes.io/instance=${RELEASE}`];
  await kubectl(['wait', ...replicas, '--for=delete', '--timeout=60s']);
}
