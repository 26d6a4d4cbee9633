/**
 * AF_VSOCK (vsock(7)): sockets to the hypervisor, which no network namespace and no packet filter holds. The container
 * runtime's default seccomp profile refuses them; the sidecar runs under the same one as the pod's other containers, so
 * what it can open they can open.
 */
import { AF_VSOCK, closeDescriptor, connectSocket, openSocket, SOCK_STREAM, SystemError } from '../tcp/native.ts';
import type { Outcome } from './probes.ts';

/** The host (VMADDR_CID_HOST), at a port where nobody listens. */
const HOST = 2;
const DISCARD_PORT = 9;
const SOCKADDR_VM_SIZE = 16;
export const VSOCK_PROBE = 'vsock to the hypervisor';

/** Errors that say that there is no way to a hypervisor: no such family, no transport, no host. */
const NO_WAY: ReadonlySet<string> = new Set(['EAFNOSUPPORT', 'EPROTONOSUPPORT', 'ENODEV', 'EADDRNOTAVAIL', 'ENOSYS']);

/** Tries to reach the host. Synchronous; leaves no descriptor. */
export function tryVsock(): Outcome {
  let fd: number | undefined;
  try {
    fd = openSocket(AF_VSOCK, SOCK_STREAM);
    connectSocket(fd, hostAddress());
    return { probe: VSOCK_PROBE, result: 'sent' };
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    if (error.code === 'EPERM' || error.code === 'EACCES') return { probe: VSOCK_PROBE, result: 'dropped' };
    if (NO_WAY.has(error.code)) return { probe: VSOCK_PROBE, result: 'impossible', code: error.code };
    // It was under way (EINPROGRESS), or somebody answered (ECONNRESET).
    return { probe: VSOCK_PROBE, result: 'sent' };
  } finally {
    if (fd !== undefined) closeDescriptor(fd);
  }
}

/** struct sockaddr_vm: family, reserved, port, CID, in the machine's order. */
function hostAddress(): Buffer {
  const address = Buffer.alloc(SOCKADDR_VM_SIZE);
  address.writeUInt16LE(AF_VSOCK, 0);
  address.writeUInt32LE(DISCARD_PORT, 4);
  address.writeUInt32LE(HOST, 8);
  return address;
}
