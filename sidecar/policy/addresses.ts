/** Which addresses a rule's scope admits, after resolution. */
import type { AddressScope, Denial } from '../../crds/runtime.ts';
import { classifyAddress } from '../tcp/scope.ts';
import { deny } from './refusal.ts';

type AddressClass = ReturnType<typeof classifyAddress>;

/** Loopback, link-local, metadata, multicast, reserved and our own synthetic range are in no scope. */
const ADMITTED: Record<AddressScope, ReadonlySet<AddressClass>> = {
  Public: new Set<AddressClass>(['public']),
  Private: new Set<AddressClass>(['public', 'private', 'cgnat']),
};

/** `undefined` when the address may be dialled. The denial holds in Audit mode too. */
export function decideAddress(scope: AddressScope, address: string): Denial | undefined {
  const kind = classifyAddress(address);
  return ADMITTED[scope].has(kind) ? undefined : deny('address.not-allowed', undefined, `${kind} address ${address}`);
}
