/**
 * The file system that the command sees, made in the holder's own mount namespace.
 *
 * What is to be kept writable or reachable is first copied as detached mounts; then the whole tree is made read-only at once,
 * and shown through overlays; then the copies are attached, over the private directories. The command's user namespace owns none of these mounts, and in a
 * namespace of its own below they are locked: what is covered here stays covered.
 */
import fs from 'node:fs';
import path from 'node:path';
import { closeDescriptor } from '../../sidecar/tcp/native.ts';
import { isolatedDirectories } from './isolation.ts';
import { isWithin, type MountEntry, onDemandMounts, parseMountinfo } from './mountinfo.ts';
import {
  attachTree,
  cloneTree,
  MOUNT_ATTR_NODEV,
  MOUNT_ATTR_NOSUID,
  MOUNT_ATTR_RDONLY,
  MS_NODEV,
  MS_NOEXEC,
  MS_NOSUID,
  MS_RDONLY,
  mount,
  setMountAttributes,
} from './native.ts';
import { type Replacement, type View, WEIR_DIRECTORY } from './protocol.ts';

/** Devices that hold nothing and control nothing. A private /dev has these and no others: file modes do not stop root from a disk. */
const DEVICES = ['full', 'null', 'random', 'tty', 'urandom', 'zero'];
const DEVICE_LINKS: readonly (readonly [name: string, target: string])[] = [
  ['fd', '/proc/self/fd'],
  ['stdin', '/proc/self/fd/0'],
  ['stdout', '/proc/self/fd/1'],
  ['stderr', '/proc/self/fd/2'],
  ['ptmx', 'pts/ptmx'],
];

/** Directories of which the command gets its own, empty: daemons keep their sockets there. */
const PRIVATE_DIRECTORIES = ['/tmp', '/var/tmp', '/run', '/var/run'];
/** What programs need of a hidden /run: on NixOS every program is found through it. */
const KEPT_READ_ONLY = ['/run/current-system', '/run/opengl-driver'];

/** Kernel state that is nobody's business, or that root may change by file mode alone. The rest of /proc is made read-only but for the processes. */
const COVERED = [
  ...['/proc/acpi', '/proc/asound', '/proc/kcore', '/proc/key-users', '/proc/keys', '/proc/kmsg', '/proc/kpagecount'],
  ...['/proc/kpageflags', '/proc/latency_stats', '/proc/sched_debug', '/proc/scsi', '/proc/timer_list'],
  ...[
    '/sys/firmware',
    '/sys/kernel/debug',
    '/sys/kernel/security',
    '/sys/kernel/tracing',
    '/sys/devices/virtual/powercap',
  ],
];

const PROTECTED = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV;

/** What lies under a place that gets covered, held as a detached mount until it is attached again. */
interface Copy {
  path: string;
  tree: number;
  file: boolean;
}

/**
 * Makes the view. @param whileReadOnly runs when everything is read-only and nothing is hidden yet.
 * @returns directories that could not be isolated: there only the sockets that are known now are covered. @throws SystemError
 */
