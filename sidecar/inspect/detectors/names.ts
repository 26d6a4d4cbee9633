/** What policies call detectors. The inspection itself does not need it. */
import { OPAQUE_UPLOAD } from '../../../crds/content.ts';
import { encodedName } from './encoded-name.ts';
import { DETECTORS } from './index.ts';

/** Names that policies may use in `content.detectors`, `homeHosts` and `suppressions`. */
export const DETECTOR_NAMES: readonly string[] = [
  ...[...DETECTORS, encodedName].map((detector) => detector.name),
  // The values of the pod's own Secrets (sidecar/inspect/known).
  'known-secret',
  // What no decoder explains in request bodies (sidecar/inspect/opaque).
  OPAQUE_UPLOAD,
];
