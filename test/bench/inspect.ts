/**
 * What the inspection of content costs, as ratios in one run on one core: the full engine with all detectors and decoders,
 * beside an Aho-Corasick automaton with a dense table that only looks for the detectors' literals, and beside a loop over
 * one V8 regex a format. Rounds alternate; medians are compared.
 */
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { DETECTORS } from '../../sidecar/inspect/detectors/index.ts';
import { createInspector, type Inspector, type Step } from '../../sidecar/inspect/index.ts';
import { collect } from '../fixtures/collect.ts';
import { root } from '../setup/processes.ts';
import { AhoCorasick } from './aho-corasick.ts';
import { formatRegexes } from './regexes.ts';

const ROUNDS = 5;
/** Bytes that a text is read for one time: the processor's time is counted by milliseconds. */
const TIMED_BYTES = 64 * 1024 * 1024;
const MOST_BYTES = 16 * 1024 * 1024;
/** Larger ones are programs in a string: one such file would be most of the sample. */
const MOST_FILE_BYTES = 1024 * 1024;
/** So that the sample is of many packages. */
const ONE_FILE_OF = { js: 4, json: 1 };
/** As much as a socket hands over at once. */
const CHUNK = 64 * 1024;
const LEAST_OF_AUTOMATON = 0.8;
const LEAST_OF_AUTOMATON_ENCODED = 0.4;
const LEAST_OF_REGEXES = 50;
/** The regexes are so slow that a part of each text tells enough. */
const REGEX_BYTES = 1024 * 1024;
/** Secrets that are known, of so many bytes each: more than a build pod has. */
const KNOWN_SECRETS = 64;
const KNOWN_BYTES = 40;
const LEAST_WITH_KNOWN = 0.75;
const SMALL_REQUESTS = 4000;
const SMALL_BYTES = 1024;
const MOST_SMALL_MS = 0.15;
const STREAMS = 64;
const STREAMED_BYTES = 1024 * 1024;
const MOST_STREAM_BYTES = 256 * 1024;
const COLLECTIONS = 3;

interface Result {
  line: string;
  holds: boolean;
}

/** One line for each thing that is measured. */
export async function benchInspect(): Promise<Result[]> {
  const literals = [...new Set(DETECTORS.flatMap((detector) => detector.literals))];
  const automaton = new AhoCorasick(literals);
  const regexes = formatRegexes();
  // Before the texts are there: what is collected of them in between would count.
  const results: Result[] = [await memory()];
  const samples = texts();
  for (const { name, bytes, least } of samples) {
    const times = { automaton: [] as number[], engine: [] as number[], regexes: [] as number[] };
    const part = bytes.toString('latin1', 0, REGEX_BYTES);
    const passes = Math.ceil(TIMED_BYTES / bytes.length);
    for (let round = 0; round < ROUNDS; round++) {
      times.automaton.push(await timed(() => automaton.count(bytes), passes));
      times.engine.push(await timed(() => inspect(bytes), passes));
      times.regexes.push(await timed(() => regexes.map((regex) => part.match(regex)), 1));
    }
    const speed = (ms: readonly number[], length = bytes.length): number => length / 1e6 / (median(ms) / 1000);
    const engine = speed(times.engine);
    const ofAutomaton = engine / speed(times.automaton);
    const ofRegexes = engine / speed(times.regexes, part.length);
    results.push({
      line: `inspection of ${name}: ${engine.toFixed(0)} MB/s, ${ofAutomaton.toFixed(2)} × Aho-Corasick over ${literals.length} literals (at least ${least}), ${ofRegexes.toFixed(0)} × a V8 regex for each of ${regexes.length} formats (at least ${LEAST_OF_REGEXES})`,
      holds: ofAutomaton >= least && ofRegexes >= LEAST_OF_REGEXES,
    });
  }
  results.push(await knownSecrets(samples[0]?.bytes as Buffer), await smallRequests());
  return results;
}

function texts(): { name: string; bytes: Buffer; least: number }[] {
  const files = { js: [] as Buffer[], json: [] as Buffer[] };
  const sizes = { js: 0, json: 0 };
  const seen = { js: 0, json: 0 };
  for (const entry of readdirSync(join(root, 'node_modules'), { recursive: true, withFileTypes: true })) {
    const kind = /\.[cm]?js$/.test(entry.name) ? 'js' : entry.name.endsWith('.json') ? 'json' : undefined;
    if (kind === undefined || !entry.isFile() || sizes[kind] > MOST_BYTES) continue;
    const bytes = readFileSync(join(entry.parentPath, entry.name));
    if (bytes.length > MOST_FILE_BYTES || seen[kind]++ % ONE_FILE_OF[kind] !== 0) continue;
    files[kind].push(bytes);
    sizes[kind] += bytes.length;
  }
  return [
    { name: 'JavaScript', bytes: Buffer.concat(files.js), least: LEAST_OF_AUTOMATON },
    { name: 'JSON', bytes: Buffer.concat(files.json), least: LEAST_OF_AUTOMATON },
    { name: 'random bytes', bytes: randomBytes(MOST_BYTES), least: LEAST_OF_AUTOMATON },
    { name: 'JSON full of base64', bytes: encodedJson(), least: LEAST_OF_AUTOMATON_ENCODED },
  ];
}

