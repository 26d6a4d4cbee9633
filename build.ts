/** Bundles the programs into dist/. Local mode, tests of processes and the image run the same bundles. */
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build, type Metafile } from 'esbuild';

const programs = {
  weir: 'cli/main.ts',
  holder: 'cli/run/holder.ts',
  netfilter: 'sidecar/netfilter/main.ts',
  sidecar: 'sidecar/main.ts',
  judge: 'sidecar/inspect/thread/worker.ts',
  ready: 'sidecar/ready.ts',
  webhook: 'webhook/main.ts',
};

/** All programs into `outdir`, relative to the project. Returns what went into which file (esbuild's metafile). */
export async function bundle(outdir: string): Promise<Metafile> {
  const root = import.meta.dirname;
  mkdirSync(join(root, outdir), { recursive: true });
  for (const name of readdirSync(join(root, outdir))) {
    if (name === 'chunks' || /\.mjs(\.map)?$/.test(name)) rmSync(join(root, outdir, name), { recursive: true });
  }
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: programs,
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
    format: 'esm',
    platform: 'node',
    target: 'node24',
    sourcemap: 'linked',
    sourcesContent: false,
    metafile: true,
    // koffi finds its prebuilt library beside its own files.
    external: ['koffi'],
    // CommonJS dependencies inside an ES module bundle still call require().
    banner: {
      js: "import { createRequire as weirRequire } from 'node:module'; const require = weirRequire(import.meta.url);",
    },
    logLevel: 'warning',
  });
  return metafile;
}

if (import.meta.main) await bundle('dist');
