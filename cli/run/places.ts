/**
 * Where the command may write: the working directory, the usual caches and what --write names. Everything else is read-only.
 *
 * The working directory alone is taken for the project (not the repository around it), and not at all when it is the home
 * directory, one above it, or a directory of the system: there a file left behind runs later with all rights.
 */
import path from 'node:path';
import { isWithin } from './mountinfo.ts';

export interface PlaceFacts {
  /** Physical path. */
  cwd: string;
  /** Physical path; undefined when there is none. */
  home: string | undefined;
  env: Readonly<Record<string, string | undefined>>;
  /** Arguments of --write. */
  write: readonly string[];
  /** The target of a symbolic link, undefined when `path` is none, `null` when it does not exist. */
  readlink(path: string): string | undefined | null;
}

export interface Places {
  /** Physical paths, none inside another. */
  writable: string[];
  warnings: string[];
  /** Why the arguments cannot be followed. */
  errors: string[];
}

/** Caches of package managers, below the home directory; only those that exist count. No directory with settings is among them. */
const HOME_CACHES = [
  '.npm',
  '.cache',
  '.cargo/registry',
  '.cargo/git',
  'go/pkg',
  '.m2/repository',
  '.gradle/caches',
  '.gradle/daemon',
  '.gradle/native',
  '.gradle/wrapper',
  '.ivy2/cache',
  '.nuget/packages',
  '.local/share/pnpm/store',
  '.local/share/NuGet',
  '.pnpm-store',
  '.yarn/berry',
  '.bun/install/cache',
  '.bundle/cache',
  '.composer/cache',
  '.conda/pkgs',
  '.cabal/packages',
  '.pub-cache',
];

/** Variables that say where such a cache is. */
const CACHE_VARIABLES = [
  'npm_config_cache',
  'XDG_CACHE_HOME',
  'GOMODCACHE',
  'GOCACHE',
  'PIP_CACHE_DIR',
  'UV_CACHE_DIR',
  'YARN_CACHE_FOLDER',
  'NUGET_PACKAGES',
  'DENO_DIR',
];

/** Never a project, though something below may be. */
const SYSTEM_DIRECTORIES = new Set([
  ...['/', '/home', '/root', '/opt', '/srv', '/mnt', '/media', '/run', '/tmp', '/usr', '/usr/local', '/usr/src'],
  ...['/var', '/var/cache', '/var/lib', '/var/log', '/var/opt', '/var/tmp'],
]);
/** Neither these nor anything below. */
const SYSTEM_TREES = [
  ...['/bin', '/boot', '/dev', '/etc', '/lib', '/lib32', '/lib64', '/proc', '/sbin', '/sys'],
  ...['/usr/bin', '/usr/include', '/usr/lib', '/usr/lib64', '/usr/libexec', '/usr/sbin', '/usr/share'],
  ...['/usr/local/bin', '/usr/local/lib', '/usr/local/sbin', '/usr/local/share', '/var/run', '/var/spool'],
];
/** Below the home directory: what other programs run or trust. */
const HOME_TREES = ['.aws', '.config', '.docker', '.gnupg', '.kube', '.local', '.ssh'];
/** Even --write may not open these: they are Weir's own there. */
const RESERVED_TREES = ['/dev', '/proc', '/sys', '/run/weir'];

/** Replaced by empty ones in the sandbox (`mounts.ts`). */
const PRIVATE_DIRECTORIES = ['/run', '/tmp', '/var/tmp'];

/** Symbolic links followed in one path, as the kernel counts (path_resolution(7)). */
export const MAX_LINKS = 40;

