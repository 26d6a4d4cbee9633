/** `weir run`: one command in a sandbox whose only way out is the data plane, served from this process. */
import fs from 'node:fs';
import tty from 'node:tty';
import { messageOf } from '../../crds/errors.ts';
import type { RuntimePolicy } from '../../crds/runtime.ts';
import { parseHosts, parseResolvConf } from '../../sidecar/dns/system-files.ts';
import { shown } from '../shown.ts';
import { attended, Signals } from './attend.ts';
import { commandEnvironment } from './environment.ts';
import { parseOptions, type RunOptions, USAGE } from './options.ts';
import type { View } from './protocol.ts';
import { STATUS_SANDBOX } from './protocol.ts';
import { refusalAdvice } from './refused.ts';
import { Sandbox, SandboxError, signalStatus } from './sandbox.ts';
import { localSecrets } from './secrets.ts';
import { STATUS_USAGE, Stop } from './stop.ts';
import { findTools } from './tools.ts';
import { readOptional, realpath, replacementFiles, secretFacts, viewFor } from './view.ts';

const DNS_PORT = 53;

type Serving = typeof import('./serve.ts');

function warn(message: string): void {
  process.stderr.write(`weir: ${shown(message)}\n`);
}

/** @param argv what follows `weir run`. @returns the exit status; never throws */
export async function run(argv: string[]): Promise<number> {
  const parsed = parseOptions(argv);
  if (parsed.kind === 'help') {
    process.stdout.write(USAGE);
    return 0;
  }
  if (parsed.kind === 'error') {
    warn(parsed.message);
    process.stderr.write("Try 'weir run --help'.\n");
    return STATUS_USAGE;
  }
  try {
    return await runCommand(parsed.options);
  } catch (error) {
    const refused = error instanceof SandboxError ? error.refused : undefined;
    if (refused) process.stderr.write(`${refused}\n`);
    warn(messageOf(error));
    if (refused !== undefined) warn(refusalAdvice());
    return error instanceof SandboxError || error instanceof Stop ? error.status : STATUS_SANDBOX;
  }
}

async function runCommand(options: RunOptions): Promise<number> {
  const tools = findTools();
  const { view, warnings } = viewFor(options, process.env);
  const terminals = [0, 1, 2].filter((fd) => tty.isatty(fd));
  const sandbox = new Sandbox({ tools, view, terminals, env: process.env });
  const signals = new Signals(sandbox);
  try {
    for (const warning of warnings) warn(warning);
    // What is large is loaded while the holder is at work.
    const serving = await import('./serve.ts');
    const { policy, problems } = await serving.loadPolicy(options.policies, options.audit);
    process.stderr.write(problems);
    if (policy === undefined) return STATUS_USAGE;
    return await serve(options, policy, serving, sandbox, signals, view, terminals);
  } finally {
    await sandbox.end();
    signals.stop();
  }
}

async function serve(
  options: RunOptions,
  policy: RuntimePolicy,
  { prepareTrust, Service }: Serving,
  sandbox: Sandbox,
  signals: Signals,
  view: View,
  terminals: readonly number[],
): Promise<number> {
  const trust = await prepareTrust(process.env, options.upstreamCa).catch((error: Error) => {
    throw new Stop(error.message, STATUS_USAGE);
  });
  const { env, warnings } = commandEnvironment({
    env: process.env,
    trust: trust.paths,
    execPath: fs.realpathSync(process.execPath),
    realpath,
    root: process.getuid?.() === 0,
  });
  for (const warning of [...warnings, ...trust.warnings]) warn(warning);
  const resolver = parseResolvConf(readOptional('/etc/resolv.conf'));
  const system = resolver.nameservers.map((address) => ({ address, port: DNS_PORT }));
  const listeners = await sandbox.listeners;
  if (sandbox.notIsolated.length > 0) {
    warn(`daemons that start from now on can be reached by their sockets in ${sandbox.notIsolated.join(', ')}`);
  }
  const service = Service.start({
    listeners,
    policy,
    authority: trust.authority,
    roots: trust.roots,
    nameservers: options.resolvers.length > 0 ? options.resolvers : system,
    staticHosts: parseHosts(readOptional('/etc/hosts')),
    searchDomains: resolver.searchDomains,
    secrets: localSecrets(secretFacts(env, view)),
    log: options.log,
  });
  for (const { name, bound } of service.unknown) warn(`${name} is not looked for in what leaves (${bound})`);
  try {
    if (signals.early !== undefined) return signalStatus(signals.early);
    signals.begin();
    return await attended(sandbox, terminals, {
      command: options.command,
      env,
      cwd: process.cwd(),
      uid: process.getuid?.() ?? 0,
      gid: process.getgid?.() ?? 0,
      files: trust.files,
      replacements: replacementFiles(trust.bundle),
    });
  } finally {
    await service.close();
    const summary = service.summary();
    if (summary !== '') process.stderr.write(`${summary}\n${shown(advice(options))}\n`);
  }
}

/** How to learn what would have allowed a request: the answers that say it reach a client, which may not show them. */
function advice({ policies, log }: RunOptions): string {
  const named = policies.map((file) => ` --policy ${file}`).join('');
  const ask = `weir explain${named} --url https://HOST/PATH --method METHOD`;
  return `weir: for the rule that would allow a request: ${ask}${log === undefined ? '; for every decision: --log FILE' : ''}`;
}
