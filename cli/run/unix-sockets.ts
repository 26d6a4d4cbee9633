/** /proc/net/unix, parsed, and its paths as another mount namespace would name them. Pure. */
import { isWithin, type MountEntry, mountOf } from './mountinfo.ts';

export interface BoundSocket {
  /** As given to bind(2): absolute, or relative to the working directory that the process had then. */
  path: string;
  /** Inode of the socket itself (as in /proc/PID/fd), not of its file. */
  inode: number;
}

/** Sockets bound to a path. Abstract names are left out: they are scoped to the network namespace. */
export function parseUnixSockets(text: string): BoundSocket[] {
  return text.split('\n').flatMap((line): BoundSocket[] => {
    const match = /^[0-9a-f]+: [0-9A-F]+ [0-9A-F]+ [0-9A-F]+ [0-9A-F]+ [0-9A-F]+ +(\d+) (.+)$/.exec(line);
    const path = match?.[2];
    if (path === undefined || path.startsWith('@')) return [];
    return [{ path, inode: Number(match?.[1]) }];
  });
}

/** Every path at which `ours` shows the file that a process with the mounts `theirs` calls `path`. */
export function translatePath(path: string, theirs: readonly MountEntry[], ours: readonly MountEntry[]): string[] {
  const from = mountOf(path, theirs);
  if (from === undefined) return [];
  const inFileSystem = join(from.root, path.slice(from.path === '/' ? 0 : from.path.length));
  return ours
    .filter((mount) => mount.device === from.device && isWithin(inFileSystem, mount.root))
    .map((mount) => join(mount.path, mount.root === '/' ? inFileSystem : inFileSystem.slice(mount.root.length)));
}

function join(directory: string, rest: string): string {
  const joined = `${directory === '/' ? '' : directory}${rest.startsWith('/') || rest === '' ? rest : `/${rest}`}`;
  return joined === '' ? '/' : joined;
}
