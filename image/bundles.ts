/** Which bundles a program needs, and which npm packages are in them, by esbuild's metafile. Pure. */

/** The part of esbuild's metafile that is used here (https://esbuild.github.io/api/#metafile). */
export interface Meta {
  outputs: Record<
    string,
    {
      entryPoint?: string;
      imports: { path: string; external?: boolean }[];
      inputs: Record<string, { bytesInOutput: number }>;
    }
  >;
}

export interface Bundles {
  /** Paths as in the metafile, sorted; no source maps. */
  files: string[];
  /** Directories of packages, `node_modules/...`, sorted. */
  packages: string[];
  /** Bytes in the files by the file they came from. */
  bytes: Map<string, number>;
}

/** The programs' own files and every chunk that they import, also later (dynamic imports). */
export function bundlesOf(meta: Meta, outdir: string, programs: readonly string[]): Bundles {
  const files = new Set<string>();
  const bytes = new Map<string, number>();
  const waiting = programs.map((program) => `${outdir}/${program}.mjs`);
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (files.has(file)) continue;
    const output = meta.outputs[file];
    if (output === undefined) throw new Error(`${file} is not among the bundles`);
    files.add(file);
    for (const { path, external } of output.imports) if (!external) waiting.push(path);
    for (const [input, { bytesInOutput }] of Object.entries(output.inputs)) {
      bytes.set(input, (bytes.get(input) ?? 0) + bytesInOutput);
    }
  }
  const packages = new Set([...bytes.keys()].flatMap((input) => packageOf(input) ?? []));
  return { files: [...files].sort(), packages: [...packages].sort(), bytes };
}

/** `node_modules/a/node_modules/@b/c/lib/x.js` → `node_modules/a/node_modules/@b/c`. */
export function packageOf(input: string): string | undefined {
  return /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(input)?.[0];
}
