/** Turns the root file system into an archive with the builder that is there: docker, podman or buildah. */
import { execFileSync, spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';

export type Builder = 'docker' | 'podman' | 'buildah';

export interface Order {
  /** The build context, where Dockerfile and dist/ are. */
  root: string;
  tag: string;
  version: string;
  /** Image to build on; `scratch` is none. */
  base: string;
  /** docker save's format, which containerd, docker, podman and kind load. */
  archive: string;
}

/** The first one that works: a docker client without a daemon does not. */
export function findBuilder(): Builder {
  const works: [Builder, string[]][] = [
    ['docker', ['buildx', 'version']],
    ['podman', ['info']],
    ['buildah', ['info']],
  ];
  for (const [builder, args] of works) {
    const alive = (more: string[]) => spawnSync(builder, more, { stdio: 'ignore' }).status === 0;
    if (alive(args) && (builder !== 'docker' || alive(['info']))) return builder;
  }
  throw new Error('no docker, podman or buildah works here: install one (Debian: apt-get install buildah)');
}

export function buildArchive(builder: Builder, order: Order): void {
  rmSync(order.archive, { force: true });
  const { root, tag, version, base, archive } = order;
  const common = [
    '--build-arg',
    `BASE=${base}`,
    '--build-arg',
    `VERSION=${version}`,
    '--tag',
    tag,
    '--file',
    'Dockerfile',
  ];
  const run = (args: string[]) =>
    execFileSync(builder, args, {
      cwd: root,
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, SOURCE_DATE_EPOCH: '0' },
    });
  if (builder === 'docker') {
    const output = `type=docker,dest=${archive},rewrite-timestamp=true`;
    run(['buildx', 'build', '--provenance=false', ...common, '--output', output, '.']);
    return;
  }
  // --timestamp: the time of the image and of every file in its layer (buildah-build(1)). Docker's format would name the
  // container in which it was built.
  run([
    'build',
    '--quiet',
    '--timestamp',
    '0',
    '--format',
    'oci',
    '--identity-label=false',
    '--no-cache',
    ...common,
    '.',
  ]);
  try {
    run(
      builder === 'podman'
        ? ['save', '--quiet', '--format', 'docker-archive', '--output', archive, tag]
        : ['push', '--quiet', tag, `docker-archive:${archive}:${tag}`],
    );
  } finally {
    run(['rmi', tag]); // the archive is what is made; the builder's store would keep each one
  }
}
