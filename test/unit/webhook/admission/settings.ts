/** Settings for the tests of this room. */
import {
  type AdmissionSettings,
  DEFAULT_GUARD,
  DEFAULT_INIT_RESOURCES,
  DEFAULT_SIDECAR_RESOURCES,
} from '../../../../webhook/admission/settings.ts';

export const SETTINGS: AdmissionSettings = {
  imageRepository: 'weir/weir',
  image: 'weir/weir:1.0',
  pullPolicy: 'IfNotPresent',
  sidecarResources: DEFAULT_SIDECAR_RESOURCES,
  initResources: DEFAULT_INIT_RESOURCES,
  controlPlane: 'https://10.96.0.7:443',
  controlName: 'weir.weir-system.svc',
  namespace: 'weir-system',
  user: 'system:serviceaccount:weir-system:weir',
  guard: DEFAULT_GUARD,
};
