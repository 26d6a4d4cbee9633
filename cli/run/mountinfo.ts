/** /proc/PID/mountinfo (proc_pid_mountinfo(5)), parsed. Pure. */

export interface MountEntry {
  /** `major:minor` of the file system. */
  device: string;
  /** The directory of the file system that is mounted. */
  root: string;
  /** Where it is mounted. */
  path: string;
  type: string;
}

/** The mounts in the order in which they were made: a later one on the same path hides an earlier one. */
export function parseMountinfo(text: string): MountEntry[] {
  return text.split('\n').flatMap((line): MountEntry[] => {
    const [before = '', after] = line.split(' - ');
    const [, , device, root, path] = before.split(' ');
    const type = after?.split(' ')[0];
    if (device === undefined || root === undefined || path === undefined || type === undefined) return [];
    return [{ device, root: unescaped(root), path: unescaped(path), type }];
  });
}

/** Space, tab, newline and backslash are written as octal escapes. */
function unescaped(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

/** Whether `path` is `directory` or lies below it. Both absolute and normalised. */
export function isWithin(path: string, directory: string): boolean {
  return path === directory || path.startsWith(directory === '/' ? '/' : `${directory}/`);
}

/** The mount that shows `path`: the longest prefix, the later of equals. */
export function mountOf(path: string, mounts: readonly MountEntry[]): MountEntry | undefined {
  let best: MountEntry | undefined;
  for (const mount of mounts) {
    if (isWithin(path, mount.path) && (best === undefined || mount.path.length >= best.path.length)) best = mount;
  }
  return best;
}

/** File systems whose directories have the host mount or resolve whatever name is looked up in them: a lookup sends the name out. */
const ON_DEMAND_TYPES = new Set(['autofs', 'afs']);

/** Visible mount points on which a mere lookup reaches the network by way of the host, outermost first. */
export function onDemandMounts(mounts: readonly MountEntry[]): string[] {
  const hidden = (mount: MountEntry, i: number): boolean =>
    mounts.some((other, j) => j > i && isWithin(mount.path, other.path));
  return mounts.filter((mount, i) => ON_DEMAND_TYPES.has(mount.type) && !hidden(mount, i)).map((mount) => mount.path);
}
