/**
 * Makes the chart's copies of the CustomResourceDefinitions from crds/*.yaml, as templates: helm never upgrades what is in a
 * chart's `crds/` folder (https://helm.sh/docs/chart_best_practices/custom_resource_definitions). `--check` writes
 * nothing, names what differs and exits 1.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const NAMES = ['egresspolicy', 'clusteregresspolicy'];
const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** `text`, rendered by value `crds.install`, labelled as the chart's, and left in the cluster by `helm uninstall`. */
export function template(text: string, source: string): string {
  if (text.includes('{{')) throw new Error(`${source}: "{{" would be read as an instruction to the template engine`);
  const metadata = /^metadata:\n {2}name: (?<name>\S+)\n {2}annotations:\n/m;
  if (!metadata.test(text)) throw new Error(`${source}: expected metadata that begins with a name, then annotations`);
  const labelled = text.replace(
    metadata,
    (found) =>
      `${found.replace(/ {2}annotations:\n$/, '')}  labels:\n    {{- include "weir.labels" . | nindent 4 }}\n` +
      '  annotations:\n    # Deleting the definition would delete every policy with it.\n    helm.sh/resource-policy: keep\n',
  );
  return `{{- /* Made by charts/generate.ts from ${source}; do not edit. */ -}}\n{{- if .Values.crds.install }}\n${labelled}{{- end }}\n`;
}

function main(): void {
  const check = process.argv.includes('--check');
  for (const name of NAMES) {
    const source = `crds/${name}.yaml`;
    const text = template(readFileSync(new URL(`../${source}`, import.meta.url), 'utf8'), source);
    const path = fileURLToPath(new URL(`weir/templates/crd-${name}.yaml`, import.meta.url));
    if (read(path) === text) continue;
    if (check) process.exitCode = 1;
    else writeFileSync(path, text);
    const told = check ? 'is out of date: run `node charts/generate.ts`' : 'written';
    process.stderr.write(`${relative(ROOT, path)} ${told}\n`);
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

if (import.meta.main) main();
