/** `weir diff`: what another version of the policies allows and denies. */
import { DETECTOR_NAMES } from '../sidecar/inspect/detectors/names.ts';
import { runCommand } from './arguments.ts';
import { type Change, type Comparison, compare } from './diff/compare.ts';
import { podClasses } from './diff/pods.ts';
import { OTHER_METHOD } from './diff/requests.ts';
import { podSettings } from './diff/settings.ts';
import { Steps } from './diff/steps.ts';
import { EXIT, type Io, UsageError } from './io.ts';
import { type Pod, type PolicySet, podOf } from './pod.ts';
import { loadPolicies, problemText } from './policies.ts';
import { jsonText, shown } from './shown.ts';
import { DIFF } from './table.ts';

/** Globs that are told of one change. */
const MAX_PATHS = 6;

export interface Difference extends Comparison {
  /** Pods for which this holds, one of each kind. */
  pods: Pod[];
}

/** What differs for each kind of pod; kinds with the same differences are told together. Pure. */
export function differences(
  before: PolicySet,
  after: PolicySet,
  asked: Pod,
): { found: Difference[]; complete: boolean } {
  const { classes, complete } = podClasses(before, after, asked);
  const byText = new Map<string, Difference>();
  const steps = new Steps();
  let all = complete;
  for (const each of classes) {
    const compared = compare(each.before, each.after, steps);
    const own = podSettings(each.fields.before, each.fields.after);
    const comparison = { ...compared, settings: [...compared.settings, ...own] };
    all &&= comparison.complete;
    if (comparison.changes.length === 0 && comparison.settings.length === 0) continue;
    const key = JSON.stringify(comparison);
    const known = byText.get(key);
    if (known) known.pods.push(each.pod);
    else byText.set(key, { pods: [each.pod], ...comparison });
  }
  return { found: [...byText.values()], complete: all };
}

/** Resolves to the exit status. */
export function diff(argv: string[], io: Io): Promise<number> {
  return runCommand(DIFF, argv, io, async (given) => {
    const [before, after, ...more] = given.operands;
    if (before === undefined || after === undefined || more.length > 0)
      throw new UsageError('name two files or directories: the one before, and the one after');
    const pod = podOf(given);
    const sides = [await load(before, io), await load(after, io)] as const;
    if (!sides[0] || !sides[1]) return EXIT.usage;
    const { found, complete } = differences(sides[0], sides[1], pod);
    const same = found.length === 0;
    io.stdout(given.has('json') ? jsonText({ same, complete, differences: found }) : text(found));
    if (!complete) io.stderr('weir diff: there was too much to compare; differences may be missing\n');
    return same && complete ? EXIT.ok : EXIT.no;
  });
}

async function load(path: string, io: Io): Promise<PolicySet | undefined> {
  const { problems, ...set } = await loadPolicies([path], DETECTOR_NAMES);
  const errors = problems.filter(({ severity }) => severity === 'error');
  for (const problem of errors) io.stderr(problemText(problem));
  return errors.length > 0 ? undefined : set;
}

const TITLES: Record<Change['kind'], string> = { allowed: 'now allowed', denied: 'now denied', changed: 'otherwise' };

function text(found: readonly Difference[]): string {
  if (found.length === 0) return 'they allow the same\n';
  return `${found.map(differenceText).join('\n')}`;
}

function differenceText({ pods, changes, settings }: Difference): string {
  const lines = [`${pods.map(podText).join('; ')}:`];
  for (const kind of ['allowed', 'denied', 'changed'] as const) {
    for (const change of changes.filter((each) => each.kind === kind)) lines.push(...changeText(change));
  }
  for (const { field, before, after } of settings) lines.push(`  ${field}: ${before || 'none'} → ${after || 'none'}`);
  return `${lines.map(shown).join('\n')}\n`;
}

function podText({ labels, namespace, namespaceLabels = {} }: Pod): string {
  const own = pairsText(labels ?? {});
  const others = pairsText(namespaceLabels);
  const pods = labels === undefined ? 'every pod' : `pods ${own === '' ? 'without labels' : own}`;
  if (namespace === undefined) return others === '' ? pods : `${pods} in namespaces ${others}`;
  return `${pods} in namespace ${namespace}${others === '' ? '' : ` (${others})`}`;
}

function pairsText(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(', ');
}

function changeText({ kind, host, port, protocol, before, after, why, methods, paths, examples }: Change): string[] {
  const by = kind === 'allowed' ? `by ${after}; was ${why}` : kind === 'denied' ? `${why}; was by ${before}` : why;
  const named = methods.map((method) => (method === OTHER_METHOD ? 'any other method' : method)).join(', ');
  return [
    `  ${TITLES[kind]}: ${protocol} ${host}:${port} (${by})`,
    ...(named === '' ? [] : [`    ${named}${paths.length === 0 ? '' : `  ${listed(paths)}`}`]),
    ...examples.slice(0, 1).map((example) => `    for example ${example}`),
  ];
}

function listed(paths: readonly string[]): string {
  const rest = paths.length - MAX_PATHS;
  return rest > 0 ? `${paths.slice(0, MAX_PATHS).join(', ')} and ${rest} more` : paths.join(', ');
}
