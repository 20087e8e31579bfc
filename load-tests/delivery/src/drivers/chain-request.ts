/** What a chain's gateway asks of its store: messages of one turn of its event loop, one after the other. */
export type ChainItem = {
  readonly room: number;
  readonly sender: number;
  readonly members: number;
  readonly payload: Buffer;
};

const fields = 4;
const fieldBytes = 4;
const headBytes = fields * fieldBytes;

export function encodeItems(items: readonly ChainItem[]): Buffer {
  const parts: Buffer[] = [];
  for (const { room, sender, members, payload } of items) {
    const head = Buffer.allocUnsafe(headBytes);
    [room, sender, members, payload.length].forEach((value, field) =>
      head.writeUInt32BE(value, field * fieldBytes),
    );
    parts.push(head, payload);
  }
  return Buffer.concat(parts);
}

export function decodeItems(data: Uint8Array): readonly ChainItem[] {
  const buffer = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const items: ChainItem[] = [];
  for (let at = 0; at < buffer.length;) {
    const field = (index: number): number => buffer.readUInt32BE(at + index * fieldBytes);
    const [room, sender, members, length] = [field(0), field(1), field(2), field(3)];
    const start = at + headBytes;
    items.push({ room, sender, members, payload: buffer.subarray(start, start + length) });
    at = start + length;
  }
  return items;
}

/** Where one member of a room hears. */
export function memberSubject(room: number, member: number): string {
  return `chain.live.${room}.${member}`;
}

export const storeSubject = 'chain.store';
