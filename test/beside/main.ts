/**
 * Weir beside other scanners: what each finds of the corpus, plain and encoded, and how long it takes; which plain formats
 * another finds and Weir does not. `node test/beside/main.ts [--samples DIRECTORY]…` also scans files besides
 * those that gitleaks publishes.
 */
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ENCODINGS } from '../fixtures/corpus/encodings.ts';
import { encodedBodies } from '../fixtures/corpus/recall.ts';
import { corpus } from '../fixtures/corpus/secrets.ts';
import { install, publishedSamples, SCANNERS } from './scanners.ts';

const COMPARED = [
  'plain',
  'base64',
  'base64 ×2',
  'hex',
  'percent',
  '\\u',
  'JSON integers',
  'gzip',
  'zip',
  'tar.gz',
  'reversed',
];

const { values } = parseArgs({ options: { samples: { type: 'string', multiple: true } } });
install();
const scanners = SCANNERS.filter(({ name, missing }) => {
  const why = missing();
  if (why !== undefined) console.log(`${name}: ${why}`);
  return why === undefined;
});
const secrets = corpus(3);
const unfound = new Map<string, string[]>();

console.log(['encoding'.padEnd(16), ...scanners.map(({ name }) => name.padStart(22))].join(''));
for (const encoding of ENCODINGS.filter(({ name }) => COMPARED.includes(name))) {
  const directory = mkdtempSync(join(tmpdir(), 'weir-beside-'));
  for (const [index, body] of encodedBodies(encoding, secrets).entries())
    writeFileSync(join(directory, nameOf(index)), body);
  const cells: string[] = [];
  const found = new Map<string, Set<string>>();
  for (const { name, scan } of scanners) {
    const began = performance.now();
    const files = await scan(directory);
    const seconds = (performance.now() - began) / 1000;
    found.set(name, files);
    cells.push(`${((100 * files.size) / secrets.length).toFixed(1)} % in ${seconds.toFixed(1)} s`.padStart(22));
  }
  console.log([encoding.name.padEnd(16), ...cells].join(''));
  if (encoding.name === 'plain') {
    for (const [index, { detector, format }] of secrets.entries()) {
      if (found.get('weir')?.has(nameOf(index))) continue;
      const others = scanners.filter(({ name }) => found.get(name)?.has(nameOf(index))).map(({ name }) => name);
      if (others.length > 0) unfound.set(`${detector} ${format}`, others);
    }
  }
  rmSync(directory, { recursive: true });
}
console.log(
  `plain formats that others find and weir does not: ${unfound.size === 0 ? 'none' : [...unfound].join('; ')}`,
);

for (const directory of [...publishedSamples(), ...(values.samples ?? [])]) {
  const files = readdirSync(directory).filter((file) => statSync(join(directory, file)).isFile());
  console.log(`\n${directory}: ${files.length} files`);
  const found = new Map<string, Set<string>>();
  for (const { name, scan } of scanners) {
    const began = performance.now();
    found.set(name, await scan(directory));
    console.log(
      `${name.padEnd(16)} ${found.get(name)?.size} files in ${((performance.now() - began) / 1000).toFixed(1)} s`,
    );
  }
  const only = files.filter(
    (file) => !found.get('weir')?.has(file) && scanners.some(({ name }) => found.get(name)?.has(file)),
  );
  console.log(`found by others only: ${only.join(' ') || 'none'}`);
}

function nameOf(index: number): string {
  return `${String(index).padStart(4, '0')}.txt`;
}
