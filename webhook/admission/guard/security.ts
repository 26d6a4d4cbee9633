/** The security contexts of pods and of their containers. */
import type { V1AppArmorProfile, V1SELinuxOptions, V1SeccompProfile } from '@kubernetes/client-node';
import type { Placed, PodSpec } from '../pod.ts';
import type { Refusal } from '../refusal.ts';
import type { GuardLists } from '../settings.ts';
import { unlisted } from './fields.ts';
import { CAPABILITIES, CONTAINER_SECURITY_FIELDS, POD_SECURITY_FIELDS, PROFILE_TYPES, SELINUX_TYPES } from './lists.ts';

export function podSecurity(spec: PodSpec, lists: GuardLists): Refusal[] {
  const context = spec.securityContext;
  const path = 'spec.securityContext';
  return [
    ...unlisted(context, POD_SECURITY_FIELDS, path, lists.allowedFields),
    ...(context?.seccompProfile ? [] : [{ path: `${path}.seccompProfile`, message: SECCOMP_MISSING }]),
    ...profiles(context, path),
    ...seLinux(context?.seLinuxOptions, path),
    ...(context?.sysctls ?? [])
      .filter(({ name }) => !lists.allowedSysctls.includes(name))
      .map(({ name }) => ({
        path: `${path}.sysctls{${name}}`,
        message: 'is not a sysctl that the platform allows; remove it, or ask for it in guard.allowedSysctls',
      })),
  ];
}

export function containerSecurity({ path, container }: Placed, lists: GuardLists): Refusal[] {
  const context = container.securityContext;
  const at = `${path}.securityContext`;
  const capabilities = context?.capabilities;
  const drop = capabilities?.drop ?? [];
  return [
    ...unlisted(context, CONTAINER_SECURITY_FIELDS, at, lists.allowedFields),
    ...(context?.privileged === true
      ? [{ path: `${at}.privileged`, message: 'must not be true; remove it (a build without root needs no more)' }]
      : []),
    ...((context?.procMount ?? 'Default') === 'Default'
      ? []
      : [{ path: `${at}.procMount`, message: 'must be Default; remove it' }]),
    ...unlisted(capabilities, ['add', 'drop'], `${at}.capabilities`, lists.allowedFields),
    ...(capabilities?.add ?? [])
      .filter((name) => !CAPABILITIES.includes(name))
      .map((name) => ({
        path: `${at}.capabilities.add`,
        message: `${name} must not be added; allowed are ${CAPABILITIES.join(', ')}`,
      })),
    ...(drop.includes('ALL') || drop.includes('NET_RAW')
      ? []
      : [{ path: `${at}.capabilities.drop`, message: 'must hold NET_RAW or ALL; add NET_RAW (injection does)' }]),
    ...profiles(context, at),
    ...seLinux(context?.seLinuxOptions, at),
  ];
}

const SECCOMP_MISSING =
  'must be set, since Kubernetes confines nothing without it; set type: RuntimeDefault (injection does)';

interface Profiles {
  seccompProfile?: V1SeccompProfile;
  appArmorProfile?: V1AppArmorProfile;
}

function profiles(context: Profiles | undefined, path: string): Refusal[] {
  return (['seccompProfile', 'appArmorProfile'] as const).flatMap((field) => {
    const profile = context?.[field];
    if (!profile || PROFILE_TYPES.includes(profile.type)) return [];
    return [{ path: `${path}.${field}.type`, message: `must be ${PROFILE_TYPES.join(' or ')}, not ${profile.type}` }];
  });
}

function seLinux(options: V1SELinuxOptions | undefined, path: string): Refusal[] {
  if (!options) return [];
  const at = `${path}.seLinuxOptions`;
  return [
    ...(SELINUX_TYPES.includes(options.type ?? '')
      ? []
      : [{ path: `${at}.type`, message: `must be one of ${SELINUX_TYPES.filter(Boolean).join(', ')}` }]),
    ...(['user', 'role'] as const)
      .filter((field) => options[field])
      .map((field) => ({ path: `${at}.${field}`, message: 'must not be set; remove it' })),
  ];
}
