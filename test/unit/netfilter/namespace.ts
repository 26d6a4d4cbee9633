/** Runs a fixture of ours as root of its own user, mount and network namespaces: no privilege needed, nothing of the host touched. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const TIMEOUT_MS = 20_000;

/** What the fixture wrote to stdout, as JSON. @throws with its stderr when it failed. */
export function inNamespace(fixture: string, ...args: string[]): unknown {
  const path = fileURLToPath(new URL(`fixtures/${fixture}`, import.meta.url));
  const { status, stdout, stderr } = spawnSync('unshare', ['-rnm', process.execPath, path, ...args], {
    encoding: 'utf8',
    timeout: TIMEOUT_MS,
  });
  if (status !== 0) throw new Error(`${fixture} ended with ${status}: ${stderr}${stdout}`);
  return JSON.parse(stdout);
}
