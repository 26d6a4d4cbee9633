/** Loads the rules with iptables-restore, in whichever of its two variants this kernel and this image have. */
import { spawn } from 'node:child_process';
import { accessSync, constants, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Where the tools are looked for. Never $PATH: in local mode it belongs to the project that is being guarded, and what is
 * found runs with power over the rules.
 */
export const TOOL_DIRECTORIES: readonly string[] = [
  '/usr/sbin',
  '/sbin',
  '/usr/bin',
  '/bin',
  '/usr/local/sbin',
  '/run/current-system/sw/bin',
];
/** A restore that has not ended by then never will. */
export const RESTORE_TIMEOUT_MS = 10_000;
const MAX_STDERR_BYTES = 4096;

export type Variant = 'nft' | 'legacy';
type Family = 'v4' | 'v6';

export interface ApplyOptions {
  /** 'absent' only when the kernel has no IPv6 at all: see `ipv6Support`. */
  v6: 'required' | 'absent';
  /**
   * Which variant to try first; the other one is tried when it fails. nft (the default) needs NET_ADMIN alone; legacy needs
   * NET_RAW too, but takes 2 ms where nft waits 25 ms for the kernel's grace periods.
   */
  prefer?: Variant;
  /** TOOL_DIRECTORIES and RESTORE_TIMEOUT_MS, unless a test says otherwise. */
  directories?: readonly string[];
  timeoutMs?: number;
}

/** Link-local IPv6 is enough to leak, so the IPv6 rules are optional only where no interface can ever have such an address. */
export function ipv6Support(path = '/proc/net/if_inet6'): 'required' | 'absent' {
  return existsSync(path) ? 'required' : 'absent';
}

/** The rules could not be loaded; the message says what was tried and what to install. */
export class ApplyError extends Error {
  override readonly name = 'ApplyError';
}

/**
 * Loads both families at once. A family's text is loaded whole or not at all by nft; with legacy table by table, mangle (the
 * one that holds the line) first.
 * @throws ApplyError when either family could not be loaded: the caller must not go on.
 */
export async function apply(texts: { v4: string; v6: string }, options: ApplyOptions): Promise<void> {
  const families: Family[] = options.v6 === 'required' ? ['v4', 'v6'] : ['v4'];
  const results = await Promise.allSettled(families.map((family) => restore(family, texts[family], options)));
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}

async function restore(family: Family, text: string, options: ApplyOptions): Promise<void> {
  const failures: string[] = [];
  for (const [variant, tool] of tools(family, options)) {
    const failure = await run(tool, text, variant, options.timeoutMs ?? RESTORE_TIMEOUT_MS);
    if (failure === undefined) return;
    failures.push(`${tool}: ${failure}`);
  }
  const name = family === 'v4' ? 'IPv4' : 'IPv6';
  throw new ApplyError(
    failures.length > 0
      ? `the ${name} rules could not be loaded: ${failures.join('; ')}`
      : `no ${names(family, 'nft')[0]} in ${(options.directories ?? TOOL_DIRECTORIES).join(', ')}: install the package iptables`,
  );
}

function names(family: Family, variant: Variant): string[] {
  const base = family === 'v4' ? 'iptables' : 'ip6tables';
  // The bare name is nft or legacy, as the distribution chose; where it is the only one, it is what there is.
  return variant === 'nft' ? [`${base}-nft-restore`, `${base}-restore`] : [`${base}-legacy-restore`];
}

/** Every tool of a family that exists, in the order to try. */
function tools(family: Family, { prefer = 'nft', directories = TOOL_DIRECTORIES }: ApplyOptions): [Variant, string][] {
  const order: Variant[] = prefer === 'nft' ? ['nft', 'legacy'] : ['legacy', 'nft'];
  return order.flatMap((variant) =>
    names(family, variant).flatMap((name): [Variant, string][] => {
      const path = directories.map((directory) => join(directory, name)).find(executable);
      return path === undefined ? [] : [[variant, path]];
    }),
  );
}

function executable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Runs one tool; undefined when it succeeded, else what it said. */
async function run(tool: string, text: string, variant: Variant, timeoutMs: number): Promise<string | undefined> {
  // legacy locks a file in /run, which an ordinary user, or a read-only root, does not have. Nobody else is in our namespace.
  const lock = variant === 'legacy' ? mkdtempSync(join(tmpdir(), 'weir-xtables-')) : undefined;
  try {
    return await feed(tool, text, timeoutMs, lock === undefined ? {} : { XTABLES_LOCKFILE: join(lock, 'lock') });
  } finally {
    if (lock !== undefined) rmSync(lock, { recursive: true, force: true });
  }
}

function feed(tool: string, text: string, timeoutMs: number, env: Record<string, string>): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const child = spawn(tool, ['-w'], {
    // PATH for the modprobe that legacy may want.
    env: { PATH: TOOL_DIRECTORIES.join(':'), LC_ALL: 'C', ...env },
    stdio: ['pipe', 'ignore', 'pipe'],
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    if (said.length < MAX_STDERR_BYTES) said += chunk.slice(0, MAX_STDERR_BYTES - said.length);
  });
  child.stdin.on('error', () => {}); // it may end before it has read everything: its exit status tells
  child.stdin.end(text);
  child.on('error', (error) => resolve(error.message));
  // At a timeout not 'close': a child of the tool may hold stderr open.
  child.on('exit', (_, signal) => {
    if (signal !== null) resolve(`${signal}`);
  });
  child.on('close', (code, signal) => {
    if (code === 0) resolve(undefined);
    else
      resolve(`${signal ?? `status ${code}`}${said.trim() === '' ? '' : `, ${said.trim().replaceAll(/\s+/g, ' ')}`}`);
  });
  return promise;
}
