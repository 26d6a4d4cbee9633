/** The image: made twice it is the same; what is in it, what is not, and that what is in it runs. Root. */
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Spdx } from '../../image/sbom.ts';
import { must, type Outcome, run } from '../net/process.ts';
import { node, root } from '../setup/processes.ts';

/** Bytes. Node alone is 127 MB. */
const MAX_SIZE = 145e6;
const rootfs = join(root, 'dist/image/rootfs');
const directory = mkdtempSync(join(tmpdir(), 'weir-image-'));
const archives = [join(directory, 'first.tar'), join(directory, 'second.tar')] as const;

beforeAll(async () => {
  for (const archive of archives) await must([node, join(root, 'image.ts'), '--output', archive]);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const sha256 = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex');
const json = (path: string) => JSON.parse(readFileSync(path, 'utf8'));

/** Mode, owner and path of everything in the one layer. */
async function layer(): Promise<{ mode: string; owner: string; path: string }[]> {
  const names = (await must(['tar', '-tf', archives[0]])).split('\n');
  const blob = names.find((name) => /^[0-9a-f]{64}\.tar$|blobs\/.*tar|layer\.tar$/.test(name)) as string;
  const extract = 'tar -xOf "$1" "$2" | tar -tv --numeric-owner';
  const listing = await must(['sh', '-c', extract, 'sh', archives[0], blob]);
  return listing
    .trimEnd()
    .split('\n')
    .map((line) => {
      const [mode = '', owner = '', , , , path = ''] = line.split(/\s+/);
      return { mode, owner, path: path.replace(/^\.\//, '') };
    });
}

/** In the image's files, in mount and network namespaces of their own, with /dev, /proc and /tmp as a container has them. */
function inside(argv: string[], timeoutMs = 30_000): Promise<Outcome> {
  const prepare =
    'mount --bind /dev "$1/dev" && mount -t proc proc "$1/proc" && mount -t tmpfs tmp "$1/tmp" && ip link set lo up && ' +
    'cd "$1" && shift && exec chroot . "$@"';
  return run(['unshare', '--mount', '--net', 'sh', '-c', prepare, 'sh', rootfs, ...argv], { timeoutMs });
}

describe('the image', () => {
  test('made twice it is the same, byte for byte', () => {
    expect(sha256(archives[1])).toBe(sha256(archives[0]));
  });

  test('its size has a bound', () => {
    expect(statSync(archives[0]).size).toBeLessThan(MAX_SIZE);
  });

  test('it has no shell, no package manager, no program but those that are named', async () => {
    const entries = await layer();
    const programs = entries.filter(
      ({ mode, path }) => mode.startsWith('-') && mode.includes('x') && !path.includes('/weir/'),
    );
    const loader = programs.filter(({ path }) => /\/ld-linux[^/]*$/.test(path));
    expect(loader).toHaveLength(1);
    expect(programs.map(({ path }) => path).filter((path) => path !== loader[0]?.path)).toEqual([
      'usr/bin/node',
      'usr/sbin/xtables-nft-multi',
    ]);
    const links = entries
      .filter(({ mode, path }) => mode.startsWith('l') && /bin\//.test(path))
      .map(({ path }) => path);
    expect(links.every((path) => /^usr\/sbin\/ip6?tables(-nft)?-restore$/.test(path))).toBe(true);
  });

  test('all of it is owned by root, nothing is set-uid, writable by others or a device', async () => {
    for (const { mode, owner, path } of await layer()) {
      expect(owner, path).toBe('0/0');
      expect(mode, path).toMatch(path === 'tmp/' ? /^drwxrwxrwt/ : /^(l.*|[-d]r[-w][-x]r-[-x]r-[-x])/);
    }
  });

  test('it runs as nobody in particular and says what it is', async () => {
    const [manifest] = JSON.parse(await must(['tar', '-xOf', archives[0], 'manifest.json']));
    const { config } = JSON.parse(await must(['tar', '-xOf', archives[0], manifest.Config]));
    expect(config.User).toBe('65532:65532');
    expect(config.Labels['org.opencontainers.image.version']).toBe(json(join(root, 'package.json')).version);
    expect(config.Env.filter((variable: string) => !variable.startsWith('PATH='))).toEqual([]);
    expect(manifest.RepoTags).toEqual([`localhost/weir:${json(join(root, 'package.json')).version}`]);
  });
});

describe('the bill of materials', () => {
  const document = () => json(join(rootfs, 'usr/share/sbom/weir.spdx.json')) as Spdx;

  test('lists every Debian package that files come from, in its version', async () => {
    const listed = document().packages.map(({ name, versionInfo }) => `${name} ${versionInfo}`);
    const statuses = readdirSync(join(rootfs, 'var/lib/dpkg/status.d'));
    expect(statuses.length).toBeGreaterThan(8);
    for (const name of statuses) {
      const version = /^Version: (.*)$/m.exec(readFileSync(join(rootfs, 'var/lib/dpkg/status.d', name), 'utf8'))?.[1];
      expect(listed).toContain(`${name} ${version}`);
    }
    // Every shared object is one of a listed package: no file came from elsewhere.
    const objects = (await must(['find', join(rootfs, 'usr/lib'), '-name', '*.so*', '-type', 'f'])).trim().split('\n');
    for (const object of objects) {
      const packages = readdirSync(join(root, 'dist/image/debian')).filter(
        (name) => !name.includes('.') && name !== 'empty',
      );
      const base = object.split('/').pop() as string;
      const found = await Promise.all(
        packages.map(
          async (name) => (await must(['find', join(root, 'dist/image/debian', name), '-name', base])) !== '',
        ),
      );
      expect(found, object).toContain(true);
    }
  });

  test('lists every npm package whose code is in the bundles, and Node', () => {
    const listed = document().packages.flatMap(({ externalRefs }) => externalRefs.map((ref) => ref.referenceLocator));
    const { version } = json(join(root, 'node_modules/undici/package.json'));
    expect(listed).toContain(`pkg:npm/undici@${version}`);
    expect(listed.some((purl) => /^pkg:npm\/node-linux-\w+@24\./.test(purl))).toBe(true);
    // esbuild writes each file's path before its code: a second opinion on what is in there.
    const bundles = readdirSync(join(rootfs, 'weir'), { recursive: true, encoding: 'utf8' }).filter((f) =>
      f.endsWith('.mjs'),
    );
    const named = new Set(
      bundles.flatMap((file) =>
        [
          ...readFileSync(join(rootfs, 'weir', file), 'utf8').matchAll(
            /^\/\/ node_modules\/((?:@[^/\n]+\/)?[^/\n]+)\//gm,
          ),
        ].map((match) => match[1]),
      ),
    );
    expect(named.size).toBeGreaterThan(5);
    for (const name of named)
      expect(
        listed.some((purl) => purl.startsWith(`pkg:npm/${name?.replace('@', '%40')}@`)),
        name,
      ).toBe(true);
  });

  test('is sound: ids are unique, relations name what there is', () => {
    const { packages, relationships } = document() as Spdx & { relationships: Record<string, string>[] };
    const ids = packages.map(({ SPDXID }) => SPDXID);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { relatedSpdxElement } of relationships) expect(ids).toContain(relatedSpdxElement);
  });
});

describe('what is in it runs', () => {
  test('Node', async () => {
    expect(await inside(['/usr/bin/node', '--version'])).toMatchObject({ status: 0, stdout: `${process.version}\n` });
  });

  test('iptables-restore, both families', async () => {
    for (const family of ['iptables', 'ip6tables']) {
      const { status, stdout } = await inside([`/usr/sbin/${family}-restore`, '--version']);
      expect({ status, stdout }).toEqual({ status: 0, stdout: expect.stringContaining('(nf_tables)') });
    }
  });

  test('the init container: every rule loads with the extensions that are there, and holds', async () => {
    const { stdout, status } = await inside(['/usr/bin/node', '--disable-sigusr1', '/weir/netfilter.mjs']);
    expect(JSON.parse(stdout)).toMatchObject({ component: 'netfilter', ready: true });
    expect(status).toBe(0);
  });

  test.each(readdirSync(join(root, 'dist')).filter((name) => /^(sidecar|webhook|ready)\.mjs$/.test(name)))(
    '%s finds all that it imports',
    async (program) => {
      const { stdout, stderr } = await inside(['/usr/bin/node', '--disable-sigusr1', `/weir/${program}`], 5_000);
      expect(stdout + stderr).not.toMatch(/ERR_MODULE_NOT_FOUND|Cannot find (module|package)|Dynamic require/);
    },
  );

  test('nobody in particular can read all of it', async () => {
    const unreadable = await must(['find', rootfs, '-type', 'f', '!', '-perm', '-o+r']);
    expect(unreadable).toBe('');
  });
});
