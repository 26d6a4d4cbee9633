/** A JSON object of which nothing is known yet. */
export type JsonRecord = Record<string, unknown>;

/** Whether a value of JSON is an object. */
export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
