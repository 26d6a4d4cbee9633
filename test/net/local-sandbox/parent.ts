/**
 * The parent's side of the sandbox without the data plane: every TCP connection is answered with one line, DNS queries are counted.
 * Usage: node parent.ts JSON. Descriptors and signals are passed on as `weir run` does it.
 */
import fs from 'node:fs';
import tty from 'node:tty';
import { attended, Signals } from '../../../cli/run/attend.ts';
import type { View } from '../../../cli/run/protocol.ts';
import { Sandbox, SandboxError } from '../../../cli/run/sandbox.ts';
import { hostSocketPaths } from '../../../cli/run/socket-paths.ts';
import { findTools } from '../../../cli/run/tools.ts';
import { realpath, replacementFiles } from '../../../cli/run/view.ts';

export interface ParentOptions {
  view: Omit<View, 'sockets' | 'home'>;
  command: string[];
  cwd: string;
}

const { view, command, cwd }: ParentOptions = JSON.parse(process.argv[2] as string);
const home = realpath(process.env.HOME ?? '');
// The holder writes its coverage when it ends, from inside the view.
const coverage = process.env.NODE_V8_COVERAGE;
if (coverage !== undefined) {
  fs.mkdirSync(coverage, { recursive: true });
  view.writable.push(coverage);
}
const terminals = [0, 1, 2].filter((fd) => tty.isatty(fd));
const sandbox = new Sandbox({
  tools: findTools(),
  view: { ...view, home, sockets: hostSocketPaths(home) },
  terminals,
  env: process.env,
});
const signals = new Signals(sandbox);
const opened: { close(): void }[] = [];
try {
  const { tcp, dnsTcp, dnsUdp } = await sandbox.listeners;
  opened.push(...tcp, ...dnsTcp, ...dnsUdp);
  for (const server of tcp) server.on('connection', (socket) => socket.on('error', () => undefined).end('weir\n'));
  for (const socket of dnsUdp) socket.on('message', (message, from) => socket.send(message, from.port, from.address));
  if (sandbox.notIsolated.length > 0) process.stderr.write(`not isolated: ${sandbox.notIsolated.join(' ')}\n`);
  signals.begin();
  process.exitCode = await attended(sandbox, terminals, {
    command,
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', HOME: home ?? '/' },
    cwd,
    uid: process.getuid?.() ?? 0,
    gid: process.getgid?.() ?? 0,
    files: [{ name: 'ca.crt', contents: Buffer.from('authority').toString('base64') }],
    replacements: replacementFiles(Buffer.from('bundle')),
  });
} catch (error) {
  if (!(error instanceof SandboxError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = error.status;
} finally {
  for (const listener of opened) listener.close();
  await sandbox.end();
  signals.stop();
}
