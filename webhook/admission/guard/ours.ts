/** Weir's own containers and volumes: exactly as injection writes them. */
import { canonicalJson } from '../../../crds/canonical.ts';
import {
  INIT_CONTAINER,
  isReservedName,
  MASKED_VOLUME,
  SERVICE_ACCOUNT_DIR,
  SIDECAR_CONTAINER,
  SIDECAR_ENV,
} from '../../../crds/injected.ts';
import type { Container, PodSpec, Volume } from '../pod.ts';
import type { Refusal } from '../refusal.ts';
import { secretsProblem } from '../secrets.ts';
import type { AdmissionSettings } from '../settings.ts';
import { initContainer, type Shape, shapeOf, sidecarContainer, volumes } from '../shape.ts';
import { resourceRefusals } from './containers.ts';
import { generic } from './fields.ts';

const FIX = 'is not as Weir injects it; leave Weir out of the manifest, or remove what changes it (another webhook?)';

/** What other plugins and an upgrade under way may change, and what is looked at by itself. */
const APART: readonly string[] = ['image', 'imagePullPolicy', 'resources', 'env', 'volumeMounts'];

export function oursRefusals(spec: PodSpec, settings: AdmissionSettings): Refusal[] {
  const shape = shapeOf(
    spec,
    (spec.volumes ?? []).some(({ name }) => name === MASKED_VOLUME),
  );
  const problem = secretsProblem(shape.secrets);
  if (problem !== undefined) return [{ path: 'spec', message: problem }];
  const expected = [initContainer(settings), sidecarContainer(settings, shape)];
  const [init, sidecar] = spec.initContainers ?? [];
  if (init?.name !== INIT_CONTAINER || sidecar?.name !== SIDECAR_CONTAINER) {
    const message = `must begin with ${INIT_CONTAINER} and ${SIDECAR_CONTAINER}: the pod is not injected, or another webhook put itself in front; it cannot run in this namespace without them`;
    return [{ path: 'spec.initContainers', message }];
  }
  return [
    ...containerRefusals(init, expected[0] as Container, spec, settings),
    ...containerRefusals(sidecar, expected[1] as Container, spec, settings),
    ...volumeRefusals(spec, settings, shape),
  ];
}

function containerRefusals(
  actual: Container,
  expected: Container,
  spec: PodSpec,
  settings: AdmissionSettings,
): Refusal[] {
  const path = `spec.initContainers{${actual.name}}`;
  const { allowedFields, formerRepositories } = settings.guard;
  const repositories = [settings.imageRepository, ...formerRepositories];
  const fields = new Set([...Object.keys(actual), ...Object.keys(expected)]) as Set<keyof Container>;
  const different = [...fields]
    .filter((field) => !APART.includes(field) && canonicalJson(actual[field]) !== canonicalJson(expected[field]))
    .map((field) => `${path}.${field}`)
    .filter((each) => !allowedFields.includes(generic(each)));
  if (!repositories.some((repository) => isOurImage(actual.image ?? '', repository))) different.push(`${path}.image`);
  if (canonicalJson(environment(actual)) !== canonicalJson(environment(expected))) different.push(`${path}.env`);
  if (canonicalJson(mounts(actual, spec)) !== canonicalJson(mounts(expected, spec))) {
    different.push(`${path}.volumeMounts`);
  }
  return [
    ...different.map((each) => ({ path: each, message: FIX })),
    ...resourceRefusals(actual.resources, path, allowedFields),
  ];
}

/** A tag or digest of that repository: which one may differ while an upgrade is under way. */
export function isOurImage(image: string, repository: string): boolean {
  if (!image.startsWith(repository)) return false;
  return /^(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(?:@sha256:[0-9a-f]{64})?$/.test(image.slice(repository.length));
}

/** Without the metrics port, which an upgrade may change, when it is one. */
function environment({ env = [] }: Container) {
  return env.filter(({ name, value }) => !(name === SIDECAR_ENV.metricsPort && /^[0-9]{4,5}$/.test(value ?? '')));
}

/** Without the ServiceAccount's volume, which its plugin may mount late, when it is one. */
function mounts({ volumeMounts = [] }: Container, spec: PodSpec) {
  const projected = (spec.volumes ?? []).filter(({ projected }) => projected).map(({ name }) => name);
  return volumeMounts.filter(
    ({ name, mountPath, readOnly, ...rest }) =>
      !(
        mountPath === SERVICE_ACCOUNT_DIR &&
        readOnly === true &&
        Object.keys(rest).length === 0 &&
        projected.includes(name) &&
        !isReservedName(name)
      ),
  );
}

function volumeRefusals(spec: PodSpec, settings: AdmissionSettings, shape: Shape): Refusal[] {
  const reserved = new Map((spec.volumes ?? []).filter(({ name }) => isReservedName(name)).map((v) => [v.name, v]));
  const refusals: Refusal[] = [];
  for (const expected of volumes(settings, shape)) {
    const { name } = expected;
    const actual = reserved.get(name);
    reserved.delete(name);
    // An upgrade may bring or take the upstream authorities.
    const either = [false, true].map((upstreamCa) =>
      volumes({ ...settings, upstreamCa }, shape).find((each) => each.name === name),
    );
    if (!actual || !either.some((each) => isSame(actual, each))) {
      refusals.push({ path: `spec.volumes{${name}}`, message: FIX });
    }
  }
  for (const name of reserved.keys()) {
    refusals.push({ path: `spec.volumes{${name}}`, message: 'the name is reserved for Weir; choose another' });
  }
  return refusals;
}

function isSame(a: Volume | undefined, b: Volume | undefined): boolean {
  return canonicalJson(a) === canonicalJson(b);
}
