/** Real credentials that packages publish: keys for their tests and examples. */
interface Known {
  detector: string;
  path: RegExp;
  why: string;
}

const KNOWN: readonly Known[] = [];

/** Why a finding is a real credential; undefined: nobody has looked, or it is none. */
export function knownReal(path: string, detector: string): string | undefined {
  return KNOWN.find((known) => known.detector === detector && known.path.test(path))?.why;
}
