/** What a detector is: data plus, at most, a check. Adding one is adding a row under `rows/`. */

import type { Beside } from './beside.ts';

/** Where in the text the secret lies. */
export interface Match {
  start: number;
  end: number;
  /** It rests on a short literal and no checksum: in text that a decoder guessed at, or in machine code, chance makes it. */
  weak?: boolean;
}

/** What a thief can do with it: `critical` takes over an account or a machine, `low` hardly anything. */
export type Severity = 'critical' | 'high' | 'medium' | 'low';

/** One way a secret of a kind is written. */
export interface Format {
  /** For people: the format without what is drawn. */
  label: string;
  /** Inside a long run of random base64 characters it is not reported, unless a checksum proves it: it would occur there by chance. */
  weakInRun: boolean;
  /** Directly behind a letter, digit, `-` or `_` it is not reported at all. */
  bounded: boolean;
  /** A made-up secret, the same for the same seed. */
  sample(seed: number): string;
  /** What documentation writes in its place. */
  placeholder: string;
}

export interface Detector {
  /** The name in policies, e.g. `github-token`. Never renamed. */
  name: string;
  /** Any of these must occur; latin1, 3 bytes or more. */
  literals: readonly string[];
  /**
   * Decides at an occurrence: the literal begins at `at` in `text` (latin1; at least LOOK_BEHIND characters before and
   * LOOK_AHEAD after it, or the edge of the input). With `foldCase` the text and literals are lower-cased (DNS names),
   * so that checksums and case classes prove nothing.
   */
  confirm(text: string, at: number, foldCase: boolean): Match | undefined;
  /** What stands beside a literal wherever `confirm` finds something. Default: anything. */
  beside?(literal: string): Beside;
  /** What it finds may have few ASCII characters in a row (`hasRow`); of other detectors that is nothing. */
  alone?: boolean;
  /** Characters that `confirm` reads at most, about: what it is charged. Default CONFIRM_WORK. */
  reach?: number;
  /** It reads no further than the word that the literal is in: letters, digits and `+/-_.~%=`. */
  isWord?: boolean;
  /** Host patterns (`name` or `*.name`) where this kind of secret is at home. */
  homeHosts: readonly string[];
  /** The service or program that the secret is for. */
  service: string;
  severity: Severity;
  formats: readonly Format[];
  /** Where the format is described. */
  source: string;
  /** Texts made at run time from parts (never a live secret) that match and that do not. */
  examples(seed: number): { matching: string[]; other: string[] };
}

/** Work that a detector without a `reach` of its own is charged for each literal. */
export const CONFIRM_WORK = 512;
/** Bytes before a literal that `confirm` may look at. */
export const LOOK_BEHIND = 1024;
/** Bytes from the start of a literal on that `confirm` may look at; also what the scanner holds back. */
export const LOOK_AHEAD = 2048;
