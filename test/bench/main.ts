/**
 * `make bench`: what Weir costs, as ratios between things run side by side in one run, in a namespace of its own.
 * Rounds alternate, so that noise of the machine falls on both sides; medians are compared.
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HOSTS, Internet } from '../clients/internet.ts';
import { Companion, run } from '../net/process.ts';
import { node, root, weir } from '../setup/processes.ts';
import { benchInspect } from './inspect.ts';
import { benchJournal } from './journal.ts';
import { benchPolicy } from './policy.ts';
import { benchStalls } from './stalls.ts';

const ROUNDS = 5;
const START_ROUNDS = 15;
const BYTES = 1024 ** 3;
const LEAST_DOWNLOAD_RATIO = 0.8;
const LEAST_UPLOAD_RATIO = 0.5;
const MOST_START_MS = 500;
const RELAY = '203.0.113.99';

const median = (values: number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
const mib = (ms: number): string => `${(BYTES / 1024 ** 2 / (ms / 1000)).toFixed(0)} MiB/s`;

const internet = await Internet.start();
let ok = true;
try {
  await throughput();
  start();
  for (const { line, holds } of [
    ...benchPolicy(),
    ...benchJournal(),
    ...(await benchInspect()),
    ...(await benchStalls()),
  ])
    console.log(`${line} (${verdict(holds)})`);
} finally {
  await internet.stop();
}
process.exitCode = ok ? 0 : 1;

function verdict(holds: boolean): string {
  ok &&= holds;
  return holds ? 'holds' : 'DOES NOT HOLD';
}

async function throughput(): Promise<void> {
  const policy = internet.path('bench.yaml');
  writeFileSync(
    policy,
    `{apiVersion: weir.dev/v1alpha1, kind: EgressPolicy, metadata: {name: bench, namespace: ci}, spec: {egress: [{name: bulk, to: {hosts: [${HOSTS.bulk.name}]}, http: [{methods: [GET, POST]}]}]}}\n`,
  );
  spawnSync('ip', ['-n', internet.namespace, 'addr', 'add', `${RELAY}/32`, 'dev', 'lo']);
  const { ca, certificate, key } = internet.pki;
  const relay = new Companion('relay', [
    'ip',
    'netns',
    'exec',
    internet.namespace,
    node,
    join(import.meta.dirname, 'relay.ts'),
    RELAY,
    HOSTS.bulk.address,
    HOSTS.bulk.name,
    certificate,
    key,
    ca,
  ]);
  await relay.line((line) => line === 'ready', 10_000);
  // Through the relay: the name leads to it by a hosts file of this namespace's own.
  const hosts = `/etc/netns/${internet.namespace}/hosts`;
  writeFileSync(hosts, `127.0.0.1 localhost\n${RELAY} ${HOSTS.bulk.name}\n`);

  const client = [node, join(root, 'test/fixtures/bulk-client.ts')];
  const inNamespace = async (argv: string[]): Promise<number> => {
    const outcome = await run(['ip', 'netns', 'exec', internet.namespace, ...argv], {
      timeoutMs: 120_000,
      env: { ...process.env, NODE_EXTRA_CA_CERTS: ca, BULK_UNHASHED: '1' },
    });
    const answer = JSON.parse(outcome.stdout || '{}');
    if (answer.status !== 200 || answer.bytes !== BYTES)
      throw new Error(`${argv.join(' ')}: ${outcome.stdout}${outcome.stderr}`);
    return answer.ms;
  };
  // `staticHosts` would lead Weir to the relay too: it is given hosts of its own by an empty file.
  const guarded = [
    weir,
    'run',
    '--policy',
    policy,
    '--resolver',
    HOSTS.dns.address,
    '--upstream-ca',
    ca,
    '--write',
    root,
    '--',
  ];
  const direct = async (argv: string[]): Promise<number> => {
    writeFileSync(hosts, '127.0.0.1 localhost\n');
    const ms = await inNamespace([...guarded, ...argv]);
    writeFileSync(hosts, `127.0.0.1 localhost\n${RELAY} ${HOSTS.bulk.name}\n`);
    return ms;
  };
  for (const [what, argv, least] of [
    ['download', ['download', `https://${HOSTS.bulk.name}/bytes/${BYTES}`], LEAST_DOWNLOAD_RATIO],
    ['upload, random', ['upload', `https://${HOSTS.bulk.name}/count`, String(BYTES)], LEAST_UPLOAD_RATIO],
    ['upload, compressible', ['upload', `https://${HOSTS.bulk.name}/count`, String(BYTES), 'text'], LEAST_UPLOAD_RATIO],
  ] as const) {
    const times = { relay: [] as number[], weir: [] as number[] };
    for (let round = 0; round < ROUNDS; round++) {
      times.relay.push(await inNamespace([...client, ...argv]));
      times.weir.push(await direct([...client, ...argv]));
    }
    const ratio = median(times.relay) / median(times.weir);
    console.log(
      `${what} of 1 GiB: bare relay ${mib(median(times.relay))}, Weir ${mib(median(times.weir))}, ratio ${ratio.toFixed(2)} (at least ${least}: ${verdict(ratio >= least)})`,
    );
  }
  await relay.stop();
}

/** From the start of the program to the command's first instruction, as the command's own clock tells it. */
function start(): void {
  const policy = internet.path('bench.yaml');
  const milliseconds = (argv: string[]): number => {
    const before = performance.timeOrigin + performance.now();
    const outcome = spawnSync(argv[0] ?? '', [...argv.slice(1), 'date', '+%s.%N'], { encoding: 'utf8' });
    if (outcome.status !== 0) throw new Error(`${argv.join(' ')}: ${outcome.stderr}`);
    return Number(outcome.stdout) * 1000 - before;
  };
  const times = { unshare: [] as number[], weir: [] as number[] };
  for (let round = 0; round < START_ROUNDS; round++) {
    times.unshare.push(milliseconds(['unshare', '-Urn']));
    times.weir.push(milliseconds([weir, 'run', '--policy', policy, '--']));
  }
  const more = median(times.weir) - median(times.unshare);
  console.log(
    `start: bare unshare ${median(times.unshare).toFixed(0)} ms, weir run ${median(times.weir).toFixed(0)} ms, ${more.toFixed(0)} ms more (under ${MOST_START_MS}: ${verdict(more < MOST_START_MS)})`,
  );
}
