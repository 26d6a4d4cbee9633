/**
 * YAML with places: every value knows the line and column it was written at, so that every problem can say where.
 * Stricter than YAML 1.2: duplicate keys, merge keys, unknown tags and plain scalars that YAML 1.1 readers (kubectl is
 * one) take for something else are problems.
 */
import { EVENT_ID, type Event, getScalarValue, parseEvents, SCALAR_STYLE, YAMLException } from 'js-yaml';
import { resolvePlain, yaml11Reading } from './scalars.ts';

/** Most values in one file, aliases expanded: what an alias repeats is counted again. */
export const MAX_YAML_VALUES = 50_000;
export const MAX_YAML_DEPTH = 64;

export type Path = readonly (string | number)[];

export interface YamlNode {
  value: unknown;
  /** Offset in the text. */
  start: number;
  /** Values inside, this one included. */
  size: number;
  /** Fields of a mapping, with the offset of each key; items of a sequence under their index. */
  children: Map<string | number, { keyStart: number; node: YamlNode }>;
}

export interface YamlProblem {
  start: number;
  message: string;
  fix?: string;
  path: Path;
}

export interface YamlResult {
  /** One for each document that has content. */
  documents: YamlNode[];
  problems: YamlProblem[];
}

/** Never throws. After a syntax error, or with too many values, there are no documents. */
export function parseYaml(text: string): YamlResult {
  let events: Event[];
  try {
    events = parseEvents(text, { maxDepth: MAX_YAML_DEPTH + 1 });
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    const isDeep = error.reason.includes('maxDepth');
    const message = isDeep ? `values are nested more than ${MAX_YAML_DEPTH} deep` : `not valid YAML: ${error.reason}`;
    return { documents: [], problems: [{ start: error.mark?.position ?? 0, message, path: [] }] };
  }
  const composer = new Composer(text, events);
  const documents = composer.documents();
  return { documents: composer.isTooLarge ? [] : documents, problems: composer.problems };
}

/** The node at a path, or the nearest one above it that exists. `key`: the offset of the key rather than of the value. */
export function placeOf(root: YamlNode, path: Path, key = false): number {
  let node = root;
  let place = root.start;
  for (const step of path) {
    const child = node.children.get(step);
    if (!child) return place;
    node = child.node;
    place = key ? child.keyStart : node.start;
  }
  return place;
}

class Composer {
  readonly problems: YamlProblem[] = [];
  readonly #text: string;
  readonly #events: Event[];
  #at = 0;
  #values = 0;
  #anchors = new Map<string, YamlNode | undefined>();

  constructor(text: string, events: Event[]) {
    this.#text = text;
    this.#events = events;
  }

  get isTooLarge(): boolean {
    return this.#values > MAX_YAML_VALUES;
  }

  documents(): YamlNode[] {
    const documents: YamlNode[] = [];
    while (this.#at < this.#events.length) {
      this.#at++; // document
      this.#anchors = new Map();
      const first = this.#events[this.#at];
      const node = this.#node([]);
      this.#at++; // its end
      const isEmpty = first?.type === EVENT_ID.SCALAR && first.valueStart < 0 && first.tagStart < 0;
      if (node && !isEmpty) documents.push(node);
    }
    return documents;
  }

