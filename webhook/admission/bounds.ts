/** What is not looked at because it is too large: counted before any other work, for anybody in the cluster may send a review. */
import { allContainers, type Pod } from './pod.ts';
import type { Refusal } from './refusal.ts';

/** Containers of all kinds and volumes of a pod, in all. etcd's 1.5 MiB end most pods long before. */
export const MAX_PARTS = 1000;
/** What is listed in them, in all: variables, mounts, ports, sources. A CI system gives each container hundreds of variables. */
export const MAX_ENTRIES = 10_000;
/** Characters of a container's or a volume's name, which is told with each of its faults (RFC 1123, a subdomain). */
export const MAX_NAME = 253;
/** Characters of a review: names and texts, and one for each value. An update of a pod of 1.5 MiB, the most that etcd takes. */
export const MAX_REVIEW_SIZE = 3_000_000;

/** Of a pod that is to be injected or judged. */
export function boundRefusals({ spec }: Pod): Refusal[] {
  const containers = [spec?.initContainers, spec?.containers, spec?.ephemeralContainers];
  const parts = containers.reduce((sum, list) => sum + count(list), count(spec?.volumes));
  if (parts > MAX_PARTS) return [tooMany(`${parts} containers and volumes`, MAX_PARTS)];
  let entries = 0;
  for (const { container } of allContainers(spec)) {
    const { env, envFrom, ports, volumeMounts } = container;
    entries += count(env) + count(envFrom) + count(ports) + count(volumeMounts);
  }
  for (const { projected } of spec?.volumes ?? []) entries += count(projected?.sources);
  if (entries > MAX_ENTRIES) return [tooMany(`${entries} variables, mounts, ports and sources`, MAX_ENTRIES)];
  const names = [...allContainers(spec).map(({ container }) => container), ...(spec?.volumes ?? [])];
  return names.some(({ name }) => typeof name === 'string' && name.length > MAX_NAME)
    ? [{ path: 'spec', message: `has a name of more than ${MAX_NAME} characters; choose a shorter one` }]
    : [];
}

/** Of a whole request. */
export function sizeRefusals(request: unknown): Refusal[] {
  if (!isLarger(request, MAX_REVIEW_SIZE)) return [];
  return [{ path: 'request', message: `is larger than ${MAX_REVIEW_SIZE} characters; make the object smaller` }];
}

function isLarger(value: unknown, limit: number): boolean {
  const rest: unknown[] = [value];
  let size = 0;
  while (rest.length > 0) {
    const each = rest.pop();
    size += typeof each === 'string' ? each.length + 1 : 1;
    if (typeof each === 'object' && each !== null) {
      for (const name in each) {
        size += Array.isArray(each) ? 0 : name.length;
        rest.push((each as Record<string, unknown>)[name]);
      }
    }
    if (size + rest.length > limit) return true;
  }
  return false;
}

function count(list: readonly unknown[] | undefined): number {
  return Array.isArray(list) ? list.length : 0;
}

function tooMany(what: string, bound: number): Refusal {
  return { path: 'spec', message: `has ${what}, and ${bound} is the most; split the pod` };
}
