/** A message of ours that is not shown: the wish to send it, and its row, which keeps its number and is offered again like any other. */
import { idFromRandom, type ConversationId, type MessageId } from '@cipherchat/protocol';
import { addIntent } from '../outbox/intent-table.js';
import type { SentBody } from '../outbox/intents.js';
import type { Random } from '../ports/random.js';
import type { Memory } from '../state/memory.js';
import { placeOfPending } from '../state/places.js';
import type { HiddenBody } from '../state/rows.js';
import { only, tables } from '../state/tables.js';
import type { Transaction } from '../state/transaction.js';
import { putMessage } from './message-table.js';

/** Within another's step, behind all that waits to be sent. */
export async function writeHidden(
  { transaction, memory }: { readonly transaction: Transaction; readonly memory: Memory },
  params: {
    readonly conversation: ConversationId;
    readonly body: SentBody;
    readonly kept: HiddenBody;
    readonly random: Random;
    readonly nowMs: number;
    readonly notBeforeMs?: number;
  },
): Promise<void> {
  const { conversation, body, kept, random, nowMs, notBeforeMs = 0 } = params;
  const { nextIntentOrder } = (await transaction.get(tables.device, only)) ?? memory.device;
  const message = idFromRandom<MessageId>(random);
  const work = { kind: 'message', message, body } as const;
  await addIntent({ transaction, memory }, { conversation, work, addedAtMs: nowMs, notBeforeMs });
  const after = {
    message,
    conversation,
    place: placeOfPending(nextIntentOrder),
    seq: null,
    atMs: nowMs,
    sender: { user: memory.profile.user, device: memory.profile.device },
    body: kept,
    state: { kind: 'queued' },
  } as const;
  putMessage(transaction, { before: null, after });
}
