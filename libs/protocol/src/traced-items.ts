/**
 * Which items of a batch of appends are recorded in traces, as a NATS header beside the batch: `0=<hop>,7=<hop>`, the
 * index of the item and its hop, a random name that joins the two traces of one message (docs/tracing.md).
 */
import { limits } from './limits.js';

export const tracedItemsHeader = 'cipherchat-traced';

export type TracedItem = { readonly index: number; readonly hop: string };

const entryForm = /^(0|[1-9]\d{0,2})=([0-9a-f]{16})$/;
/** An entry with its comma. */
const maxEntryLength = 21;

/** Of more than `limits.maxTracedBatchItems` the first; the others have one trace instead of two. */
export function encodeTracedItems(items: readonly TracedItem[]): string {
  return items
    .slice(0, limits.maxTracedBatchItems)
    .map(({ index, hop }) => `${index}=${hop}`)
    .join(',');
}

/** Hops by index. What is malformed is left out: no envelope is refused because of how it is watched. */
export function decodeTracedItems(header: string): ReadonlyMap<number, string> {
  const hops = new Map<number, string>();
  if (header === '' || header.length > limits.maxTracedBatchItems * maxEntryLength) return hops;
  for (const entry of header.split(',')) {
    const [, index, hop] = entryForm.exec(entry) ?? [];
    if (hop !== undefined) hops.set(Number(index), hop);
  }
  return hops;
}
