/**
 * The npm registry of the outside: verdaccio, which fetches from this machine's own registry what it does not have and
 * keeps it between runs. It listens on a Unix socket, which crosses network namespaces; a socat outside ends TLS before it.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Pki } from '../../../net/pki.ts';
import { Companion, must } from '../../../net/process.ts';
import { node, root } from '../../../setup/processes.ts';
import { inOutside, servingOutside } from '../cluster.ts';
import { HOSTS } from './plan.ts';

const START_MS = 30_000;

export interface Registry {
  stop(): Promise<void>;
}

export async function startRegistry(directory: string, cache: string, pki: Pki): Promise<Registry> {
  const socket = join(directory, 'registry.sock');
  rmSync(socket, { force: true });
  mkdirSync(join(cache, 'storage'), { recursive: true });
  const config = (name: string) => must(['npm', 'config', 'get', name], { cwd: '/' }).then((text) => text.trim());
  const [upstream, cafile] = await Promise.all([config('registry'), config('cafile')]);
  const file = join(directory, 'verdaccio.yaml');
  writeFileSync(
    file,
    JSON.stringify({
      storage: join(cache, 'storage'),
      auth: { htpasswd: { file: join(directory, 'htpasswd'), max_users: 10, algorithm: 'sha1' } },
      uplinks: { machine: { url: upstream, maxage: '30d', timeout: '60s' } },
      packages: { '**': { access: '$all', publish: '$authenticated', proxy: 'machine' } },
      log: { type: 'stdout', format: 'json', level: 'warn' },
    }),
  );
  const verdaccio = new Companion(
    'verdaccio',
    [node, join(root, 'node_modules/verdaccio/bin/verdaccio'), '--config', file, '--listen', `unix:${socket}`],
    {
      ...process.env,
      HOME: directory,
      VERDACCIO_PUBLIC_URL: `https://${HOSTS.registry.name}/`,
      ...(cafile === 'null' || cafile === '' ? {} : { NODE_EXTRA_CA_CERTS: cafile }),
    },
  );
  const fronts = [
    `OPENSSL-LISTEN:443,bind=${HOSTS.registry.v4}`,
    `OPENSSL-LISTEN:443,bind=[${HOSTS.registry.v6}],pf=ip6`,
  ].map((listen) => {
    const tls = `${listen},reuseaddr,fork,cert=${pki.certificate},key=${pki.key},verify=0`;
    return new Companion('registry', servingOutside('socat', tls, `UNIX-CONNECT:${socket}`));
  });
  const stop = async (): Promise<void> => {
    await Promise.all([verdaccio, ...fronts].map((companion) => companion.stop()));
  };
  try {
    await answers(pki.ca, () => verdaccio.ended || fronts.some(({ ended }) => ended));
  } catch (error) {
    await stop();
    throw new Error(`the registry does not answer: ${verdaccio.stderr}${fronts.map(({ stderr }) => stderr).join('')}`, {
      cause: error,
    });
  }
  return { stop };
}

async function answers(ca: string, isOver: () => boolean): Promise<void> {
  const { name, v4 } = HOSTS.registry;
  const ask = [
    'curl',
    '-fsS',
    '--max-time',
    '5',
    '--cacert',
    ca,
    '--resolve',
    `${name}:443:${v4}`,
    `https://${name}/-/ping`,
  ];
  for (const end = Date.now() + START_MS; ; ) {
    try {
      await must(inOutside(...ask));
      return;
    } catch (error) {
      if (isOver() || Date.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}
