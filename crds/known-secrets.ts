/** `content.knownSecrets` of several policies to what the data plane looks for: whatever one of them wants looked for. Pure. */
import type { KnownSecretRules } from './runtime.ts';
import type { ClusterEgressPolicy, EgressPolicy, KnownSecrets } from './types.generated.ts';

/** What holds when no policy says otherwise. */
export const KNOWN_SECRET_DEFAULTS: KnownSecretRules = { source: 'PodSecrets', minLength: 12, exclude: [] };

/** Keys by Secret; `all`: the whole Secret. */
type Excluded = ReadonlyMap<string, ReadonlySet<string> | 'all'>;

/** Whether it leaves out what is looked for by default. */
export function leavesOut(said: KnownSecrets | undefined): boolean {
  const { source, minLength = 0, exclude = [] } = said ?? {};
  return source === 'None' || minLength > KNOWN_SECRET_DEFAULTS.minLength || exclude.length > 0;
}

/**
 * A value is left out when every EgressPolicy leaves it out, and every ClusterEgressPolicy that says something of it; when
 * the cluster takes no exceptions, only when a ClusterEgressPolicy leaves it out as well.
 */
export function compileKnownSecrets(
  own: readonly EgressPolicy[],
  cluster: readonly ClusterEgressPolicy[],
  tightenOnly: boolean,
): KnownSecretRules {
  const said = cluster.flatMap(({ spec }) => spec.content?.knownSecrets ?? []);
  const strictest = (of: readonly EgressPolicy[]): KnownSecretRules => {
    const each = of.map(({ spec }) => spec.content?.knownSecrets ?? {});
    const known = [...each, ...said];
    const sources = [...each.map(({ source = 'PodSecrets' }) => source), ...said.flatMap(({ source }) => source ?? [])];
    const lengths = [
      ...each.map(({ minLength }) => minLength ?? KNOWN_SECRET_DEFAULTS.minLength),
      ...said.flatMap(({ minLength }) => minLength ?? []),
    ];
    const excluded = known
      .filter(({ exclude }, i) => i < each.length || exclude !== undefined)
      .map(({ exclude = [] }) => excludedBy(exclude));
    return {
      exclude: listOf(excluded.length === 0 ? new Map() : excluded.reduce(both)),
      minLength: lengths.length === 0 ? KNOWN_SECRET_DEFAULTS.minLength : Math.min(...lengths),
      source: sources.length > 0 && sources.every((source) => source === 'None') ? 'None' : 'PodSecrets',
    };
  };
  const all = strictest(own);
  if (!tightenOnly) return all;
  const floor = strictest([]);
  return {
    exclude: listOf(both(excludedBy(all.exclude), excludedBy(floor.exclude))),
    minLength: Math.min(all.minLength, floor.minLength),
    source: floor.source === 'None' ? all.source : 'PodSecrets',
  };
}

/** Whether the rules leave out a value of a Secret by its name and key. */
export function isExcluded({ exclude }: KnownSecretRules, secretName: string, key: string): boolean {
  return exclude.some(
    (excluded) => excluded.secretName === secretName && (excluded.keys === undefined || excluded.keys.includes(key)),
  );
}

function excludedBy(exclude: KnownSecretRules['exclude']): Excluded {
  return new Map(exclude.map(({ secretName, keys }) => [secretName, keys ? new Set(keys) : 'all']));
}

function both(a: Excluded, b: Excluded): Excluded {
  const shared = [...a].flatMap(([name, keys]): [string, ReadonlySet<string> | 'all'][] => {
    const others = b.get(name);
    if (others === undefined) return [];
    if (keys === 'all') return [[name, others]];
    const left = others === 'all' ? keys : new Set([...keys].filter((key) => others.has(key)));
    return left.size === 0 ? [] : [[name, left]];
  });
  return new Map(shared);
}

/** In the order of names. */
function listOf(excluded: Excluded): KnownSecretRules['exclude'] {
  return [...excluded]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([secretName, keys]) => (keys === 'all' ? { secretName } : { keys: [...keys].sort(), secretName }));
}
