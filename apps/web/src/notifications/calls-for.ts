/** Whether a message is one to call the person for. */
import type { ConversationInfo, Message } from '@cipherchat/client-sdk';

/** What came while nobody was connected is told by the list; only what is new now makes a noise. */
const maxAgeMs = 60_000;

export function callsFor({
  message: { own, body, atMs },
  info,
  nowMs,
}: {
  readonly message: Pick<Message, 'own' | 'body' | 'atMs'>;
  /** Of its conversation; `null` when that is not known here. */
  readonly info: Pick<ConversationInfo, 'standing' | 'notify'> | null;
  readonly nowMs: number;
}): boolean {
  if (own || body.kind !== 'text' || nowMs - atMs > maxAgeMs) return false;
  // Of a stranger only the request is told, in the list.
  return info?.standing === 'accepted' && info.notify === 'all';
}
