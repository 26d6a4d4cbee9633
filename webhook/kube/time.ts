/** A time (milliseconds since 1970) in RFC 3339 with microseconds, as Kubernetes reads MicroTime. */
export function microTime(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '000Z');
}
