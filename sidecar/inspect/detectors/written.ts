/** The formats of a detector that is code: its matching examples, one a format. */
import type { Format } from './types.ts';

/** `labels` name the matching examples in their order; more examples than labels are variations. */
export function writtenFormats(labels: readonly string[], matching: (seed: number) => readonly string[]): Format[] {
  return labels.map((label, index) => ({
    label,
    weakInRun: false,
    bounded: false,
    sample: (seed) => matching(seed)[index] ?? '',
    placeholder: '',
  }));
}
