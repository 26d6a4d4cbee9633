/** What the two threads say to each other beside the bytes of bodies. All that can be cloned (HTML, 2.7.5). */
import type { Channel, Finding, SecretPatternRule } from '../../../crds/runtime.ts';
import type { BudgetState } from '../budget.ts';
import type { ShortRest } from '../opaque/short.ts';
import type { PackedValues } from './secrets.ts';

/** To the thread that judges; each is taken before any block that was written after it was sent. */
export type ToJudge =
  | {
      kind: 'open';
      body: number;
      ring: SharedArrayBuffer;
      channel: Channel;
      isForm: boolean;
      /** Whether what no decoder explains is measured. */
      measures: boolean;
      /** What the fields of the message have left. */
      budget: BudgetState;
    }
  | { kind: 'close'; body: number }
  | { kind: 'known'; values: PackedValues }
  | { kind: 'patterns'; rules: readonly SecretPatternRule[] };

/** From it, about one body. */
export interface Told {
  body: number;
  findings: Finding[];
  /** Of short pieces, for the session. */
  rest?: ShortRest;
  /** Why it is refused. */
  refused?: string;
}
