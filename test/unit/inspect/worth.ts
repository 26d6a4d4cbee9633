import { CONTAINERS } from '../../../sidecar/inspect/decode/containers.ts';
import { surveyAt } from '../../../sidecar/inspect/scan/simd/survey.ts';
import { EXACT_TABLE } from '../../../sidecar/inspect/scan/table.ts';

/** Whether a detector matches bytes, as they are or in a dress, compressed data may begin in them, or a decoder make something of them. */
export function isAnythingIn(bytes: Buffer): boolean {
  const { literals, firstMagic, firstDressed, dressed, byLiteral } = EXACT_TABLE;
  const survey = surveyAt(2);
  const text = bytes.toString('latin1');
  let isIn = false;
  survey.take(bytes, literals, false, 0, bytes.length, (literal, at) => {
    if (literal < firstMagic) {
      isIn ||= (byLiteral[literal] ?? []).some((detector) => detector.confirm(text, at, false) !== undefined);
    } else if (literal < firstDressed) {
      isIn ||= CONTAINERS[literal - firstMagic]?.open(bytes, at) !== undefined;
    } else {
      const { dress, literal: plain, detectors, isWord } = dressed[literal - firstDressed] as (typeof dressed)[number];
      const undressed = dress.undress(bytes, at, plain, isWord);
      isIn ||= detectors.some((detector) => {
        const match = detector.confirm(undressed.text, undressed.at, false);
        return match !== undefined && match.weak !== true;
      });
    }
  });
  return isIn || !survey.isNoise();
}
