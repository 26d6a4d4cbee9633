/** What a person reads when a run has ended: what was denied, how often, by which rule and why. */
import type { Event } from '../../crds/runtime.ts';

/** Different denials that are told apart; more are counted as one. */
export const MAX_GROUPS = 256;
/** Rows that are printed. */
export const MAX_ROWS = 20;
/** Columns when the terminal does not say. */
export const DEFAULT_WIDTH = 100;
/** The narrowest table. */
export const MIN_WIDTH = 40;

interface Group {
  count: number;
  what: string;
  where: string;
  why: string;
  rule: string;
}

const HEADINGS: Group = { count: 0, what: 'WHAT', where: 'WHERE', why: 'REASON', rule: 'RULE' };

export class Summary {
  private readonly groups = new Map<string, Group>();
  private others = 0;
  private denied = 0;
  private passed = 0;

  add(event: Event): void {
    if (event.action === 'allow') return;
    if (event.action === 'deny') this.denied++;
    else this.passed++;
    const group = groupOf(event);
    const key = [event.action, group.what, group.where, group.why, group.rule].join('\n');
    const known = this.groups.get(key);
    if (known !== undefined) known.count++;
    else if (this.groups.size < MAX_GROUPS) this.groups.set(key, group);
    else this.others++;
  }

  /** Lines without a trailing newline, none longer than `width`; empty when nothing was denied. */
  table(width: number = DEFAULT_WIDTH): string {
    if (this.groups.size === 0) return '';
    const limit = Math.max(MIN_WIDTH, width);
    const sorted = [...this.groups.values()].sort((a, b) => b.count - a.count || compare(a, b));
    const shown = sorted.slice(0, MAX_ROWS);
    const lines = [this.heading(), ...rows(shown, limit)];
    const rest = sorted.slice(MAX_ROWS).reduce((sum, { count }) => sum + count, this.others);
    if (rest > 0) lines.push(`and ${rest} more, in the audit log`);
    return lines.map((line) => cut(line, limit).trimEnd()).join('\n');
  }

  private heading(): string {
    const parts: string[] = [];
    if (this.denied > 0) parts.push(`denied ${this.denied}`);
    if (this.passed > 0) parts.push(`would have denied ${this.passed}`);
    return `weir: ${parts.join(', ')}`;
  }
}

function groupOf(event: Event): Group {
  // A client asks for both kinds of address of one name: that is one thing to a reader.
  const { queryType } = event;
  const type = queryType === undefined || queryType === 'A' || queryType === 'AAAA' ? '' : ` ${queryType}`;
  const what = event.layer === 'dns' ? `DNS${type}` : (event.method ?? event.layer.toUpperCase());
  const port = event.port === undefined || event.port === 443 ? '' : `:${event.port}`;
  const host = event.host ?? event.address ?? '-';
  const detectors = [...new Set((event.findings ?? []).map(({ detector }) => detector))].join(', ');
  const would = event.action === 'would-deny' ? ' (passed: Audit)' : '';
  return {
    count: 1,
    what: printable(what),
    where: printable(`${host}${port}`),
    why: printable(`${event.reason ?? '-'}${detectors === '' ? '' : ` [${detectors}]`}${would}`),
    rule: printable(event.rule ?? '-'),
  };
}

/** Host and method are the workload's own words: nothing of them may drive the terminal. */
function printable(text: string): string {
  return text.replace(/[^\x20-\x7e…]/g, '?');
}

function compare(a: Group, b: Group): number {
  return `${a.where}\n${a.what}` < `${b.where}\n${b.what}` ? -1 : 1;
}

function rows(groups: readonly Group[], width: number): string[] {
  const columns = (['what', 'where', 'why', 'rule'] as const).map((name) => ({
    name,
    size: Math.max(HEADINGS[name].length, ...groups.map((group) => group[name].length)),
  }));
  const countSize = Math.max(...groups.map(({ count }) => String(count).length));
  // Two spaces before each column. The widest gives way first.
  let excess = countSize + columns.reduce((sum, { size }) => sum + size + 2, 0) - width;
  while (excess > 0) {
    const widest = columns.reduce((a, b) => (b.size > a.size ? b : a));
    widest.size--;
    excess--;
  }
  const line = (count: string, group: Group) =>
    [count.padStart(countSize), ...columns.map(({ name, size }) => cut(group[name], size).padEnd(size))].join('  ');
  return [line('', HEADINGS), ...groups.map((group) => line(String(group.count), group))];
}

function cut(text: string, size: number): string {
  return text.length <= size ? text : `${text.slice(0, Math.max(0, size - 1))}…`;
}
