/** The thread that judges. It sleeps when there is nothing to do. */
import { type MessagePort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { heapUse } from '../pressure.ts';
import { MAX_TURN_MS } from '../turns.ts';
import { Bell } from './bell.ts';
import { Judging } from './judging.ts';
import type { ToJudge } from './messages.ts';

/** What the thread is given at its start. */
export interface WorkerData {
  bell: SharedArrayBuffer;
  blockSize: number;
  /** Of fingerprints; wiped when it was taken. */
  key: SharedArrayBuffer;
  port: MessagePort;
}

const { bell: memory, blockSize, key: given, port } = workerData as WorkerData;
const bell = new Bell(memory);
const key = Buffer.from(Buffer.from(given));
Buffer.from(given).fill(0);
let taken = 0;
const judging = new Judging({
  blockSize,
  key,
  receive: () => {
    if (bell.sent === taken) return undefined;
    taken = (taken + 1) | 0;
    return receiveMessageOnPort(port)?.message as ToJudge | undefined;
  },
  send: (told) => port.postMessage(told),
});

/** For a while; then the event loop turns, which closes what was given up. */
function work(): void {
  const end = performance.now() + MAX_TURN_MS;
  do {
    const { rung } = bell;
    if (judging.turn()) continue;
    bell.heap = heapUse().used;
    bell.sleep(rung);
  } while (performance.now() < end);
  bell.heap = heapUse().used;
  setImmediate(work);
}

work();
