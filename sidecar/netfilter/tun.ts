/** A tun device (tuntap.rst in the kernel's documentation): an interface whose outgoing packets we can read ourselves. */
import { close, closeSync, constants, openSync, readSync } from 'node:fs';
import { control } from '../tcp/native.ts';
import { bringUp, IFREQ_UNION, interfaceRequest } from './interfaces.ts';

const TUNSETIFF = 0x400454ca;
const IFF_TUN = 1;
const IFF_NO_PI = 0x1000;
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
      const request = interfaceRequest('weir%d'); // the kernel numbers it
      request.writeUInt16LE(IFF_TUN | IFF_NO_PI, IFREQ_UNION);
      control(fd, TUNSETIFF, request);
      const name = request.toString('latin1', 0, request.indexOf(0));
      bringUp(name);
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
