/** Connects with this Node's default roots; prints what the server says. */
import tls from 'node:tls';

const [host, port] = process.argv.slice(2);
const socket = tls.connect({ host: '127.0.0.1', port: Number(port), servername: host });
socket.on('error', (error) => {
  console.error(error.message);
  process.exitCode = 1;
});
socket.write('GET / HTTP/1.1\r\n\r\n');
socket.pipe(process.stdout);
