/** Sizes in bytes as policies write them: an integer, or digits with a binary suffix. */

const UNITS = { Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30 } as const;

/** Bytes, or `undefined` when it is not `^[0-9]+(Ki|Mi|Gi)?$`, not a non-negative integer, or 2^53 and more. */
export function parseSize(size: string | number): number | undefined {
  const match = /^([0-9]+)(Ki|Mi|Gi)?$/.exec(String(size));
  if (!match) return undefined;
  const bytes = Number(match[1]) * (match[2] === undefined ? 1 : UNITS[match[2] as keyof typeof UNITS]);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** The shortest text that parseSize reads as exactly these bytes. */
export function formatSize(bytes: number): string {
  for (const [unit, factor] of Object.entries(UNITS).reverse()) {
    if (bytes > 0 && bytes % factor === 0) return `${bytes / factor}${unit}`;
  }
  return String(bytes);
}
