/** Bundles the programs into dist/. Local mode, tests of processes and the image run the same bundles. */
import { rmSync } from 'node:fs';
import { build } from 'esbuild';

const programs = {
  weir: 'cli/main.ts',
  holder: 'cli/run/holder.ts',
  netfilter: 'sidecar/netfilter/main.ts',
  sidecar: 'sidecar/main.ts',
};

rmSync('dist', { recursive: true, force: true });
await build({
  entryPoints: programs,
  outdir: 'dist',
  outExtension: { '.js': '.mjs' },
  bundle: true,
  splitting: true,
  chunkNames: 'chunks/[name]-[hash]',
  format: 'esm',
  platform: 'node',
  target: 'node24',
  sourcemap: 'linked',
  sourcesContent: false,
  // koffi finds its prebuilt library beside its own files.
  external: ['koffi'],
  // CommonJS dependencies inside an ES module bundle still call require().
  banner: {
    js: "import { createRequire as weirRequire } from 'node:module'; const require = weirRequire(import.meta.url);",
  },
  logLevel: 'warning',
});