export function makeView(view: View, whileReadOnly: () => void): string[] {
  const onDemand = onDemandMounts(parseMountinfo(fs.readFileSync('/proc/self/mountinfo', 'utf8')));
  const proc = copy('/proc', MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
  const devices = DEVICES.map((name) => copy(`/dev/${name}`, 0));
  const readOnly = keptPaths(view, onDemand).map((place) => copy(place, PROTECTED));
  const writable = view.writable.map((place) => copy(place, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV));
  setMountAttributes('/', PROTECTED);
  whileReadOnly();
  for (const place of onDemand) temporary(place, '0755');
  for (const place of privateDirectories()) temporary(place, '1777');
  for (const kept of [proc, ...readOnly]) attach(kept);
  makeWeirDirectory();
  const notIsolated = isolate(readOnly.map((kept) => kept.path));
  for (const place of writable) attach(place);
  makeDevices(devices);
  protectProc();
  for (const place of view.protected) protect(place, view.writable);
  for (const place of [...COVERED, ...view.sockets, ...view.masks]) cover(place);
  return notIsolated;
}

/** Shows everything that stays read-only through overlays. @returns the directories for which this kernel cannot do it */
function isolate(kept: readonly string[]): string[] {
  const except = ['/proc', '/sys', '/dev', ...privateDirectories()];
  const mounts = visibleMounts();
  const hidden = kept.filter((place) => except.some((directory) => isWithin(place, directory)));
  return ['/', ...hidden]
    .flatMap((start) => isolatedDirectories(start, mounts, except, subdirectories))
    .filter((directory) => !overlay(directory));
}

/** Lays an overlay over a directory: the directory itself and an empty one, since one layer alone is not allowed. False: not possible. */
function overlay(directory: string): boolean {
  try {
    // By the working directory: a name would have to be escaped.
    process.chdir(directory);
  } catch {
    // Where we cannot go, the command cannot.
    return true;
  }
  const options = `lowerdir=.:${path.join(WEIR_DIRECTORY, 'nothing')},redirect_dir=nofollow,metacopy=off,index=off`;
  try {
    mount('weir', '.', 'overlay', MS_RDONLY | MS_NOSUID | MS_NODEV, options);
    return true;
  } catch {
    return false;
  } finally {
    process.chdir('/');
  }
}

function subdirectories(directory: string): string[] {
  try {
    const entries = fs.readdirSync(directory, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  } catch {
    return [];
  }
}

/** Without those that lie under a later one. */
function visibleMounts(): MountEntry[] {
  const mounts = parseMountinfo(fs.readFileSync('/proc/self/mountinfo', 'utf8'));
  return mounts.filter((mount, i) => !mounts.some((later, j) => j > i && isWithin(mount.path, later.path)));
}

/** A /tmp for the holder's own tools until the view is made: whenever it is killed, nothing stays behind on the host. */
export function makeScratch(): void {
  const directory = '/dev/shm';
  if (!fs.existsSync(directory)) return;
  temporary(directory, '0700');
  process.env.TMPDIR = directory;
}

/** Weir's own files for the command; from here on the directory is read-only. */
export function writeWeirFiles(files: readonly { name: string; contents: string }[]): void {
  for (const { name, contents } of files) {
    fs.writeFileSync(path.join(WEIR_DIRECTORY, name), Buffer.from(contents, 'base64'), { mode: 0o444 });
  }
}

/** Shows our contents in place of files; a link is followed, into a private directory if it must be. Then closes Weir's directory. */
export function replaceFiles(replacements: readonly Replacement[]): void {
  replacements.forEach(({ path: place, contents }, i) => {
    const bytes = Buffer.from(contents, 'base64');
    const target = linkEnd(place);
    if (fs.existsSync(target)) {
      const name = path.join(WEIR_DIRECTORY, `replacement-${i}`);
      fs.writeFileSync(name, bytes, { mode: 0o444 });
      const tree = cloneTree(name);
      setMountAttributes(tree, PROTECTED);
      attach({ path: target, tree, file: true });
    } else if (privateDirectories().some((directory) => isWithin(target, directory))) {
      fs.mkdirSync(path.dirname(target), { recursive: true });
      fs.writeFileSync(target, bytes);
    }
  });
  setMountAttributes(WEIR_DIRECTORY, PROTECTED);
}

/** A home directory that lies in a private directory stays visible; so does what is mounted below an on-demand mount. */
function keptPaths({ home }: View, onDemand: readonly string[]): string[] {
  const homes = home !== undefined && privateDirectories().some((place) => place !== home && isWithin(home, place));
  const mounts = parseMountinfo(fs.readFileSync('/proc/self/mountinfo', 'utf8')).map((entry) => entry.path);
  const below = mounts.filter((place) => onDemand.some((cause) => place !== cause && isWithin(place, cause)));
  const outermost = below.filter(
    (place) => !onDemand.includes(place) && !below.some((other) => other !== place && isWithin(place, other)),
  );
  return [...KEPT_READ_ONLY, ...(homes ? [home as string] : []), ...outermost].filter((place) => fs.existsSync(place));
}

function copy(place: string, attributes: number): Copy {
  const tree = cloneTree(place);
  if (attributes !== 0) setMountAttributes(tree, attributes);
  return { path: place, tree, file: !fs.statSync(place).isDirectory() };
}

/** Attaches a copy where it was; in a private directory the way to it is made first. */
function attach({ path: place, tree, file }: Copy): void {
  if (!fs.existsSync(place)) {
    fs.mkdirSync(file ? path.dirname(place) : place, { recursive: true });
    if (file) fs.writeFileSync(place, '');
  }
  attachTree(tree, place);
  closeDescriptor(tree);
}

function temporary(place: string, mode: string, flags = MS_NOSUID | MS_NODEV): void {
  mount('weir', place, 'tmpfs', flags, `mode=${mode}`);
}

/** Physical paths, each once: /var/run is most often a link to /run. */
function privateDirectories(): string[] {
  const real = PRIVATE_DIRECTORIES.filter((place) => fs.existsSync(place)).map((place) => fs.realpathSync(place));
  return Array.from(new Set(real));
}

function makeDevices(devices: readonly Copy[]): void {
  temporary('/dev', '0755', MS_NOSUID | MS_NOEXEC);
  for (const device of devices) attach(device);
  for (const [name, target] of DEVICE_LINKS) fs.symlinkSync(target, `/dev/${name}`);
  for (const directory of ['/dev/pts', '/dev/shm', '/dev/mqueue']) fs.mkdirSync(directory);
  setMountAttributes('/dev', MOUNT_ATTR_RDONLY);
  mount('weir', '/dev/pts', 'devpts', MS_NOSUID | MS_NOEXEC, 'newinstance,ptmxmode=0666,mode=0620');
  mount('weir', '/dev/mqueue', 'mqueue', MS_NOSUID | MS_NODEV | MS_NOEXEC, null);
  temporary('/dev/shm', '1777');
}

/** A mount of its own inside the private /run, so that it can be closed when its files are there. */
function makeWeirDirectory(): void {
  fs.mkdirSync(WEIR_DIRECTORY, { recursive: true });
  temporary(WEIR_DIRECTORY, '0755', MS_NOSUID | MS_NODEV | MS_NOEXEC);
  fs.mkdirSync(path.join(WEIR_DIRECTORY, 'nothing'), { mode: 0o555 });
  fs.writeFileSync(path.join(WEIR_DIRECTORY, 'empty'), '', { mode: 0o444 });
}

/** Processes may write below their own directories (a user namespace needs its uid_map); all else in /proc is the machine's. */
function protectProc(): void {
  for (const entry of fs.readdirSync('/proc', { withFileTypes: true })) {
    const place = `/proc/${entry.name}`;
    if (/^\d+$/.test(entry.name) || entry.isSymbolicLink() || COVERED.includes(place)) continue;
    if (entry.isFile() && (fs.statSync(place).mode & 0o222) === 0) continue;
    const tree = cloneTree(place);
    setMountAttributes(tree, PROTECTED);
    attach({ path: place, tree, file: entry.isFile() });
  }
}

/** Puts something empty over a file or directory. What the holder cannot see, the command, who has no more rights, cannot either. */
function cover(place: string): void {
  const directory = isDirectory(place);
  if (directory === undefined) return;
  const tree = cloneTree(path.join(WEIR_DIRECTORY, directory ? 'nothing' : 'empty'));
  setMountAttributes(tree, PROTECTED);
  attach({ path: fs.realpathSync(place), tree, file: !directory });
}

function isDirectory(place: string): boolean | undefined {
  try {
    return fs.statSync(place).isDirectory();
  } catch {
    return undefined;
  }
}

/**
 * Makes a file in a writable place read-only. A mount point cannot be renamed or replaced, but a directory above it can: so each
 * of those, below the writable place, becomes a mount point too.
 */
function protect(file: string, writable: readonly string[]): void {
  const place = writable.find((candidate) => isWithin(file, candidate));
  if (place === undefined || place === file || !fs.existsSync(file)) return;
  const steps = path.relative(place, path.dirname(file)).split('/');
  let directory = place;
  for (const step of steps.filter((part) => part !== '')) {
    directory = path.join(directory, step);
    attach(copy(directory, 0));
  }
  attach(copy(file, MOUNT_ATTR_RDONLY));
}

/** Where a chain of links ends, though nothing may be there; only the last component of each is followed by hand. */
function linkEnd(place: string): string {
  let at = place;
  for (let links = 0; links < 40; links += 1) {
    const target = readLink(at);
    if (target === undefined) return at;
    at = path.resolve(path.dirname(at), target);
  }
  return at;
}

function readLink(place: string): string | undefined {
  try {
    return fs.readlinkSync(place);
  } catch {
    return undefined;
  }
}