export function writablePlaces(facts: PlaceFacts): Places {
  const warnings: string[] = [];
  const errors: string[] = [];
  const candidates: string[] = [];
  const unsafe = systemReason(facts.cwd, facts.home);
  if (unsafe === undefined) candidates.push(facts.cwd);
  else if (PRIVATE_DIRECTORIES.includes(facts.cwd)) {
    warnings.push(`${facts.cwd} is the command's own here: it starts empty, and what is written there is lost`);
  } else
    warnings.push(`${facts.cwd} is ${unsafe}, not a project: it stays read-only (--write PATH opens a part of it)`);
  for (const cache of caches(facts)) {
    const real = resolve(cache, facts, () => false);
    if (real !== undefined && systemReason(real, facts.home, HOME_CACHES) === undefined) candidates.push(cache);
  }
  for (const argument of facts.write) {
    const absolute = path.resolve(facts.cwd, argument);
    const real = resolve(absolute, facts, () => false);
    if (real === undefined) errors.push(`--write ${argument}: no such file or directory`);
    else if (real === '/' || RESERVED_TREES.some((tree) => isWithin(real, tree)))
      errors.push(`--write ${argument}: not possible`);
    else candidates.push(absolute);
  }
  return { writable: outermost(candidates, facts), warnings, errors };
}

function caches({ home, env, cwd }: PlaceFacts): string[] {
  const named = CACHE_VARIABLES.flatMap((name) => env[name] ?? []).filter((value) => value !== '');
  return [
    ...(home === undefined ? [] : HOME_CACHES.map((cache) => path.join(home, cache))),
    ...named.map((value) => path.resolve(cwd, value)),
  ];
}

/** What kind of directory this is, when it must not be taken for a project or a cache. */
function systemReason(directory: string, home: string | undefined, except: readonly string[] = []): string | undefined {
  if (home !== undefined && isWithin(home, directory)) return 'the home directory or above it';
  if (home !== undefined && except.some((name) => isWithin(directory, path.join(home, name)))) return undefined;
  if (home !== undefined && HOME_TREES.some((name) => isWithin(directory, path.join(home, name)))) {
    return 'a directory of settings';
  }
  const system = SYSTEM_DIRECTORIES.has(directory) || SYSTEM_TREES.some((tree) => isWithin(directory, tree));
  return system ? 'a directory of the system' : undefined;
}

/**
 * Physical paths, without those that lie in another place. A path that passes through a symbolic link inside a writable place is
 * left out too: the command of an earlier run may have put the link there, to have this run open what it points to.
 */
function outermost(candidates: readonly string[], facts: PlaceFacts): string[] {
  const everywhere = new Set(candidates.flatMap((place) => [place, resolve(place, facts, () => false) ?? place]));
  const writable = (directory: string): boolean => Array.from(everywhere).some((place) => isWithin(directory, place));
  const resolved = candidates.flatMap((place) => resolve(place, facts, writable) ?? []);
  const unique = Array.from(new Set(resolved)).sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
  return unique.filter((place, i) => !unique.slice(0, i).some((outer) => isWithin(place, outer)));
}

/** The physical path, or undefined when it does not exist or a link lies in a directory for which `distrusted` holds. */
function resolve(place: string, facts: Links, distrusted: (directory: string) => boolean): string | undefined {
  const walked = walk(place, facts, distrusted);
  return 'real' in walked ? walked.real : undefined;
}

/**
 * The first symbolic link on the way to `place` that lies where the command may write: it could lead elsewhere when the next run
 * follows it. `place`: absolute; nothing need be there.
 */
export function movableLink(place: string, facts: Links, writable: readonly string[]): string | undefined {
  const walked = walk(place, facts, (directory) => writable.some((outer) => isWithin(directory, outer)));
  return 'distrusted' in walked ? walked.distrusted : undefined;
}

type Links = Pick<PlaceFacts, 'readlink'>;

/** Component by component, as the kernel does. `distrusted`: a link in a directory for which that holds. */
function walk(
  place: string,
  { readlink }: Links,
  distrusted: (directory: string) => boolean,
): { real: string } | { distrusted: string } | { absent: true } {
  const rest = place.split('/').filter((part) => part !== '');
  let at = '/';
  for (let links = 0; rest.length > 0; ) {
    const part = rest.shift() as string;
    if (part === '.' || part === '..') {
      if (part === '..') at = path.dirname(at);
      continue;
    }
    const next = path.join(at, part);
    const target = readlink(next);
    if (target === null) return { absent: true };
    if (target === undefined) {
      at = next;
      continue;
    }
    links += 1;
    if (distrusted(at)) return { distrusted: next };
    if (links > MAX_LINKS) return { absent: true };
    if (target.startsWith('/')) at = '/';
    rest.unshift(...target.split('/').filter((segment) => segment !== ''));
  }
  return { real: at };
}
