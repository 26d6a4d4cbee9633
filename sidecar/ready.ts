/**
 * The startup probe: waits until the sidecar says that it is ready. Status 0, or 1 with the reason on standard output,
 * where the kubelet reads it into the pod's events. Small, because it starts anew with every probe.
 */
import net from 'node:net';
import { STATE_DIR } from '../crds/injected.ts';

/** Seconds, unless `--timeout` says otherwise: less than the probe's own, or the reason would not be heard. */
const TIMEOUT_SECONDS = 25;
/** Milliseconds between two looks for the socket of a sidecar that is starting. */
const RETRY_MS = 20;

const [flag, seconds] = process.argv.slice(2);
const timeoutMs = 1000 * (flag === '--timeout' ? Number(seconds) || TIMEOUT_SECONDS : TIMEOUT_SECONDS);
const file = `${process.env.WEIR_STATE_DIR || STATE_DIR}/ready.sock`;
let reason = `nobody listens on ${file}: the sidecar is not running`;

function end(status: 0 | 1): void {
  if (status === 1) process.stdout.write(`weir is not ready: ${reason}\n`);
  process.exit(status);
}

setTimeout(() => end(1), timeoutMs);

function ask(): void {
  let buffered = '';
  const socket = net.connect(file);
  socket.setEncoding('utf8');
  socket.on('data', (text: string) => {
    buffered += text;
    const lines = buffered.split('\n');
    buffered = lines.pop() ?? '';
    for (const line of lines) {
      const state = JSON.parse(line) as { ready: boolean; reason?: string };
      if (state.ready) end(0);
      reason = state.reason ?? reason;
    }
  });
  socket.on('error', () => {});
  // The sidecar is not there yet, or has ended: there may be another.
  socket.on('close', () => setTimeout(ask, RETRY_MS));
}

ask();
