/**
 * Where a message stands in its conversation, as text that sorts: messages in the log by seq (several
 * rows may belong to one entry), then what is still waiting to be sent, in the order of its writing.
 */
const digits = 16;

/** In what order rows of the same entry stand. */
export const entryParts = {
  expired: 0,
  missing: 1,
  message: 2,
  membership: 3,
  rejoined: 4,
  last: 99,
} as const;

/** After a restore of the server, places go on behind what this device already shows; see `restore/adopt-generation.ts`. */
export function placeInLog(params: {
  readonly row: { readonly placeOffset: number };
  readonly seq: number;
  readonly part: number;
}): string {
  return `${(params.seq + params.row.placeOffset).toString().padStart(digits, '0')}.${params.part.toString().padStart(2, '0')}`;
}

export function isPending(place: string): boolean {
  return place.startsWith('p');
}

/** `p` sorts after every digit. */
export function placeOfPending(order: number): string {
  return `p${order.toString().padStart(digits, '0')}`;
}
