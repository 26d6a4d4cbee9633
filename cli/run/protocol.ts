/**
 * What parent and holder say to each other. Over Node's IPC while the sandbox is made; after that over a plain pipe, whose end
 * also tells each side that the other is gone.
 */
import type { Tools } from './tools.ts';

/** The file system that the command is to see. Absolute physical paths, checked by the parent. */
export interface View {
  writable: string[];
  masks: string[];
  /** Files and directories that may lie in a writable place and that the command must not change: the policies, and Weir itself. */
  protected: string[];
  /** Files of Unix sockets that belong to the host. */
  sockets: string[];
  home: string | undefined;
}

/** A file that the command sees with our contents. */
export interface Replacement {
  path: string;
  /** Base64. */
  contents: string;
}

export interface Prepare {
  type: 'prepare';
  tools: Tools;
  view: View;
}

export interface Start {
  type: 'start';
  command: string[];
  env: Record<string, string>;
  cwd: string;
  uid: number;
  gid: number;
  /** Below WEIR_DIRECTORY. */
  files: { name: string; contents: string }[];
  replacements: Replacement[];
  /** Number of the pseudo-terminal and which of the descriptors 0, 1, 2 it stands for. */
  terminal: { number: number; descriptors: number[] } | undefined;
}

export type ToHolder = Prepare | Start;

export type ListenerKind = 'tcp' | 'dnsTcp' | 'dnsUdp';
export type FromHolder =
  /** A listener comes with a net.Server or a dgram.Socket. `notIsolated`: where sockets of daemons that start later can be reached. */
  | { type: 'listener'; kind: ListenerKind }
  | { type: 'ready'; notIsolated: string[] }
  | { type: 'failed'; message: string; status: number };

/** Where Weir's own files are for the command. */
export const WEIR_DIRECTORY = '/run/weir';

/** Descriptor of the pipe in the holder: after stdio and IPC. */
export const CONTROL_FD = 4;

/** Signals that are passed on, from outside to the command. */
export const FORWARDED_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const;
export type ForwardedSignal = (typeof FORWARDED_SIGNALS)[number];

/** The sandbox could not be made. */
export const STATUS_SANDBOX = 125;
export const STATUS_NOT_EXECUTABLE = 126;
export const STATUS_NOT_FOUND = 127;

/** Every query goes to Weir, whatever address it is sent to; this one needs no route. */
export const COMMAND_RESOLV_CONF = 'nameserver 127.0.0.1\n';
/** The host's own entries are for Weir to look up, after the name was judged. */
export const COMMAND_HOSTS = '127.0.0.1\tlocalhost localhost.localdomain\n::1\tlocalhost ip6-localhost ip6-loopback\n';
