/**
 * `make image`: the one image of Weir, dist/weir-image.tar, and its bill of materials, dist/weir-image.spdx.json. Debian
 * packages come from the machine's own apt, Node from npm, our programs from dist/. No registry is asked for a base.
 *   node image.ts [--base IMAGE] [--tag NAME:TAG] [--output FILE] [--rootfs-only]
 */
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { bundle } from './build.ts';
import { buildArchive, findBuilder } from './image/builder.ts';
import { bundlesOf } from './image/bundles.ts';
import { DEBIAN_PACKAGES, PLATFORMS, PROGRAMS } from './image/contents.ts';
import { fetchPackages } from './image/debian.ts';
import { assemble, RootFs } from './image/rootfs.ts';
import { type NpmPackage, sbom } from './image/sbom.ts';

const root = import.meta.dirname;
const json = (path: string) => JSON.parse(readFileSync(join(root, path), 'utf8'));
const { version } = json('package.json') as { version: string };
const { values } = parseArgs({
  options: {
    base: { type: 'string', default: 'scratch' },
    tag: { type: 'string', default: `localhost/weir:${version}` },
    output: { type: 'string', default: 'dist/weir-image.tar' },
    'rootfs-only': { type: 'boolean', default: false },
  },
});
const platform = PLATFORMS[process.arch];
if (platform === undefined) throw new Error(`there is no image for ${process.arch}`);

const outdir = 'dist/image/bundles';
const meta = await bundle(outdir);
const bundles = bundlesOf(meta, outdir, PROGRAMS);
const debian = fetchPackages(DEBIAN_PACKAGES, join(root, 'dist/image/debian'));
const lock = json('package-lock.json').packages as Record<string, { integrity?: string }>;
const npm = [
  `node_modules/node-linux-${platform.arch}`,
  'node_modules/koffi',
  `node_modules/@koromix/koffi-linux-${platform.arch}`,
  ...bundles.packages,
]
  .map((directory): NpmPackage => {
    const { name, version, license } = json(join(directory, 'package.json'));
    const { integrity } = lock[directory] ?? {};
    return {
      name,
      version,
      ...(typeof license === 'string' ? { license } : {}),
      ...(integrity === undefined ? {} : { integrity }),
    };
  })
  // The same one may lie in several places.
  .filter(({ name, version }, at, all) => all.findIndex((one) => one.name === name && one.version === version) === at);

const document = `${JSON.stringify(sbom(version, debian, npm, platform.arch), null, 2)}\n`;
const fs = new RootFs(join(root, 'dist/image/rootfs'));
assemble(fs, { root, platform, debian, bundles: { ...bundles, directory: outdir } });
fs.write('usr/share/sbom/weir.spdx.json', document);
fs.settle();
writeFileSync(join(root, 'dist/weir-image.spdx.json'), document);
const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1);
console.log(`root file system: ${megabytes(fs.size())} MB, ${debian.length} Debian and ${npm.length} npm packages`);

if (!values['rootfs-only']) {
  const archive = resolve(root, values.output);
  const builder = findBuilder();
  buildArchive(builder, { root, tag: values.tag, version, base: values.base, archive });
  console.log(`${values.tag}: ${values.output}, ${megabytes(statSync(archive).size)} MB, built by ${builder}`);
}
