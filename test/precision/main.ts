/**
 * Precision: what the detectors report in files that should hold no secret. Prints each alarm (detector, file, offset,
 * decoding; never the value), then alarms per gigabyte. `node test/precision/main.ts [--gigabytes N] [--json FILE] [PLACE…]`.
 */
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Finding } from '../../crds/runtime.ts';
import { createInspector } from '../../sidecar/inspect/index.ts';
import { provedReal } from './confirm.ts';
import { samplesOf, usualPlaces } from './files.ts';
import { knownReal } from './known.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { gigabytes: { type: 'string', default: '4' }, json: { type: 'string' } },
});

const GIGABYTE = 1e9;
/** Bytes pushed at once. */
const CHUNK = 1024 * 1024;

/** Decoders of what archives.ts opens. */
const ARCHIVES: ReadonlySet<string> = new Set(['gzip', 'zip', 'zlib', 'tar', 'deflate']);

interface Alarm {
  path: string;
  detector: string;
  offset: number;
  decoding: readonly string[];
  /** Why it is a real credential, when it is known to be one. */
  real: string | undefined;
}

const limit = Number(values.gigabytes) * GIGABYTE;
const inspector = createInspector();
const alarms: Alarm[] = [];
const tooComplex: string[] = [];
/** The first path of each content. */
const seen = new Map<string, string>();
/** Paths of the same content again, and the first one. */
const copies: { path: string; first: string }[] = [];
let bytes = 0;
let files = 0;
const began = performance.now();
for (const sample of samplesOf(positionals.length > 0 ? positionals : usualPlaces())) {
  if (bytes >= limit) break;
  const digest = createHash('sha1').update(sample.bytes).digest('base64');
  // Copies of a file say nothing new.
  const first = seen.get(digest);
  if (first !== undefined) {
    copies.push({ path: sample.path, first });
    continue;
  }
  seen.set(digest, sample.path);
  bytes += sample.bytes.length;
  files++;
  const { findings, refused } = await inspect(sample.bytes);
  if (refused !== undefined) tooComplex.push(`${sample.path}: ${refused}`);
  for (const { detector, offset, decoding } of findings) {
    const alarm = {
      path: sample.path,
      detector,
      offset,
      decoding,
      real: knownReal(sample.path, detector) ?? provedReal(sample.bytes, offset, detector, decoding),
    };
    alarms.push(alarm);
    console.log(
      `${alarm.real === undefined ? 'alarm' : 'real '} ${detector} ${sample.path} +${offset} ${decoding.join('>')} ${alarm.real ?? ''}`,
    );
  }
}

// What is found in an archive as it stands is real where it is in the member, or in a copy of it elsewhere.
for (const alarm of alarms) {
  if (alarm.real !== undefined || !alarm.decoding.some((step) => ARCHIVES.has(step))) continue;
  const inside = (path: string) => path.startsWith(`${alarm.path}!`);
  const elsewhere = new Set(copies.filter(({ path }) => inside(path)).map(({ first }) => first));
  alarm.real = alarms.find(
    ({ path, detector, real }) =>
      real !== undefined && detector === alarm.detector && (inside(path) || elsewhere.has(path)),
  )?.real;
}

const seconds = (performance.now() - began) / 1000;
const gigabytes = bytes / GIGABYTE;
const unexplained = alarms.filter(({ real }) => real === undefined);
for (const { detector, path, offset, decoding } of unexplained)
  console.log(`not explained: ${detector} ${path} +${offset} ${decoding.join('>')}`);
const places = new Set(unexplained.map(({ path, detector }) => `${detector} ${path.replace(/^.*\//, '')}`));
console.log(`${files} files, ${gigabytes.toFixed(2)} GB, ${(bytes / 1e6 / seconds).toFixed(0)} MB/s`);
console.log(`${tooComplex.length} too complex: ${tooComplex.slice(0, 20).join('; ')}`);
console.log(
  `${alarms.length} alarms, ${alarms.length - unexplained.length} of them real credentials; ${unexplained.length} others (${places.size} different), ${(unexplained.length / gigabytes).toFixed(2)} per GB`,
);
if (values.json !== undefined)
  writeFileSync(values.json, JSON.stringify({ files, gigabytes, seconds, alarms, tooComplex }, null, 1));
// One in a gigabyte is what is aimed at.
process.exitCode = unexplained.length <= gigabytes ? 0 : 1;

async function inspect(content: Buffer): Promise<{ findings: Finding[]; refused: string | undefined }> {
  const message = inspector.session('sink.example').open({ body: 'http.body', contentEncoding: [] });
  const findings: Finding[] = [];
  let refused: string | undefined;
  for (let from = 0; from < content.length && refused === undefined; from += CHUNK) {
    const step = await message.push(content.subarray(from, from + CHUNK));
    findings.push(...step.findings);
    refused = step.tooComplex;
  }
  const last = refused === undefined ? await message.end() : undefined;
  findings.push(...(last?.findings ?? []));
  message.abort();
  return { findings, refused: refused ?? last?.tooComplex };
}
