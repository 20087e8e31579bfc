/** A message of ours is in the log: known from the server's answer or from the log, whichever comes first. */
import type { MessageId } from '@cipherchat/protocol';
import { beginExpiry } from '../expiry/begin-expiry.js';
import { sentTimer } from '../expiry/timer.js';
import { withName } from '../conversations/group-name.js';
import { ownEffectSent } from '../messages/effect-table.js';
import { findMessage, isShown, markMessageSent } from '../messages/message-table.js';
import { introduced } from '../people/introduce.js';
import type { Memory } from '../state/memory.js';
import type { ConversationRow } from '../state/rows.js';
import type { Transaction } from '../state/transaction.js';
import { deleteIntent } from './intent-table.js';
import type { IntentRow } from './intents.js';

/** The row after it: the message's counter is used up, once. */
export async function finishMessage(params: {
  readonly transaction: Transaction;
  readonly memory: Memory;
  readonly row: ConversationRow;
  readonly message: MessageId;
  readonly intent: IntentRow | null;
  readonly seq: number;
  readonly atMs: number;
  /** By this device's clock: from now on it counts. */
  readonly nowMs: number;
}): Promise<ConversationRow> {
  const { transaction, memory, row, message, intent, seq, atMs, nowMs } = params;
  if (intent !== null) deleteIntent(transaction, intent);
  const view = { profile: memory.profile, conversation: row };
  const counter = row.ownCounter + 1;
  const marked = await markMessageSent({
    transaction,
    conversation: row.id,
    message,
    seq,
    atMs,
    counter,
    view,
  });
  if (marked === 'known') return row;
  const sent = await findMessage({ transaction, conversation: row.id, message });
  const isHidden = sent !== null && !isShown(sent);
  if (isHidden) await ownEffectSent({ transaction, memory, row }, { sent, nowMs });
  else if (sent !== null) beginExpiry({ transaction, memory }, { row: sent, nowMs });
  if (sent?.body.kind === 'introduction' && row.peer !== null)
    await introduced(transaction, { user: row.peer, body: sent.body });
  const healing = { ...row.healing, sentSinceUpdate: row.healing.sentSinceUpdate + 1 };
  return {
    ...row,
    ...(sent?.body.kind === 'group-profile'
      ? withName(row, { name: sent.body.name, place: sent.place })
      : {}),
    ownCounter: marked === 'sent' ? counter : row.ownCounter,
    lastActivityMs: isHidden ? row.lastActivityMs : atMs,
    givenProfile:
      sent?.body.kind === 'own-profile' ? Math.max(row.givenProfile, sent.body.revision) : row.givenProfile,
    timer:
      sent?.body.kind === 'timer'
        ? sentTimer(row.timer, { message, body: sent.body, place: sent.place })
        : row.timer,
    lastOwnSeq: Math.max(row.lastOwnSeq, seq),
    healing,
  };
}
