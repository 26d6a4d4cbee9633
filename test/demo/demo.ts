/**
 * The demo: a real `npm install` through Weir from whatever registry this machine's npm uses, then two leaks against
 * hosts that the demo serves itself, first without Weir, then with it. Status 0 only if every check held.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeCounts } from '../setup/counts.ts';

const root = join(import.meta.dirname, '../..');
const weir = join(root, 'bin/weir');
const work = mkdtempSync(join(root, 'dist/demo-'));
let passed = 0;
let failed = 0;

function check(what: string, holds: boolean, seen?: unknown): void {
  if (holds) passed++;
  else failed++;
  console.log(
    `${holds ? '  ok  ' : ' FAIL '} ${what}${holds || seen === undefined ? '' : `\n       seen: ${String(seen).slice(0, 2000)}`}`,
  );
}

/** The policy for an install from the registry that npm is configured for here, read at run time. */
function registryPolicy(): string {
  const registry = new URL(execFileSync('npm', ['config', 'get', 'registry'], { encoding: 'utf8', cwd: work }).trim());
  const secure = registry.protocol === 'https:';
  const port = registry.port === '' ? (secure ? 443 : 80) : Number(registry.port);
  return JSON.stringify({
    apiVersion: 'weir.dev/v1alpha1',
    kind: 'EgressPolicy',
    metadata: { name: 'demo', namespace: 'demo' },
    spec: {
      egress: [
        {
          name: 'npm',
          preset: { name: 'npm-install' },
          protocol: secure ? 'HTTPS' : 'HTTP',
          to: { hosts: [registry.hostname], ports: [port] },
        },
      ],
    },
  });
}

function installThroughWeir(): void {
  console.log('\n1. npm install through Weir, from the registry that npm is configured for\n');
  const project = join(work, 'project');
  mkdirSync(project);
  writeFileSync(join(work, 'npm.yaml'), registryPolicy());
  writeFileSync(
    join(project, 'package.json'),
    JSON.stringify({
      name: 'demo',
      version: '1.0.0',
      private: true,
      dependencies: { express: '4.21.2', chalk: '5.4.1', yargs: '17.7.2' },
    }),
  );
  const log = join(work, 'npm.jsonl');
  const started = Date.now();
  const { status } = spawnSync(
    weir,
    [
      'run',
      '--policy',
      join(work, 'npm.yaml'),
      '--log',
      log,
      '--',
      'npm',
      'install',
      '--cache',
      join(project, '.cache'),
      '--no-fund',
      '--loglevel=error',
    ],
    { cwd: project, stdio: ['ignore', 'inherit', 'inherit'] },
  );
  const installed =
    status === 0 ? readdirSync(join(project, 'node_modules')).filter((name) => !name.startsWith('.')).length : 0;
  const events = readFileSync(log, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const requests = events.filter((event) => event.layer === 'http' && event.action === 'allow');
  const bytes = requests.reduce((sum, event) => sum + (event.bytesDown ?? 0), 0);
  check('npm install ended with status 0', status === 0, status);
  check(`${installed} packages were installed (a few dozen)`, installed >= 36, installed);
  check(
    `${requests.length} requests were judged, ${(bytes / 1e6).toFixed(1)} MB came back, ${((Date.now() - started) / 1000).toFixed(1)} s`,
    requests.length >= installed,
  );
  check(
    'every one of them by the rule npm',
    requests.every((event) => event.rule === 'demo/npm'),
    JSON.stringify(requests.find((event) => event.rule !== 'demo/npm')),
  );
}

function leaks(): void {
  console.log('\n2. An install hook leaks an AWS key (DNS labels) and an SSH key (base64, POST to an allowed host)\n');
  const output = execFileSync('unshare', ['-rnm', process.execPath, join(root, 'test/demo/world.ts'), work, root], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const { bare, guarded } = JSON.parse(output.trim().split('\n').at(-1) ?? '');
  console.log(`without Weir:\n${bare.output.trim()}\n`);
  check(`the sink learned the AWS key by DNS (${bare.learned.dns} bytes)`, bare.learned.dns >= 40, bare.learned.dns);
  check(
    `the sink learned the SSH key by HTTPS (${bare.learned.https} bytes)`,
    bare.learned.https >= 300,
    bare.learned.https,
  );
  console.log(`\nwith Weir:\n${guarded.output.trim()}\n`);
  check(`the sink learned ${guarded.learned.dns} bytes of the AWS key`, guarded.learned.dns === 0, guarded.learned.dns);
  check(
    `the sink learned ${guarded.learned.https} bytes of the SSH key`,
    guarded.learned.https === 0,
    guarded.learned.https,
  );
  check('the install itself went through', guarded.status === 0, guarded.status);
  const shown = guarded.output as string;
  check(
    'the refused POST is shown with its rule and reason',
    /demo\/analytics\b/.test(shown) && /content\.secret/.test(shown),
    shown,
  );
  check(
    'the refused names are shown with their reason, cut where they carried the secret',
    /DNS +\[redacted\]\S+ +content\.secret/.test(shown),
    shown,
  );
}

try {
  installThroughWeir();
  leaks();
} finally {
  if (failed === 0) rmSync(work, { recursive: true, force: true });
  else console.log(`\nleft for a look: ${work}`);
}
writeCounts('demo', passed, failed);
console.log(`\ndemo: ${passed} checks held, ${failed} did not`);
process.exitCode = failed === 0 ? 0 : 1;
