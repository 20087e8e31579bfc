import type { DeviceId } from '@cipherchat/protocol';

/** When and under which random name a gateway accepted a socket. */
export type SocketStamp = { readonly id: string; readonly acceptedAtMs: number };

/**
 * The socket of each device here: the newest wins. Among gateways the greater (time, id) does, as far as they hear
 * of each other. A gateway whose clock is behind may lose its claim: then two sockets stay for a while, which costs
 * nothing; a claim repeated by the older one could close the newer for good.
 */
export class DeviceSockets<Socket extends SocketStamp> {
  private readonly sockets = new Map<DeviceId, Socket>();

  get(device: DeviceId): Socket | undefined {
    return this.sockets.get(device);
  }

  /** Returns the socket that it takes the place of. */
  put(device: DeviceId, socket: Socket): Socket | undefined {
    const older = this.sockets.get(device);
    this.sockets.set(device, socket);
    return older === socket ? undefined : older;
  }

  /** Another gateway has accepted a socket of the device. Returns ours, if it has to go. */
  supersededBy(device: DeviceId, other: SocketStamp): Socket | undefined {
    const ours = this.sockets.get(device);
    if (ours === undefined || ours.id === other.id) return undefined;
    const isNewer =
      other.acceptedAtMs > ours.acceptedAtMs ||
      (other.acceptedAtMs === ours.acceptedAtMs && other.id > ours.id);
    return isNewer ? ours : undefined;
  }

  remove(device: DeviceId, socket: Socket): void {
    if (this.sockets.get(device) === socket) this.sockets.delete(device);
  }
}
