/** Where the sandbox's tests stand: directories of one identity, and the command line that runs a command in the sandbox there. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { node, processEnv, root } from '../../setup/processes.ts';
import type { ParentOptions } from './parent.ts';

const PARENT = path.join(import.meta.dirname, 'parent.ts');
export const PYTHON = '/usr/bin/python3';
/** An ordinary user without an account. */
const USER_ID = 12345;

export interface Identity {
  name: 'root' | 'user';
  /** What a command line starts with to be run as them. */
  prefix: string[];
  uid: number;
}

const isRoot = process.getuid?.() === 0;
const asUser = ['setpriv', `--reuid=${USER_ID}`, `--regid=${USER_ID}`, '--clear-groups'];
export const identities: Identity[] = isRoot
  ? [
      { name: 'root', prefix: [], uid: 0 },
      { name: 'user', prefix: asUser, uid: USER_ID },
    ]
  : [{ name: 'user', prefix: [], uid: process.getuid?.() ?? 0 }];

/** Directories of one identity: in sight of the sandbox, as /tmp would not be. */
export class Ground {
  readonly base: string;
  readonly identity: Identity;
  readonly view: ParentOptions['view'];

  constructor(identity: Identity) {
    this.identity = identity;
    this.base = fs.mkdtempSync(path.join(root, 'node_modules', '.sb-'));
    for (const name of ['home', 'cache', 'outside', 'project/policies', 'project/secret', 'project/d', 'masked']) {
      fs.mkdirSync(this.at(name), { recursive: true });
    }
    const files = { 'home/.bashrc': '', 'outside/file': 'outside', 'masked/key': 'key' };
    for (const [name, text] of Object.entries({
      ...files,
      'project/secret/file': 'secret',
      'stdin.txt': 'two\nlines\n',
    })) {
      fs.writeFileSync(this.at(name), text);
    }
    fs.writeFileSync(this.at('project/policies/policy.yaml'), 'policy');
    if (identity.prefix.length > 0) spawnSync('chown', ['-R', `${identity.uid}:${identity.uid}`, this.base]);
    this.view = {
      writable: [this.at('project'), this.at('cache')],
      masks: [this.at('project/secret/file'), this.at('masked')],
      protected: [this.at('project/policies/policy.yaml')],
    };
  }

  at(name: string): string {
    return path.join(this.base, name);
  }

  /** The command line that runs `command` in the sandbox as this identity. */
  line(...command: string[]): string[] {
    const options: ParentOptions = { view: this.view, command, cwd: this.at('project') };
    return [...this.identity.prefix, node, '--disable-sigusr1', PARENT, JSON.stringify(options)];
  }

  start(stdin: 'ignore' | 'pipe' | number, ...command: string[]): ChildProcess {
    const [file = '', ...args] = this.line(...command);
    return spawn(file, args, { env: this.env(), stdio: [stdin, 'pipe', 'pipe'] });
  }

  env(): NodeJS.ProcessEnv {
    const env: NodeJS.ProcessEnv = { ...processEnv(), HOME: this.at('home') };
    // Only who owns the directory can leave coverage there.
    if (this.identity.prefix.length > 0) delete env.NODE_V8_COVERAGE;
    return env;
  }

  run(stdin: 'ignore' | number, ...command: string[]): Promise<Ended> {
    return ended(this.start(stdin, ...command));
  }

  /** Has a shell, in the project and as this identity, start the sandbox: `"$@"` in `script`. */
  runAs(script: string, ...command: string[]): Promise<Ended> {
    const inside = this.line(...command).slice(this.identity.prefix.length);
    const [file = '', ...args] = [...this.identity.prefix, 'bash', '-c', script, 'bash', ...inside];
    return ended(spawn(file, args, { cwd: this.at('project'), env: this.env(), stdio: ['ignore', 'pipe', 'pipe'] }));
  }

  remove(): void {
    fs.rmSync(this.base, { recursive: true, force: true });
  }
}

interface Ended {
  status: number | null;
  stdout: string;
  stderr: string;
}

async function ended(child: ChildProcess): Promise<Ended> {
  const [stdout, stderr] = [collected(child.stdout), collected(child.stderr)];
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, stdout: stdout(), stderr: stderr() };
}

function collected(stream: NodeJS.ReadableStream | null): () => string {
  let text = '';
  stream?.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  return () => text;
}

/** Resolves when `text` has come. */
export async function heard(stream: NodeJS.ReadableStream | null, text: string): Promise<void> {
  let all = '';
  for await (const chunk of stream ?? []) {
    all += chunk.toString();
    if (all.includes(text)) return;
  }
  throw new Error(`not heard: ${text}; but ${all}`);
}
