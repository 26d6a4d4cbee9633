/** Ports of the network that it runs in, as Unix sockets that the test can reach: `bridge.ts SOCKET=PORT...`. Ends with its input. */
import { connect, createServer } from 'node:net';

for (const pair of process.argv.slice(2)) {
  const [path, port] = pair.split('=');
  const server = createServer({ allowHalfOpen: true }, (near) => {
    const far = connect({ host: '127.0.0.1', port: Number(port), allowHalfOpen: true });
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.setNoDelay?.(true);
      from.on('error', () => to.destroy());
      from.pipe(to);
    }
  });
  await new Promise<void>((resolve) => server.listen({ path, backlog: 2048 }, resolve));
}
process.stdout.write('ready\n');
process.stdin.resume().on('end', () => process.exit(0));