  #node(path: Path): YamlNode | undefined {
    const event = this.#events[this.#at++];
    if (!event) return undefined;
    switch (event.type) {
      case EVENT_ID.SCALAR: {
        const start =
          event.valueStart < 0 ? Math.max(0, this.#previousEnd()) : event.valueStart - (isQuoted(event.style) ? 1 : 0);
        return this.#finish(event, { value: this.#scalar(event, start, path), start, size: 1, children: new Map() });
      }
      case EVENT_ID.ALIAS: {
        const name = this.#text.slice(event.anchorStart, event.anchorEnd);
        const node = this.#anchors.get(name);
        const start = event.anchorStart - 1;
        if (!node) {
          this.#count(1, start, path);
          this.#problem(
            start,
            path,
            this.#anchors.has(name)
              ? `the alias *${name} is inside what it stands for`
              : `there is no anchor &${name} before this alias`,
          );
          return { value: null, start, size: 1, children: new Map() };
        }
        this.#count(node.size, start, path);
        return { ...node, start };
      }
      case EVENT_ID.SEQUENCE:
      case EVENT_ID.MAPPING: {
        const anchor = event.anchorStart < 0 ? undefined : this.#text.slice(event.anchorStart, event.anchorEnd);
        if (anchor !== undefined) this.#anchors.set(anchor, undefined);
        const node =
          event.type === EVENT_ID.SEQUENCE ? this.#sequence(event.start, path) : this.#mapping(event.start, path);
        this.#at++; // pop
        return this.#finish(event, node);
      }
      default:
        return undefined;
    }
  }

  #sequence(start: number, path: Path): YamlNode {
    const value: unknown[] = [];
    const node: YamlNode = { value, start, size: 1, children: new Map() };
    while (this.#events[this.#at]?.type !== EVENT_ID.POP) {
      const item = this.#node([...path, value.length]);
      if (!item) break;
      node.children.set(value.length, { keyStart: item.start, node: item });
      node.size += item.size;
      value.push(item.value);
    }
    return node;
  }

  #mapping(start: number, path: Path): YamlNode {
    const value: Record<string, unknown> = {};
    const node: YamlNode = { value, start, size: 1, children: new Map() };
    while (this.#events[this.#at]?.type !== EVENT_ID.POP) {
      const isScalar = this.#events[this.#at]?.type === EVENT_ID.SCALAR;
      const key = this.#node(path);
      const name =
        key && (typeof key.value === 'string' || typeof key.value === 'number') ? String(key.value) : undefined;
      const item = this.#node(name === undefined ? path : [...path, name]);
      if (!key || !item) break;
      node.size += key.size + item.size;
      if (name === undefined || !isScalar) this.#problem(key.start, path, 'a key has to be a string');
      else if (name === '__proto__') this.#problem(key.start, path, '`__proto__` cannot be a key');
      else if (name === '<<')
        this.#problem(key.start, path, 'merge keys (`<<`) are not part of YAML 1.2', 'write the fields out');
      else if (node.children.has(name))
        this.#problem(key.start, [...path, name], `the key "${name}" is given twice`, 'keep one of them');
      else {
        node.children.set(name, { keyStart: key.start, node: item });
        value[name] = item.value;
      }
    }
    return node;
  }

  #finish(
    event: Event & { anchorStart: number; anchorEnd: number; tagStart: number; tagEnd: number },
    node: YamlNode,
  ): YamlNode {
    this.#count(1, node.start, []);
    if (event.anchorStart >= 0) this.#anchors.set(this.#text.slice(event.anchorStart, event.anchorEnd), node);
    if (event.tagStart >= 0 && event.type !== EVENT_ID.SCALAR)
      this.#problem(event.tagStart, [], 'tags are not used in policies', 'remove it');
    return node;
  }

  #scalar(event: Extract<Event, { type: typeof EVENT_ID.SCALAR }>, start: number, path: Path): unknown {
    const text = event.valueStart < 0 ? '' : getScalarValue(this.#text, event);
    // "\ud800": no request can have it, and what encodes as UTF-8 throws.
    if (!text.isWellFormed()) this.#problem(start, path, 'half of a surrogate pair is not a character', 'remove it');
    const tag = event.tagStart < 0 ? undefined : this.#text.slice(event.tagStart, event.tagEnd);
    if (tag === '!!str' || tag === '!') return text;
    if (tag !== undefined) this.#problem(event.tagStart, path, `the tag ${tag} is not used in policies`, 'remove it');
    if (event.style !== SCALAR_STYLE.PLAIN) return text;
    const other = yaml11Reading(text);
    if (other)
      this.#problem(
        start,
        path,
        `YAML 1.1 readers such as kubectl take ${text} for ${other}`,
        `"${text}", if it is meant as text`,
      );
    return resolvePlain(text);
  }

  /** End of the last thing that has a place: where an absent value would stand. */
  #previousEnd(): number {
    const before = this.#events[this.#at - 2];
    if (!before) return 0;
    if (before.type === EVENT_ID.SCALAR) return before.valueEnd;
    return before.type === EVENT_ID.SEQUENCE || before.type === EVENT_ID.MAPPING ? before.start : 0;
  }

  #count(values: number, start: number, path: Path): void {
    const before = this.#values;
    this.#values += values;
    if (before <= MAX_YAML_VALUES && this.#values > MAX_YAML_VALUES) {
      this.#problem(start, path, `the file has more than ${MAX_YAML_VALUES} values, aliases expanded`, 'split it');
    }
  }

  #problem(start: number, path: Path, message: string, fix?: string): void {
    this.problems.push({ start, path, message, ...(fix !== undefined && { fix }) });
  }
}

function isQuoted(style: number): boolean {
  return style === SCALAR_STYLE.SINGLE_QUOTED || style === SCALAR_STYLE.DOUBLE_QUOTED;
}
