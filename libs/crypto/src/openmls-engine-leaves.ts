/** Between the binding's packed bytes and the port's members and ids. */
import type { DeviceRef, GroupMember } from './engine.js';

const idBytes = 16;
const identityBytes = 2 * idBytes;
const leafKeyBytes = 32;
/** 4 bytes leaf index (big-endian), 16 user id, 16 device id, 32 leaf key; written by `Leaf::pack` in the binding. */
const packedLeafBytes = 4 + identityBytes + leafKeyBytes;
const idText = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Lower-case hex. */
export function hex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0');
  return text;
}

/** 16 bytes as UUID text. */
export function idFromBytes(bytes: Uint8Array): string {
  const digits = hex(bytes);
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-${digits.slice(12, 16)}-${digits.slice(16, 20)}-${digits.slice(20)}`;
}

/** UUID text as 16 bytes. Throws on anything else: ids are parsed at the boundary, so this is a bug of the caller. */
export function idToBytes(id: string): Uint8Array {
  if (!idText.test(id)) throw new TypeError('not an id: expected a lower-case UUID');
  return Uint8Array.from(id.replaceAll('-', '').match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** What a leaf's credential names: user id, then device id; 32 bytes. */
export function identityOf(device: DeviceRef): Uint8Array {
  const identity = new Uint8Array(identityBytes);
  identity.set(idToBytes(device.user));
  identity.set(idToBytes(device.device), idBytes);
  return identity;
}

/** All leaves of a packed list. */
export function unpackLeaves(packed: Uint8Array): readonly GroupMember[] {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  const members: GroupMember[] = [];
  for (let at = 0; at < packed.length; at += packedLeafBytes) {
    const user = at + 4;
    const key = user + identityBytes;
    members.push({
      leafIndex: view.getUint32(at),
      user: idFromBytes(packed.subarray(user, user + idBytes)),
      device: idFromBytes(packed.subarray(user + idBytes, key)),
      leafKey: packed.slice(key, key + leafKeyBytes),
    });
  }
  return members;
}

/** The only leaf of a packed list of one. */
export function unpackLeaf(packed: Uint8Array): GroupMember {
  const [leaf] = unpackLeaves(packed);
  if (leaf === undefined || packed.length !== packedLeafBytes)
    throw new TypeError('expected one packed leaf');
  return leaf;
}
