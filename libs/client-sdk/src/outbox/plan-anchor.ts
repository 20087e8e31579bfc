/**
 * The conversation is closed since a restore of the server, or a reset: it is anchored first, and then this is made anew.
 * Who waits to join has nothing to anchor with; after a reset nobody may have.
 */
import { putConversation } from '../conversations/conversation-row.js';
import { withAnchorNoted } from '../restore/reset-conversation.js';
import { tables } from '../state/tables.js';
import { addIntent, intentsOf } from './intent-table.js';
import type { IntentRow } from './intents.js';
import type { Outbox } from './outbox.js';
import type { Performed } from './perform.js';
import { isClosedByReset, planFounding } from '../repair/founding.js';
import { requeueWithGroup } from './requeue.js';

export async function planAnchor(outbox: Outbox, intent: IntentRow): Promise<Performed> {
  const { steps, memory, clock, random } = outbox.ports;
  const { conversation } = intent;
  const row = memory.conversations.get(conversation);
  if (intent.work.kind === 'rejoin' && row !== undefined && isClosedByReset(row)) {
    await steps.run('outbox/add-intent', async (transaction) => {
      await transaction.deletePendingJoin({ conversation, suite: row.suite });
      await planFounding({ transaction, memory, clock, random }, row);
    });
    return { kind: 'progressed' };
  }
  await steps.run('outbox/add-intent', async (transaction) => {
    const known = intentsOf({ transaction, memory, conversation });
    const current = await transaction.get(tables.conversations, conversation);
    // Somebody opened it while the refusal was on its way. While ours was pending, what of theirs came damaged would be
    // passed over instead of fetched again.
    const builtOnSeq = intent.state.kind === 'prepared' ? intent.state.commitSeq : 0;
    if (current === null || current.lastCommitSeq > builtOnSeq) return;
    putConversation(transaction, withAnchorNoted({ clock }, current));
    if (known.some(({ work }) => work.kind === 'anchor')) return;
    await addIntent(
      { transaction, memory },
      { conversation, work: { kind: 'anchor' }, addedAtMs: clock.nowMs() },
    );
  });
  return requeueWithGroup(outbox, intent);
}
