/**
 * The descriptors 0, 1 and 2 that the command inherits.
 *
 * A descriptor remembers the mount it was opened on, which here is one of the host's, outside the read-only view: through
 * /proc/self/fd the command could open the same file again for writing, and from a directory it could walk anywhere. So files that
 * were opened for reading are opened anew inside the view, directories and disks are refused; what was opened for writing is the
 * caller's gift, as are pipes and sockets.
 */
import fs from 'node:fs';
import { seekTo, statusFlags } from './native.ts';

const O_ACCMODE = 3;
const O_PATH = 0o10000000;

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
  if (stats.isDirectory() || stats.isBlockDevice() || (flags & O_PATH) !== 0) {
    throw new DescriptorError(`${NAMES[fd]} is a ${stats.isBlockDevice() ? 'disk' : 'directory'}`);
  }
  if (fs.readlinkSync(`/proc/self/fd/${fd}`).includes('io_uring'))
    throw new DescriptorError(`${NAMES[fd]} is an io_uring`);
  // A file without a name left belongs to whoever holds it open.
  if (!stats.isFile() || stats.nlink === 0 || (flags & O_ACCMODE) !== fs.constants.O_RDONLY) return fd;
  return reopened(fd, stats);
}

function reopened(fd: number, stats: fs.Stats): number {
  const position = /^pos:\s*(\d+)/m.exec(fs.readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))?.[1] ?? '0';
  let opened: number | undefined;
  try {
    opened = fs.openSync(fs.readlinkSync(`/proc/self/fd/${fd}`), fs.constants.O_RDONLY);
    const again = fs.fstatSync(opened);
    if (again.dev === stats.dev && again.ino === stats.ino) {
      seekTo(opened, Number(position));
      return opened;
    }
  } catch {
    // Falls through to the refusal, whatever the cause.
  }
  if (opened !== undefined) fs.closeSync(opened);
  throw new DescriptorError(`${NAMES[fd]} is a file that has no name here: pipe it in (cat FILE | weir run …)`);
}
