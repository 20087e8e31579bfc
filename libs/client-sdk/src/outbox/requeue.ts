/** Back to the wish, and with it the MLS state to what it was before a commit of ours was made. */
import { tables } from '../state/tables.js';
import { requeueIntent } from './intent-table.js';
import type { IntentRow } from './intents.js';
import type { Outbox } from './outbox.js';
import type { Performed } from './perform.js';

const freeAttempts = 3;

export async function requeueWithGroup(outbox: Outbox, intent: IntentRow): Promise<Performed> {
  const { steps, engine } = outbox.ports;
  await steps.run('outbox/send-again-encrypted', async (transaction) => {
    const current = await transaction.get(tables.intents, intent.key);
    const row = await transaction.get(tables.conversations, intent.conversation);
    // Meanwhile the log may have shown it, or another's commit may have sent it back already.
    if (
      current?.state.kind !== 'prepared' ||
      row === null ||
      intent.state.kind !== 'prepared' ||
      current.state.envelope !== intent.state.envelope
    )
      return;
    requeueIntent(transaction, current);
    const ref = { conversation: row.id, suite: row.suite };
    if (current.state.as === 'message') return;
    if (current.state.as === 'external-commit') return transaction.deletePendingJoin(ref);
    if (current.state.as === 'create') return transaction.deleteGroup(ref);
    const group = await transaction.group(ref);
    if (group !== null && engine.hasPendingCommit(group)) transaction.putGroup(engine.clearPending(group));
  });
  if (intent.state.kind === 'prepared') outbox.neverHanded.delete(intent.state.envelope);
  // Right after a commit the second try succeeds; a group that stays ahead of us is not chased in a tight loop.
  return intent.attempts < freeAttempts ? { kind: 'progressed' } : { kind: 'again-later', afterMs: 0 };
}
