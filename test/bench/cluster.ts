/**
 * `make bench-cluster`: what a guarded pod pays on our own cluster: memory of its sidecar at rest, and time until its
 * first instruction over the same pod with an init container and a native sidecar that do nothing. Both kinds alternate, so
 * that noise of the machine falls on both; medians are compared.
 */
import { readFileSync } from 'node:fs';
import {
  ctr,
  installWeir,
  isOwn,
  logs,
  type Manifest,
  mustBeUp,
  Namespace,
  pod,
  TOOLS_IMAGE,
  until,
} from '../cluster/harness/index.ts';

const ROUNDS = 10;
const MOST_ADDED_MS = 1500;
const MOST_RSS_BYTES = 110e6;
/** How long a sidecar has had nothing to do when its memory is read. */
const REST_MS = 20_000;
/** The app's first instruction: nanoseconds since 1970, by the clock that all of the node shares. */
const COMMAND = ['sh', '-c', 'date +%s%N; exec sleep 1d'];

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
const quartiles = (values: readonly number[]): string => {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => ((sorted[Math.floor(sorted.length * share)] ?? Number.NaN) / 1000).toFixed(2);
  return `${(median(values) / 1000).toFixed(2)} s (quartiles ${at(0.25)}, ${at(0.75)})`;
};
let ok = true;
function say(line: string, holds: boolean): void {
  ok &&= holds;
  console.log(`${line} (${holds ? 'holds' : 'DOES NOT HOLD'})`);
}

/** What does nothing, where Weir has its two. */
const IDLE: Manifest = {
  initContainers: [
    { name: 'nothing', image: TOOLS_IMAGE, imagePullPolicy: 'IfNotPresent', command: ['true'] },
    {
      name: 'idle',
      image: TOOLS_IMAGE,
      imagePullPolicy: 'IfNotPresent',
      command: ['sleep', '1d'],
      restartPolicy: 'Always',
    },
  ],
};

/** Milliseconds from the request to make the pod to its app's first instruction. */
async function startMs(namespace: Namespace, name: string, spec: Manifest): Promise<number> {
  const asked = Date.now();
  await namespace.apply(pod(name, { command: COMMAND, spec }));
  const said = await until(
    `first instruction of ${name}`,
    async () => {
      const text = await logs(namespace.name, name).catch(() => '');
      return text.endsWith('\n') ? text : undefined;
    },
    { seconds: 90, everyMs: 250 },
  );
  return Number(BigInt(said.trim()) / 1_000_000n) - asked;
}

/** VmRSS and its parts (proc_pid_status(5)) of a container's first process, in bytes. */
async function memory(namespace: Namespace, name: string, container: string): Promise<Record<string, number>> {
  const { status } = (await namespace.get(`pod/${name}`)) as {
    status?: { initContainerStatuses?: { name: string; containerID: string }[] };
  };
  const id = status?.initContainerStatuses
    ?.find((one) => one.name === container)
    ?.containerID.replace('containerd://', '');
  if (id === undefined) throw new Error(`${name} has no container ${container}`);
  const pid = new RegExp(`^${id}\\s+(\\d+)`, 'm').exec(await ctr('tasks', 'ls'))?.[1];
  const lines = readFileSync(`/proc/${pid}/status`, 'utf8').matchAll(
    /^(VmRSS|RssAnon|RssFile|RssShmem):\s+(\d+) kB$/gm,
  );
  return Object.fromEntries([...lines].map(([, field, kilobytes]) => [field as string, Number(kilobytes) * 1024]));
}

if (!isOwn)
  throw new Error('bench-cluster reads the node’s processes: it runs on the project’s own cluster (make cluster)');
await mustBeUp();
await installWeir();
const guarded = await Namespace.create('bench-guarded', { inject: true });
const plain = await Namespace.create('bench-plain', { inject: false });
try {
  await guarded.policy('none', { egress: [] });
  const times = { guarded: [] as number[], plain: [] as number[] };
  for (let round = 0; round <= ROUNDS; round++) {
    const pair = {
      guarded: await startMs(guarded, `pod-${round}`, {}),
      plain: await startMs(plain, `pod-${round}`, IDLE),
    };
    // The first of each fills caches.
    if (round > 0) {
      times.guarded.push(pair.guarded);
      times.plain.push(pair.plain);
    }
    if (round < ROUNDS) {
      await guarded.kubectl('delete', 'pod', `pod-${round}`, '--wait=false');
      await plain.kubectl('delete', 'pod', `pod-${round}`, '--wait=false');
    }
  }
  const added = median(times.guarded) - median(times.plain);
  console.log(
    `start of a pod, guarded: ${quartiles(times.guarded)}; with two that do nothing: ${quartiles(times.plain)}`,
  );
  say(
    `added to the start of a pod: ${(added / 1000).toFixed(2)} s, at most ${MOST_ADDED_MS / 1000} s`,
    added <= MOST_ADDED_MS,
  );

  await new Promise((resolve) => setTimeout(resolve, REST_MS));
  const { VmRSS = Number.NaN, RssAnon = 0, RssFile = 0 } = await memory(guarded, `pod-${ROUNDS}`, 'weir');
  const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`;
  say(
    `memory of a sidecar at rest: ${megabytes(VmRSS)} (its own ${megabytes(RssAnon)}, of files, shared ${megabytes(RssFile)}), at most ${megabytes(MOST_RSS_BYTES)}`,
    VmRSS <= MOST_RSS_BYTES,
  );
} finally {
  await guarded.delete();
  await plain.delete();
}
process.exitCode = ok ? 0 : 1;
