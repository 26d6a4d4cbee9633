/**
 * Which directories are shown through an overlay. Pure.
 *
 * Through a file system of its own a Unix socket or a named pipe is another one than outside: what connects or writes there finds
 * nobody, whatever daemon makes it, under whatever name, at whatever time. An overlay cannot be laid over a directory that other
 * mounts lie in; there, each of its directories gets its own.
 */
import { isWithin, type MountEntry } from './mountinfo.ts';

/** File systems that are read-only by kind: no daemon can have a socket there. */
const IMMUTABLE_TYPES = new Set(['squashfs', 'erofs', 'iso9660', 'cramfs']);

/**
 * The directories below (or at) `start` to lay an overlay over, none inside another.
 * @param except trees that are left alone
 * @param directories the names of the directories (not links) in a directory; empty when it cannot be read
 */
export function isolatedDirectories(
  start: string,
  mounts: readonly MountEntry[],
  except: readonly string[],
  directories: (directory: string) => string[],
): string[] {
  const visit = (directory: string): string[] => {
    if (except.includes(directory)) return [];
    const inside = mounts.filter(({ path }) => path !== directory && isWithin(path, directory));
    if (inside.length === 0) return isImmutable(directory, mounts) ? [] : [directory];
    const names = new Set(directories(directory));
    // A directory that cannot be listed can still be passed through on the way to a mount.
    const prefix = directory === '/' ? '/' : `${directory}/`;
    for (const { path } of inside) names.add(path.slice(prefix.length).split('/')[0] as string);
    return Array.from(names).flatMap((name) => visit(`${prefix}${name}`));
  };
  return visit(start);
}

function isImmutable(directory: string, mounts: readonly MountEntry[]): boolean {
  const type = mounts.findLast(({ path }) => path === directory)?.type;
  return type !== undefined && IMMUTABLE_TYPES.has(type);
}