/** Nine tenths base64, as of attachments and certificates. */
function encodedJson(): Buffer {
  const items = Array.from({ length: 4000 }, (_, id) => ({
    id,
    kind: 'attachment',
    data: randomBytes(200 + ((id * 37) % 2000)).toString('base64'),
  }));
  return Buffer.from(JSON.stringify(items, null, 1));
}

/** Judges a body as the proxy does, and goes on after findings. */
async function inspect(bytes: Buffer, inspector: Inspector = createInspector()): Promise<void> {
  const message = inspector.session('h').open({ body: 'http.body', contentEncoding: [] });
  for (let at = 0; at < bytes.length; at += CHUNK) check(await message.push(bytes.subarray(at, at + CHUNK)));
  check(await message.end());
}

function check(step: Step): void {
  if (step.tooComplex !== undefined) throw new Error(step.tooComplex);
}

/** What it costs to look for known secrets too. */
async function knownSecrets(bytes: Buffer): Promise<Result> {
  const inspector = createInspector();
  const secrets = Array.from({ length: KNOWN_SECRETS }, (_, id) => {
    const value = Buffer.from(randomBytes(KNOWN_BYTES).toString('base64url').slice(0, KNOWN_BYTES));
    return { name: `secret-${id}`, value, held: true };
  });
  inspector.setKnownSecrets(secrets);
  const times = { without: [] as number[], with: [] as number[] };
  const passes = Math.ceil(TIMED_BYTES / bytes.length);
  for (let round = 0; round < ROUNDS; round++) {
    times.without.push(await timed(() => inspect(bytes), passes));
    times.with.push(await timed(() => inspect(bytes, inspector), passes));
  }
  const ratio = median(times.without) / median(times.with);
  return {
    line: `inspection of JavaScript with ${KNOWN_SECRETS} known secrets: ${ratio.toFixed(2)} × without (at least ${LEAST_WITH_KNOWN})`,
    holds: ratio >= LEAST_WITH_KNOWN,
  };
}

/** What the inspection adds to a small request: its fields and a JSON body. */
async function smallRequests(): Promise<Result> {
  const inspector = createInspector();
  const body = Buffer.from(JSON.stringify({ event: 'build', steps: ['install', 'test'], note: 'n '.repeat(480) }));
  const headers = ['accept: */*', 'user-agent: npm/11.0.0 node/v24.21.0 linux x64', 'content-type: application/json'];
  const times: number[] = [];
  for (let i = 0; i < SMALL_REQUESTS; i++) {
    // By the clock: the processor's time is not counted this finely.
    const start = performance.now();
    const message = inspector.session('h').open({ body: 'http.body', contentEncoding: [] });
    message.field('http.path', '', Buffer.from('/v1/events'));
    for (const header of headers) {
      const [name = '', value = ''] = header.split(': ');
      message.field('http.header', name, Buffer.from(value));
    }
    check(await message.push(body.subarray(0, SMALL_BYTES)));
    check(await message.end());
    times.push(performance.now() - start);
  }
  const ms = median(times);
  return {
    line: `inspection of a request of 1 KiB: ${ms.toFixed(3)} ms in the median (under ${MOST_SMALL_MS})`,
    holds: ms < MOST_SMALL_MS,
  };
}

/** What many open streams hold, each in the middle of a body. */
async function memory(): Promise<Result> {
  const inspector = createInspector();
  const block = encodedJson().subarray(0, STREAMED_BYTES);
  const used = async (): Promise<number> => {
    // What a collection frees outside of the heap is gone in the next turn.
    for (let turn = 0; turn < COLLECTIONS; turn++) {
      collect();
      await nextTurn();
    }
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  const stream = async () => {
    const message = inspector.session('h').open({ body: 'http.body', contentEncoding: [] });
    for (let at = 0; at < block.length; at += CHUNK) {
      check(await message.push(Buffer.from(block.subarray(at, at + CHUNK))));
    }
    return message;
  };
  // What the process shares is there afterwards.
  (await stream()).abort();
  const before = await used();
  const open = [];
  for (let i = 0; i < STREAMS; i++) open.push(await stream());
  const each = ((await used()) - before) / STREAMS;
  for (const message of open) message.abort();
  return {
    line: `memory of an open stream: ${(each / 1024).toFixed(0)} KiB (under ${MOST_STREAM_BYTES / 1024})`,
    holds: each < MOST_STREAM_BYTES,
  };
}

/** Milliseconds of this thread's own processor time: it does not count what else the machine does. */
async function timed(work: () => unknown, passes: number): Promise<number> {
  const start = process.threadCpuUsage();
  for (let pass = 0; pass < passes; pass++) await work();
  const { user, system } = process.threadCpuUsage(start);
  return (user + system) / 1000 / passes;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

if (import.meta.main) {
  for (const { line, holds } of await benchInspect()) {
    console.log(`${line} (${holds ? 'holds' : 'DOES NOT HOLD'})`);
    if (!holds) process.exitCode = 1;
  }
}
