/**
 * Whether Weir is in a pod: not by its marks, nor by names of containers, which the author of a pod that is older than the
 * label chose, but when the guard would let the pod in as it is. Pure.
 */
import { SIDECAR_CONTAINER, SIDECAR_ENV } from '../../crds/injected.ts';
import { marksRefusals } from '../admission/guard/metadata.ts';
import { specRefusals } from '../admission/guard/spec.ts';
import type { Pod } from '../admission/pod.ts';
import type { AdmissionSettings } from '../admission/settings.ts';

export type Judge = (pod: Pod) => boolean;

export function injectedBy(settings: Omit<AdmissionSettings, 'controlPlane'>): Judge {
  return (pod) => {
    const { spec } = pod;
    const sidecar = spec?.initContainers?.[1];
    if (!spec || sidecar?.name !== SIDECAR_CONTAINER) return false;
    try {
      // Where it asks may be another than now: the Service was made anew. Whoever answers there has to have our authority.
      const controlPlane = sidecar.env?.find(({ name }) => name === SIDECAR_ENV.controlPlane)?.value ?? '';
      return marksRefusals(pod).length === 0 && specRefusals(spec, { ...settings, controlPlane }).length === 0;
    } catch {
      // A shape that nobody wrote the guard for is none of ours.
      return false;
    }
  };
}
