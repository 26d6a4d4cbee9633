/**
 * The descriptors 0, 1 and 2 that the command inherits.
 *
 * A descriptor remembers where it comes from: a file its mount, which is one of the host's, outside the read-only view (through
 * /proc/self/fd the command could open the same file for writing, and from a directory it could walk anywhere); a socket its
 * network namespace (it could be turned to another address there). So only what cannot be turned to anything else is passed on:
 * pipes, connected Unix streams, files that were opened for writing (the caller's gift) and a few devices. Files that were
 * opened for reading are opened anew inside the view. Everything else is refused.
 */
import fs from 'node:fs';
import { getOption, SO_DOMAIN, SOL_SOCKET } from '../../sidecar/tcp/native.ts';
import { hasPeer, seekTo, statusFlags } from './native.ts';

const O_ACCMODE = 3;
const O_PATH = 0o10000000;

const AF_UNIX = 1;
const SO_TYPE = 3;
const SOCK_STREAM = 1;

/** Memory devices (Documentation/admin-guide/devices.txt): null, zero, full, random, urandom. */
const MEMORY_MAJOR = 1;
const HARMLESS_MINORS = [3, 5, 7, 8, 9];

const NAMES = ['standard input', 'standard output', 'standard error'];

export class DescriptorError extends Error {
  override readonly name = 'DescriptorError';
}

/**
 * What to give the command for descriptor `fd`: itself, or a new descriptor on the same file. To be called when the file system is
 * read-only and nothing is hidden yet. @throws DescriptorError
 */
export function safeDescriptor(fd: number): number {
  const stats = fs.fstatSync(fd);
  const flags = statusFlags(fd);
  const refuse = (what: string, advice = ''): never => {
    throw new DescriptorError(`${NAMES[fd]} is ${what}${advice}`);
  };
  if ((flags & O_PATH) !== 0) return refuse('no open file');
  if (stats.isFIFO()) return fd;
  if (stats.isSocket()) {
    return isConnectedUnixStream(fd) ? fd : refuse('a network socket', `: put cat between it and weir`);
  }
  if (stats.isCharacterDevice()) return isHarmless(stats.rdev) ? fd : refuse('a device');
  if (stats.isDirectory()) return refuse('a directory');
  if (!stats.isFile()) return refuse('neither a file nor a pipe');
  // A file without a name left belongs to whoever holds it open.
  if (stats.nlink === 0 || (flags & O_ACCMODE) !== fs.constants.O_RDONLY) return fd;
  return reopened(fd, stats) ?? refuse('a file that has no name here', ': pipe it in (cat FILE | weir run …)');
}

/** Unlike a datagram socket or one of the internet families, it keeps the peer that it has (connect(2)). */
function isConnectedUnixStream(fd: number): boolean {
  const option = (name: number): number => getOption(fd, SOL_SOCKET, name, 4).readUInt32LE();
  return option(SO_DOMAIN) === AF_UNIX && option(SO_TYPE) === SOCK_STREAM && hasPeer(fd);
}

/** @param device as stat(2) has it: 12 bits of major and 20 of minor number, interleaved (makedev(3)) */
function isHarmless(device: number): boolean {
  return HARMLESS_MINORS.some((minor) => device === (MEMORY_MAJOR << 8) + minor);
}

/** The same file by its name, at the same position, on a read-only mount; undefined when the name leads to another file or nowhere. */
function reopened(fd: number, stats: fs.Stats): number | undefined {
  const position = /^pos:\s*(\d+)/m.exec(fs.readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))?.[1] ?? '0';
  let opened: number;
  try {
    opened = fs.openSync(fs.readlinkSync(`/proc/self/fd/${fd}`), fs.constants.O_RDONLY);
  } catch {
    return undefined;
  }
  const again = fs.fstatSync(opened);
  if (again.dev !== stats.dev || again.ino !== stats.ino) {
    fs.closeSync(opened);
    return undefined;
  }
  seekTo(opened, Number(position));
  return opened;
}
