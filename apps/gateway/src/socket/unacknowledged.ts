import type { ConversationId, Position } from '@cipherchat/protocol';

/** Places of one conversation that were delivered and not acknowledged: above `afterSeq`, up to `toSeq`. */
type Span = { readonly afterSeq: number; readonly toSeq: number };

/** How much a socket has been given that its device has not stored yet. Seqs have no gaps, so spans count envelopes. */
export type Unacknowledged = { readonly count: number; readonly spans: ReadonlyMap<ConversationId, Span> };

export const nothingUnacknowledged: Unacknowledged = { count: 0, spans: new Map() };

/** The count before this socket's first delivery in a conversation is not known; it starts there. */
export function delivered(before: Unacknowledged, { conversation, seq }: Position): Unacknowledged {
  const span = before.spans.get(conversation);
  if (span !== undefined && seq <= span.toSeq) return before;
  // A gap means that live frames were lost: the client fetches, and acknowledges, what lies in it.
  const next = span === undefined ? { afterSeq: seq - 1, toSeq: seq } : { ...span, toSeq: seq };
  return {
    count: before.count + next.toSeq - (span?.toSeq ?? next.afterSeq),
    spans: new Map(before.spans).set(conversation, next),
  };
}

export function acknowledged(before: Unacknowledged, positions: readonly Position[]): Unacknowledged {
  let { count } = before;
  const spans = new Map(before.spans);
  for (const { conversation, seq } of positions) {
    const span = spans.get(conversation);
    if (span === undefined || seq <= span.afterSeq) continue;
    const afterSeq = Math.min(seq, span.toSeq);
    count -= afterSeq - span.afterSeq;
    if (afterSeq === span.toSeq) spans.delete(conversation);
    else spans.set(conversation, { ...span, afterSeq });
  }
  return { count, spans };
}
