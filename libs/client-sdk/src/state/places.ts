/**
 * Where a message stands in its conversation, as text that sorts: messages in the log by seq (several
 * rows may belong to one entry), then what is still waiting to be sent, in the order of its writing.
 */
const digits = 16;
/** Restores of one log that left something of it unread. */
const maxShifts = 32;

/** In what order rows of the same entry stand. */
export const entryParts = {
  expired: 0,
  missing: 1,
  message: 2,
  membership: 3,
  rejoined: 4,
  devices: 5,
  last: 99,
} as const;

/** From the entry after `afterSeq` on, entries stand that much further than their seqs. */
export type PlaceShift = { readonly afterSeq: number; readonly by: number };

/** After a restore of the server, places go on behind what this device already shows; see `restore/adopt-generation.ts`. */
export function placeInLog(params: {
  readonly row: { readonly placeShifts: readonly PlaceShift[] };
  readonly seq: number;
  readonly part: number;
}): string {
  const { row, seq } = params;
  return `${(seq + shiftAt(row.placeShifts, seq)).toString().padStart(digits, '0')}.${params.part.toString().padStart(2, '0')}`;
}

/**
 * The log is the same through `sameUntilSeq`, and shown through `knewSeq`. What is the same and not read yet keeps its
 * place: before what was lost. A restore takes back the shifts of those that it undoes.
 */
export function shiftedBehind(
  shifts: readonly PlaceShift[],
  { sameUntilSeq, knewSeq }: { readonly sameUntilSeq: number; readonly knewSeq: number },
): readonly PlaceShift[] {
  const by = shiftAt(shifts, knewSeq) + knewSeq - sameUntilSeq;
  const kept = shifts.filter(({ afterSeq }) => afterSeq < sameUntilSeq);
  return [...kept, { afterSeq: sameUntilSeq, by }].slice(-maxShifts);
}

function shiftAt(shifts: readonly PlaceShift[], seq: number): number {
  return shifts.findLast(({ afterSeq }) => afterSeq < seq)?.by ?? 0;
}

export function isPending(place: string): boolean {
  return place.startsWith('p');
}

/** Sorts after every place. */
export const endOfPlaces = 'q';

/** `p` sorts after every digit. */
export function placeOfPending(order: number): string {
  return `p${order.toString().padStart(digits, '0')}`;
}

/** Where the stretch of `length` places begins that a place is in: stretches sort like the places in them. */
export function stretchOf(place: string, length: number): string {
  const mark = isPending(place) ? 'p' : '';
  const number = Number(place.slice(mark.length, mark.length + digits));
  return `${mark}${(number - (number % length)).toString().padStart(digits, '0')}`;
}
