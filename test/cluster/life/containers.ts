/** Containers of pods as the node has them: their processes, their memory. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ctr, type KubeObject, stateDirectory } from '../harness/index.ts';

interface ContainerStatus {
  name: string;
  containerID?: string;
  restartCount: number;
  state: { running?: object; terminated?: { exitCode: number; reason: string } };
  lastState: { terminated?: { exitCode: number; reason: string; message?: string } };
}

export function statusOf({ status }: KubeObject, container: string): ContainerStatus | undefined {
  const { containerStatuses = [], initContainerStatuses = [] } = (status ?? {}) as Record<string, ContainerStatus[]>;
  return [...initContainerStatuses, ...containerStatuses].find(({ name }) => name === container);
}

/** Process id of a task of containerd, by the id of its container. */
async function pidOf(id: string): Promise<number> {
  const line = (await ctr('task', 'ls')).split('\n').find((each) => each.startsWith(id));
  const pid = Number(line?.trim().split(/\s+/)[1]);
  if (!(pid > 1)) throw new Error(`no task of container ${id}`);
  return pid;
}

/** The first process of a container, on this machine. */
export function processOf(pod: KubeObject, container: string): Promise<number> {
  return pidOf((statusOf(pod, container)?.containerID ?? '').replace('containerd://', ''));
}

/** The process that holds a pod's network: without it the kubelet makes the pod's sandbox anew. */
export function sandboxOf(pod: KubeObject): Promise<number> {
  return labelled(pod, 'io.cri-containerd.kind', 'sandbox');
}

/** As `processOf`, while the kubelet waits for the hook after a container's start and says nothing of it. Throws when there is none. */
export function startingProcessOf(pod: KubeObject, container: string): Promise<number> {
  return labelled(pod, 'io.kubernetes.container.name', container);
}

async function labelled({ metadata }: KubeObject, label: string, value: string): Promise<number> {
  const filter = `labels."io.kubernetes.pod.uid"==${metadata.uid},labels."${label}"==${value}`;
  const id = (await ctr('containers', 'ls', '--quiet', filter)).trim().split('\n')[0] ?? '';
  return pidOf(id);
}

/** Empties an `emptyDir` of a pod. */
export function emptyVolume({ metadata }: KubeObject, volume: string): void {
  const directory = join(stateDirectory, 'kubelet/pods', metadata.uid, 'volumes/kubernetes.io~empty-dir', volume);
  for (const name of readdirSync(directory)) rmSync(join(directory, name), { recursive: true });
}

/** Takes memory from a container until the kernel kills it for want of it. Both versions of cgroups. */
export async function starve(pid: number, isDead: () => boolean, ms = 20_000): Promise<void> {
  const groups = readFileSync(`/proc/${pid}/cgroup`, 'latin1').trim().split('\n');
  const v1 = groups.find((line) => line.split(':')[1]?.split(',').includes('memory'));
  const path = (v1 ?? groups[0] ?? '').split(':').slice(2).join(':');
  const directory = v1 === undefined ? `/sys/fs/cgroup${path}` : `/sys/fs/cgroup/memory${path}`;
  const [limit, usage] =
    v1 === undefined ? ['memory.max', 'memory.current'] : ['memory.limit_in_bytes', 'memory.usage_in_bytes'];
  for (const end = Date.now() + ms; Date.now() < end && !isDead(); await sleep(20)) {
    try {
      const bytes = Number(readFileSync(`${directory}/${usage}`, 'latin1'));
      // The old cgroups refuse a limit below what is used: then it is what is used, and the next page is too much.
      writeFileSync(`${directory}/${limit}`, String(Math.floor(bytes / 4096) * 4096));
    } catch {
      // Busy, or gone.
    }
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
