/** When to stop trying: what cannot be done fails where it was asked for, and what fails again and again does too. */
import { limits } from '@cipherchat/protocol';
import { jitteredMs } from '../connection/backoff.js';
import { putConversation } from '../conversations/conversation-row.js';
import { withoutWaitingTimer } from '../expiry/timer.js';
import { beginRejoin } from '../inbox/rejoin.js';
import type { ConversationRow, PermanentFailure } from '../state/rows.js';
import { tables } from '../state/tables.js';
import { planReaddRequest } from '../repair/readd.js';
import { planFounding } from '../repair/founding.js';
import { failIntent } from './fail-intent.js';
import type { IntentRow } from './intents.js';
import type { Outbox } from './outbox.js';
import type { Performed } from './perform.js';

/** Making bytes anew this often in a row means that it will not work out. */
export const maxAttempts = 8;

/** Someone who has none is asked for again about this often. */
const keyPackagesMs = 60_000;

/** Gives up for good. */
export async function giveUp(
  outbox: Outbox,
  intent: IntentRow,
  failure: PermanentFailure,
): Promise<Performed> {
  const { steps, memory, clock, engine, random } = outbox.ports;
  await steps.run('outbox/fail', async (transaction) => {
    const current = await transaction.get(tables.intents, intent.key);
    const row = await transaction.get(tables.conversations, intent.conversation);
    if (current === null || row === null) return;
    if (current.state.kind === 'prepared' && current.state.as !== 'message') {
      const group = await transaction.group({ conversation: row.id, suite: row.suite });
      if (group !== null && engine.hasPendingCommit(group)) transaction.putGroup(engine.clearPending(group));
      await transaction.deletePendingJoin({ conversation: row.id, suite: row.suite });
    }
    // A conversation that could not be made is none: what was written into it fails with it.
    const ends = current.work.kind === 'create';
    const timer =
      current.work.kind === 'message' ? withoutWaitingTimer(row.timer, current.work.message) : row.timer;
    const conversation: ConversationRow = { ...row, timer, phase: ends ? 'removed' : row.phase };
    if (ends || timer !== row.timer) putConversation(transaction, conversation);
    await failIntent({ transaction, memory, intent: current, conversation, failure, nowMs: clock.nowMs() });
    // Whom the server does not know as a member has nobody to ask.
    if (current.work.kind === 'rejoin' && row.phase === 'rejoining' && failure !== 'conversation-unknown')
      await planReaddRequest({ transaction, memory, clock, random }, row);
    // The conversation stays closed until somebody anchors it, so it is tried again.
    if (current.work.kind === 'found') {
      await transaction.deleteGroup({ conversation: row.id, suite: row.suite });
      if (failure !== 'conversation-unknown') await planFounding({ transaction, memory, clock, random }, row);
    }
    // Others anchored, and it cannot outbid them: it follows.
    if (current.work.kind === 'anchor' && row.phase === 'active' && failure !== 'conversation-unknown')
      putConversation(
        transaction,
        await beginRejoin({ transaction, memory, clock, random }, { ...row, lineage: 'joined' }),
      );
  });
  return { kind: 'progressed' };
}

/**
 * Nobody can be added before one of their devices has offered key packages: after a restore of the server none has,
 * until it is back. That may take days, so what was written meanwhile waits, and fails only with age. Soon what is not
 * for them goes first.
 */
export async function awaitKeyPackages(outbox: Outbox, intent: IntentRow): Promise<Performed> {
  const { clock, random } = outbox.ports;
  if (intent.work.kind === 'readd') return countAttempt(outbox, intent, 'no-key-packages');
  if (clock.nowMs() - intent.addedAtMs > limits.resendForMs) return giveUp(outbox, intent, 'no-key-packages');
  if (intent.attempts + 1 < maxAttempts) {
    await postpone(outbox, intent, 0);
    return { kind: 'again-later', afterMs: 0 };
  }
  await postpone(outbox, intent, jitteredMs({ baseMs: keyPackagesMs, random }));
  return { kind: 'progressed' };
}

/** Tries again later, from the wish; not for ever. */
export async function countAttempt(
  outbox: Outbox,
  intent: IntentRow,
  failure: PermanentFailure,
): Promise<Performed> {
  if (intent.attempts + 1 >= maxAttempts) return giveUp(outbox, intent, failure);
  await postpone(outbox, intent, 0);
  return { kind: 'again-later', afterMs: 0 };
}

async function postpone(outbox: Outbox, intent: IntentRow, waitMs: number): Promise<void> {
  const { steps, clock } = outbox.ports;
  await steps.run('outbox/postpone', async (transaction) => {
    const current = await transaction.get(tables.intents, intent.key);
    if (current?.state.kind === 'queued')
      transaction.put(tables.intents, intent.key, {
        ...current,
        claimed: intent.claimed,
        attempts: current.attempts + 1,
        ...(waitMs === 0 ? {} : { notBeforeMs: clock.nowMs() + waitMs }),
      });
  });
}
