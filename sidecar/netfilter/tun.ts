/** A tun device (tuntap.rst in the kernel's documentation): an interface whose outgoing packets we can read ourselves. */
import { close, closeSync, constants, openSync, readSync } from 'node:fs';
import { AF_INET, closeDescriptor, control, openSocket, SOCK_DGRAM } from '../tcp/native.ts';

const TUNSETIFF = 0x400454ca;
const SIOCGIFFLAGS = 0x8913;
const SIOCSIFFLAGS = 0x8914;
const IFF_UP = 1;
const IFF_TUN = 1;
const IFF_NO_PI = 0x1000;
/** struct ifreq: a name of 16 bytes, then a union of 24. */
const IFREQ_SIZE = 40;
const IFREQ_FLAGS = 16;
const NAME_SIZE = 16;
const MAX_PACKET_BYTES = 65_536;

export class Tun {
  readonly name: string;
  readonly #fd: number;

  private constructor(fd: number, name: string) {
    this.#fd = fd;
    this.name = name;
  }

  /**
   * A new device in this network namespace, up and without an address.
   * @throws when there is no /dev/net/tun, or no NET_ADMIN over the namespace.
   */
  static open(): Tun {
    const fd = openSync('/dev/net/tun', constants.O_RDWR | constants.O_NONBLOCK);
    try {
      const request = Buffer.alloc(IFREQ_SIZE);
      request.write('weir%d', 'latin1');
      request.writeUInt16LE(IFF_TUN | IFF_NO_PI, IFREQ_FLAGS);
      control(fd, TUNSETIFF, request);
      const name = request.toString('latin1', 0, request.indexOf(0)).slice(0, NAME_SIZE);
      const socket = openSocket(AF_INET, SOCK_DGRAM);
      try {
        control(socket, SIOCGIFFLAGS, request);
        request.writeUInt16LE(request.readUInt16LE(IFREQ_FLAGS) | IFF_UP, IFREQ_FLAGS);
        control(socket, SIOCSIFFLAGS, request);
      } finally {
        closeDescriptor(socket);
      }
      return new Tun(fd, name);
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  }

  /** The next IP packet that left by this device, if one did. */
  read(): Buffer | undefined {
    const packet = Buffer.alloc(MAX_PACKET_BYTES);
    try {
      return packet.subarray(0, readSync(this.#fd, packet));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return undefined;
      throw error;
    }
  }

  /**
   * Removes the device. The kernel waits some 20 ms for a grace period, so this is left to a thread of Node's; nothing can
   * leave by the device meanwhile, and it goes with the process in any case.
   */
  close(): void {
    close(this.#fd, () => {});
  }
}
