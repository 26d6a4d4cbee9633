/**
 * Runs inside `unshare -rnm`: a small internet of its own on public-looking addresses, then the leaking install, first
 * bare, then under `weir run` with the policy that is named third, or the demo's. Prints one JSON line with what the
 * sink learned each time.
 */
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeGround } from './ground.ts';

const [work = '', root = '', policy = join(root, 'test/demo/leaks.yaml')] = process.argv.slice(2);
const { ca, close, guard, home, secrets, sink } = await makeGround(work, root);

// The project: one dependency, with an install hook.
const hook = join(work, 'hook');
cpSync(join(root, 'test/demo/hook'), hook, { recursive: true });
execFileSync('npm', ['pack', '--silent', '--pack-destination', work], { cwd: hook });

async function install(name: string, prefix: string[]): Promise<{ status: number | null; output: string }> {
  const project = join(work, name);
  mkdirSync(project);
  writeFileSync(
    join(project, 'package.json'),
    JSON.stringify({
      name,
      version: '1.0.0',
      dependencies: { 'fast-left-pad': `file:${work}/fast-left-pad-1.0.0.tgz` },
    }),
  );
  const argv = [
    ...prefix,
    'npm',
    'install',
    '--offline',
    '--foreground-scripts',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ];
  const child = spawn(argv[0] ?? '', argv.slice(1), {
    cwd: project,
    env: { ...process.env, HOME: home, DEMO_HOME: home, NODE_EXTRA_CA_CERTS: ca },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      output += chunk;
    });
  const status = await new Promise<number | null>((done) => child.on('close', done));
  return { status, output };
}

const learned = () => sink.learned({ aws: `${secrets.id}\n${secrets.key}`, ssh: secrets.ssh });
const bare = await install('bare', []);
const bareLearned = learned();
sink.forget();
const guarded = await install('guarded', guard(policy, join(work, 'audit.jsonl')));
const guardedLearned = learned();
close();
console.log(
  JSON.stringify({ bare: { ...bare, learned: bareLearned }, guarded: { ...guarded, learned: guardedLearned } }),
);
