/** The yardstick: a bare TLS relay in Node. Ends TLS and begins it anew, copies bytes, judges nothing. Prints "ready". */
import { readFileSync } from 'node:fs';
import tls from 'node:tls';

const [listen = '', upstream = '', name = '', cert = '', key = '', ca = ''] = process.argv.slice(2);

tls
  .createServer({ cert: readFileSync(cert), key: readFileSync(key) }, (client) => {
    const server = tls.connect({ host: upstream, port: 443, servername: name, ca: readFileSync(ca) });
    client.pipe(server).pipe(client);
    client.on('error', () => server.destroy());
    server.on('error', () => client.destroy());
  })
  .listen(443, listen, () => console.log('ready'));
