/**
 * Runs inside `unshare -rnm`: every way in which the demo's secrets can leave, first bare, then under `weir run` with the
 * demo's policy. Prints a JSON line for each with what the sink made of what arrived.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { makeGround } from './ground.ts';
import { longestPart } from './sink.ts';
import { ASKED, type Heard, POSTED, ZONES } from './variants.ts';

const [work = '', root = ''] = process.argv.slice(2);
const { ca, close, guard, home, secrets, sink } = await makeGround(work, root);
const PARTS = { access_key_id: secrets.id, secret_access_key: secrets.key };

async function leak(prefix: string[], ...argv: string[]): Promise<void> {
  const [file = '', ...more] = [...prefix, process.execPath, join(root, 'test/demo/leak.ts'), ...argv];
  const env = { ...process.env, HOME: home, DEMO_HOME: home, NODE_EXTRA_CA_CERTS: ca };
  const child = spawn(file, more, { cwd: work, env, stdio: ['ignore', 'ignore', 'inherit'] });
  await new Promise((done) => child.on('close', done));
}

/**
 * What of the SSH key's text is secret: not its armour and names of algorithms, which are in every key, nor the public key. The
 * seed of 32 bytes stands behind the second public key and a length (openssh-portable, PROTOCOL.key; RFC 8032, 5.1.5).
 */
function seedText(key: string): string {
  const lines = key.trim().split('\n').slice(1, -1);
  const blob = Buffer.from(lines.join(''), 'base64');
  const name = blob.indexOf('ssh-ed25519', blob.indexOf('ssh-ed25519') + 1);
  const seed = name + 'ssh-ed25519'.length + 4 + 32 + 4;
  const width = lines[0]?.length ?? 0;
  const inText = (byte: number): number => {
    const digit = Math.ceil((byte * 8) / 6);
    return digit + Math.floor(digit / width);
  };
  return lines.join('\n').slice(inText(seed), inText(seed + 32));
}

export interface Line {
  guarded: boolean;
  kind: 'dns' | 'https';
  way: string;
  zone: string;
  /** Bytes of the secret. */
  size: number;
  messages: number;
  /** Bytes that the receiver put together, and those in a row that are the secret's. */
  bytes: number;
  part: number;
}

function tell(
  line: Pick<Line, 'guarded' | 'kind' | 'way' | 'zone'>,
  secret: string,
  heard: Heard,
  read: (heard: Heard) => Buffer,
): void {
  const messages = heard.names.length + heard.requests.length;
  const bytes = messages === 0 ? Buffer.alloc(0) : read(heard);
  const part = longestPart(secret, bytes.toString('latin1'));
  const told: Line = { ...line, size: secret.length, messages, bytes: bytes.length, part };
  console.log(JSON.stringify(told));
}

for (const guarded of [false, true]) {
  const prefix = guarded ? guard(join(root, 'test/demo/leaks.yaml'), join(work, 'audit.jsonl')) : [];
  for (const [way, { read }] of Object.entries(POSTED)) {
    sink.forget();
    await leak(prefix, 'https', way);
    tell({ guarded, kind: 'https', way, zone: '' }, seedText(secrets.ssh), { ...sink.heard(''), names: [] }, read);
  }
  for (const [way, { read }] of Object.entries(ASKED)) {
    for (const [part, secret] of Object.entries(PARTS)) {
      sink.forget();
      await leak(prefix, 'dns', way, part);
      for (const zone of ZONES) {
        tell(
          { guarded, kind: 'dns', way: `${way}, of the ${part}`, zone },
          secret,
          { ...sink.heard(zone), requests: [] },
          read,
        );
      }
    }
  }
}
close();
