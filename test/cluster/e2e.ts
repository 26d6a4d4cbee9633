/**
 * `make e2e`: the suites of test/cluster on a cluster, counted. Our own cluster is started, given the images and taken down
 * at the end, however it ends; with KEEP=1 it stays, and is used as it is the next time. On another cluster (WEIR_E2E_KUBECONFIG, see test/cluster/kubeconfig)
 * the images must be there already (WEIR_E2E_IMAGE, WEIR_E2E_TOOLS_IMAGE), and what needs the outside is not run.
 *   node test/cluster/e2e.ts [FILE...]
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeCounts } from '../setup/counts.ts';
import { isOwn, stateDirectory } from './harness/cluster.ts';

const root = join(import.meta.dirname, '../..');
const at = (script: string) => join(import.meta.dirname, script);
const results = join(root, 'coverage/e2e.json');

interface Results {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTotalTests: number;
  testResults: { assertionResults: { status: string; fullName: string }[] }[];
}

function must(argv: readonly string[]): void {
  const [file, ...args] = argv as [string, ...string[]];
  const { status, error } = spawnSync(file, args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) throw new Error(`${argv.join(' ')}: ${error?.message ?? `status ${status}`}`);
}

function raise(): void {
  // What a run that was killed left, perhaps of another checkout, is not what is tested.
  if (process.env.KEEP !== '1') must([at('cluster'), 'down']);
  must([at('cluster'), 'up']);
  must([at('cluster'), 'load', join(root, 'dist/weir-image.tar')]);
  must([at('tools-image'), 'load']);
}

/** What a failure is understood by, before it is gone: what the node's processes said, and what is on the cluster. */
function keepLogs(): void {
  const to = join(root, 'coverage/e2e-logs');
  rmSync(to, { recursive: true, force: true });
  mkdirSync(to, { recursive: true });
  if (!existsSync(stateDirectory)) return;
  for (const name of readdirSync(stateDirectory).filter((file) => file.endsWith('.log'))) {
    cpSync(join(stateDirectory, name), join(to, name));
  }
  const dump = `"$1" kubectl get pods,jobs,events -A -o wide >"$2" 2>&1`;
  spawnSync('sh', ['-c', dump, 'sh', at('cluster'), join(to, 'objects.txt')], { timeout: 30_000 });
  console.error(`e2e: logs are in ${to}`);
}

function suites(files: readonly string[]): number {
  rmSync(results, { force: true });
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${results}`];
  const { status } = spawnSync(
    process.execPath,
    [vitest, 'run', '--config', at('vitest.config.ts'), ...reporters, ...files],
    {
      cwd: root,
      stdio: 'inherit',
    },
  );
  if (!existsSync(results)) return 1;
  const { numPassedTests, numTotalTests, testResults } = JSON.parse(readFileSync(results, 'utf8')) as Results;
  const notRun = testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter((test) => test.status === 'skipped' || test.status === 'pending');
  // On our own cluster everything can run: what did not has failed.
  const excused = isOwn ? 0 : notRun.length;
  const failed = numTotalTests - numPassedTests - excused;
  if (excused > 0) {
    console.log(`e2e: NOT RUN on this cluster, for only the project's own has an outside and processes to touch:`);
    for (const { fullName } of notRun) console.log(`  ${fullName}`);
  }
  const more = status !== 0 && failed === 0 ? 1 : 0; // a hook, or a file that could not be read
  writeCounts('e2e', numPassedTests, failed + more, excused);
  console.log(`e2e: ${numPassedTests} passed, ${failed + more} failed, ${excused} not run`);
  return failed + more === 0 ? 0 : 1;
}

let over = false;
function lower(): void {
  if (over || !isOwn || process.env.KEEP === '1') return;
  over = true;
  must([at('cluster'), 'down']);
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    lower();
    process.exit(1);
  });
}

process.exitCode = 1;
try {
  if (isOwn) raise();
  process.exitCode = suites(process.argv.slice(2));
} catch (error) {
  console.error(`e2e: ${error instanceof Error ? error.message : error}`);
  writeCounts('e2e', 0, 1);
} finally {
  if (isOwn && process.exitCode !== 0) keepLogs();
  lower();
}
