/** One text, and so one hash, for equal plain data. */
import { createHash } from 'node:crypto';

/**
 * JSON without blanks and with the keys of every object in code unit order, those that are whole numbers first (the idea of
 * RFC 8785); undefined fields are absent. Quick for data whose keys are in that order already.
 */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(isOrdered(value) ? value : ordered(value)) ?? 'null';
}

/** SHA-256 of the canonical JSON, in hexadecimal. */
export function canonicalHash(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex');
}

/** Whether the keys of every object in it are in order. */
function isOrdered(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (Array.isArray(value)) {
    for (const item of value) if (typeof item === 'object' && !isOrdered(item)) return false;
    return true;
  }
  let last = '';
  for (const name in value) {
    if (name < last) return false;
    last = name;
    const field = (value as Record<string, unknown>)[name];
    if (typeof field === 'object' && !isOrdered(field)) return false;
  }
  return true;
}

function ordered(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(ordered);
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, field]) => [name, ordered(field)]),
  );
}
