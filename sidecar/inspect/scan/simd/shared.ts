/** What takes long to make and is the same in every thread: it is made once. */
import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads';

/** What a thread that started this one has made under this name, or else what `make` makes. It has to be one that can be cloned. */
export function shared<T extends object>(name: string, make: () => T): T {
  const given = getEnvironmentData(name) as T | undefined;
  if (given !== undefined) return given;
  const made = make();
  setEnvironmentData(name, made as Parameters<typeof setEnvironmentData>[1]);
  return made;
}
