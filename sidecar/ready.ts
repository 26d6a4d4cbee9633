/**
 * The hook after the sidecar's start (`lifecycle.postStart`): waits until the sidecar says that it is ready. Status 0, or 1
 * with the reason on standard output, which the kubelet puts into the pod's status, and as the container's termination
 * message, which stays there while the kubelet backs off. Small: it starts beside the sidecar.
 */
import { writeFileSync } from 'node:fs';
import net from 'node:net';
import { STATE_DIR } from '../crds/injected.ts';

/**
 * Seconds, unless `--timeout` says otherwise. Until it ends the kubelet shows neither a status nor the sidecar's log, and does
 * not begin to delete the pod (it gives a hook no context that can be cancelled, kubernetes/kubernetes#113606): not long. A
 * failure costs a restart of the sidecar after 10 s, then 20, 40, ... up to five minutes: not so short that what is only
 * slow (0.3 s is usual) would fail.
 */
const TIMEOUT_SECONDS = 20;
/** Where the kubelet reads the last words of a container; only a container has it. */
const TERMINATION_LOG = '/dev/termination-log';
/** Milliseconds between two looks for the socket of a sidecar that is starting. */
const RETRY_MS = 20;

const [flag, seconds] = process.argv.slice(2);
const timeoutMs = 1000 * (flag === '--timeout' ? Number(seconds) || TIMEOUT_SECONDS : TIMEOUT_SECONDS);
const file = `${process.env.WEIR_STATE_DIR || STATE_DIR}/ready.sock`;
let reason = `nobody listens on ${file}: the sidecar is not running`;

function end(status: 0 | 1): void {
  if (status === 1) tell(`weir is not ready: ${reason}\n`);
  process.exit(status);
}

function tell(text: string): void {
  process.stdout.write(text);
  try {
    writeFileSync(TERMINATION_LOG, text, { flag: 'r+' });
  } catch {
    // Not in a container.
  }
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
