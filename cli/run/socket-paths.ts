/**
 * Which Unix sockets of the host the command might reach. A socket with a path is found through the file system, so neither the
 * network namespace nor a read-only mount stops connect(2). Overlays do, where they can be laid; in the places that the command
 * may write, and where there is no overlay, each socket has to be covered.
 *
 * /proc/net/unix alone is not enough: it has the name that was bound, which may be relative or renamed since (OpenSSH binds a
 * temporary name and renames it), and only the sockets of its own network namespace, while a container's socket in a shared
 * directory lies in another. So the sockets of every network namespace are listed, translated to our mounts, and every socket
 * beside one of them counts too.
 */
import fs from 'node:fs';
import path from 'node:path';
import { type MountEntry, parseMountinfo } from './mountinfo.ts';
import { type BoundSocket, parseUnixSockets, translatePath } from './unix-sockets.ts';

/** Directories under the home directory where programs make sockets while others look on, watched even when no socket is listed there. */
const HOME_SOCKET_DIRECTORIES = ['.ssh', '.gnupg', '.docker/run', '.docker/desktop'];

/** Absolute paths of socket files that exist now. */
export function hostSocketPaths(home: string | undefined): string[] {
  const ours = parseMountinfo(read('/proc/self/mountinfo'));
  const named = new Set<string>();
  for (const pid of onePidPerNetwork()) {
    const theirs = parseMountinfo(read(`/proc/${pid}/mountinfo`));
    const sockets = parseUnixSockets(read(`/proc/${pid}/net/unix`));
    for (const absolute of absolutePaths(sockets)) {
      named.add(path.normalize(absolute));
      for (const translated of translatePath(absolute, theirs, ours)) named.add(path.normalize(translated));
    }
  }
  const directories = new Set(Array.from(named, path.dirname));
  if (home !== undefined) for (const name of HOME_SOCKET_DIRECTORIES) directories.add(path.join(home, name));
  return [...directories, ...otherMountPoints(directories, ours)].flatMap(socketsIn);
}

/** The same directories where a file system is mounted twice. */
function otherMountPoints(directories: ReadonlySet<string>, ours: readonly MountEntry[]): string[] {
  const all = Array.from(directories).flatMap((directory) => translatePath(directory, ours, ours));
  return Array.from(new Set(all)).filter((directory) => !directories.has(directory));
}

/** Our own process and one of each other network namespace; the inode of its /proc entry tells namespaces apart without privileges. */
function onePidPerNetwork(): string[] {
  const seen = new Map<number, string>();
  for (const pid of ['self', ...fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name))]) {
    const inode = inodeOf(`/proc/${pid}/net/unix`);
    if (inode !== undefined && !seen.has(inode)) seen.set(inode, pid);
  }
  return Array.from(seen.values());
}

/** undefined when there is no such file, or its process has just ended (ESRCH, EINVAL). */
function inodeOf(file: string): number | undefined {
  try {
    return fs.statSync(file).ino;
  } catch {
    return undefined;
  }
}

/** Relative names are tried against the working directory of whoever holds the socket now. */
function absolutePaths(sockets: readonly BoundSocket[]): string[] {
  const absolute = sockets.filter((socket) => socket.path.startsWith('/')).map((socket) => socket.path);
  const relative = new Map(
    sockets.filter((socket) => !socket.path.startsWith('/')).map((socket) => [`socket:[${socket.inode}]`, socket.path]),
  );
  return relative.size === 0 ? absolute : [...absolute, ...relativePaths(relative)];
}

function relativePaths(byInode: ReadonlyMap<string, string>): string[] {
  const found: string[] = [];
  for (const pid of fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      for (const fd of fs.readdirSync(`/proc/${pid}/fd`)) {
        const relative = byInode.get(linkTarget(`/proc/${pid}/fd/${fd}`));
        if (relative !== undefined) found.push(path.resolve(fs.readlinkSync(`/proc/${pid}/cwd`), relative));
      }
    } catch {
      // Another user's process, or one that has just ended.
    }
  }
  return found;
}

function linkTarget(link: string): string {
  try {
    return fs.readlinkSync(link);
  } catch {
    return '';
  }
}

function read(file: string): string {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function socketsIn(directory: string): string[] {
  try {
    return fs
      .readdirSync(directory, { withFileTypes: true })
      .filter((entry) => entry.isSocket())
      .map((entry) => path.join(directory, entry.name));
  } catch {
    return [];
  }
}
