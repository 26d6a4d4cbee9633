// Asks for one URL again and again over one connection, and says the answer when it changes and each second: "milliseconds status reason".
import https from 'node:https';

const [url, pauseMs] = process.argv.slice(1);
const agent = new https.Agent({ keepAlive: true, maxSockets: 1 });
const ask = () =>
  new Promise((resolve) => {
    const request = https.get(url, { agent }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => resolve(`${response.statusCode} ${/"reason":"([^"]*)"/.exec(text)?.[1] ?? ''}`));
      response.on('error', () => resolve('cut'));
    });
    request.on('error', ({ code, message }) => resolve(code ?? message));
  });

for (let before, said = 0; ; ) {
  const now = await ask();
  if (now !== before || Date.now() - said > 1000) {
    said = Date.now();
    console.log(`${said} ${now}`);
  }
  before = now;
  await new Promise((resolve) => setTimeout(resolve, Number(pauseMs)));
}
