/** The command line of `weir run`. Pure. */
import { isIP } from 'node:net';
import { parseArgs } from 'node:util';
import type { Endpoint } from '../../sidecar/tcp/types.ts';
import { commandHelp } from '../help.ts';
import { RUN } from '../table.ts';

export interface RunOptions {
  policies: string[];
  audit: boolean;
  log?: string;
  resolvers: Endpoint[];
  upstreamCa: string[];
  masks: string[];
  writable: string[];
  /** Program and arguments; never empty. */
  command: string[];
}

export type ParsedOptions =
  | { kind: 'run'; options: RunOptions }
  | { kind: 'help' }
  | { kind: 'error'; message: string };

export const USAGE = commandHelp(RUN);

const OPTIONS = {
  policy: { type: 'string', multiple: true },
  audit: { type: 'boolean' },
  log: { type: 'string' },
  resolver: { type: 'string', multiple: true },
  'upstream-ca': { type: 'string', multiple: true },
  mask: { type: 'string', multiple: true },
  write: { type: 'string', multiple: true },
  help: { type: 'boolean', short: 'h' },
} as const;

export function parseOptions(argv: readonly string[]): ParsedOptions {
  const separator = argv.indexOf('--');
  const ours = separator === -1 ? argv : argv.slice(0, separator);
  let values: ReturnType<typeof parseArgs<{ options: typeof OPTIONS; strict: true; allowPositionals: true }>>['values'];
  let positionals: string[];
  try {
    ({ values, positionals } = parseArgs({
      args: [...ours],
      options: OPTIONS,
      strict: true,
      allowPositionals: true,
    }));
  } catch (error) {
    if (ours.includes('--help')) return { kind: 'help' };
    return { kind: 'error', message: (error as Error).message.split('. To specify')[0] as string };
  }
  if (values.help) return { kind: 'help' };
  if (positionals.length > 0) {
    return { kind: 'error', message: `'${positionals[0]}' is no option; the command comes after '--'` };
  }
  const command = separator === -1 ? [] : argv.slice(separator + 1);
  if (command.length === 0 || command[0] === '') return { kind: 'error', message: "no command; it comes after '--'" };
  const empty = Object.entries(values).find(
    ([, value]) => value === '' || (Array.isArray(value) && value.includes('')),
  );
  if (empty !== undefined) return { kind: 'error', message: `--${empty[0]} needs a value` };
  const resolvers: Endpoint[] = [];
  for (const text of values.resolver ?? []) {
    const endpoint = parseResolver(text);
    if (endpoint === undefined) {
      return {
        kind: 'error',
        message: `--resolver ${text}: an IP address, with a port if it is not 53 ([ADDRESS]:PORT for IPv6)`,
      };
    }
    resolvers.push(endpoint);
  }
  const options: RunOptions = {
    policies: values.policy ?? [],
    audit: values.audit ?? false,
    resolvers,
    upstreamCa: values['upstream-ca'] ?? [],
    masks: values.mask ?? [],
    writable: values.write ?? [],
    command: [...command],
  };
  if (values.log !== undefined) options.log = values.log;
  return { kind: 'run', options };
}

/** An IP address with an optional port; a bare IPv6 address has none. */
function parseResolver(text: string): Endpoint | undefined {
  if (isIP(text) !== 0) return { address: text, port: 53 };
  const match = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(text);
  const address = match?.[1] ?? match?.[2];
  const port = match?.[3] === undefined ? 53 : Number(match[3]);
  if (address === undefined || isIP(address) === 0 || port < 1 || port > 65535) return undefined;
  return { address, port };
}
