/** A detector as a row of data. */
import { either, NOTHING_KNOWN } from '../beside.ts';
import type { Detector, Severity } from '../types.ts';
import { type CompiledFormat, type TokenFormat, tokenFormats } from './format.ts';
import { type KeyedFormat, keyedFormats } from './keyed.ts';

export interface Row {
  name: string;
  /** The service, as it writes its own name. */
  service: string;
  severity: Severity;
  homeHosts: readonly string[];
  source: string;
  /** A text is a token's shape. */
  formats: readonly (string | TokenFormat | KeyedFormat)[];
}

export function detectorOf(row: Row): Detector {
  const formats = row.formats.flatMap(compile);
  const { name, service, severity, homeHosts, source } = row;
  return {
    name,
    service,
    severity,
    homeHosts,
    source,
    formats,
    literals: [...new Set(formats.flatMap(({ literals }) => literals))],
    reach: Math.max(...formats.map(({ reach }) => reach)),
    isWord: formats.every(({ isWord }) => isWord),
    beside: (literal) =>
      either(
        formats
          .filter(({ literals }) => literals.some((own) => own.startsWith(literal) || literal.startsWith(own)))
          .map(({ beside }) => beside?.(literal) ?? NOTHING_KNOWN),
      ),
    confirm(text, at, foldCase) {
      for (const format of formats) {
        for (const literal of format.literals) {
          const stands = foldCase
            ? text.slice(at, at + literal.length).toLowerCase() === literal.toLowerCase()
            : text.startsWith(literal, at);
          if (!stands) continue;
          const match = format.confirm(text, at, foldCase);
          if (match !== undefined) return match;
          break;
        }
      }
      return undefined;
    },
    examples: (seed) => ({
      matching: formats.map(({ sample }, index) => sample(seed + index)),
      other: formats.map(({ placeholder }) => placeholder),
    }),
  };
}

function compile(format: string | TokenFormat | KeyedFormat): CompiledFormat[] {
  return typeof format === 'object' && 'keys' in format ? keyedFormats(format) : tokenFormats(format);
}
