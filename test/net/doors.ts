/** The ways by file name into daemons of the client: what local mode must keep shut. Pure. */
import path from 'node:path';
import type { Attack } from './attacks/index.ts';

/**
 * unix: a socket at its bound path; relative: bound by a relative name; renamed after it was bound; elsewhere: of a daemon in
 * another network namespace; later: bound when the command already runs; abstract; fifo: a named pipe that a daemon reads.
 */
export interface Door {
  kind: 'unix' | 'relative' | 'renamed' | 'elsewhere' | 'later' | 'abstract' | 'fifo';
  /** Absolute path, or the abstract name. */
  name: string;
  /** What the table calls it: the same in every topology. */
  title: string;
  limit?: string;
}

const PROJECT_IS_SHARED = 'the project is the one place that both sides write';

/** `directory` and `project` as on the stage; its base name marks directories of the same life elsewhere. */
export function doorsOf(directory: string, project: string): Door[] {
  const base = path.basename(directory);
  const at = (kind: Door['kind'], place: string, file: string, title: string): Door => ({
    kind,
    name: path.join(place, file),
    title: `${kind} in ${title}`,
  });
  const beside = `/srv/${base}`;
  return [
    at('unix', path.join(directory, 'daemon'), 'socket', '/var/tmp'),
    at('unix', project, 'socket', 'the project'),
    at('unix', `/run/${base}`, 'socket', '/run'),
    at('unix', `/tmp/${base}`, 'socket', '/tmp'),
    at('unix', `/dev/shm/${base}`, 'socket', '/dev/shm'),
    at('unix', beside, 'socket', '/srv'),
    at('relative', path.join(beside, 'relative'), 'socket', '/srv'),
    at('renamed', path.join(beside, 'renamed'), 'socket', '/srv'),
    at('elsewhere', path.join(beside, 'elsewhere'), 'socket', '/srv'),
    at('later', beside, 'later', '/srv'),
    at('later', path.join(beside, 'alone'), 'later', '/srv, a directory of its own'),
    { ...at('later', project, 'later', 'the project'), limit: PROJECT_IS_SHARED },
    at('fifo', beside, 'fifo', '/srv'),
    { ...at('fifo', project, 'fifo', 'the project'), limit: PROJECT_IS_SHARED },
    { kind: 'abstract', name: 'weir-test-daemon', title: 'abstract' },
  ];
}

/** One attack a door; two where a datagram socket lies beside the stream. */
export function doorAttacks(doors: readonly Door[]): Attack[] {
  const one = (group: string, variant: string, { kind, name, title, limit }: Door, daemon: string): Attack => ({
    name: `${group}/${title}${variant === 'datagram' ? ', datagram' : ''}`,
    run: ['unix.py', variant, name],
    control: 'heard',
    modes: ['local'],
    daemon,
    ...(kind === 'later' ? { alone: true as const } : {}),
    ...(limit === undefined ? {} : { limit }),
  });
  return doors.flatMap((door) => {
    switch (door.kind) {
      case 'fifo':
        return [one('fifo', 'fifo', door, `fifo ${door.name}`)];
      case 'abstract':
        return [one('unix', 'abstract', door, `unix @${door.name}`)];
      default:
        return [
          one('unix', 'path', door, `unix ${door.name}`),
          one('unix', 'datagram', door, `unix ${door.name}.dgram`),
        ];
    }
  });
}
