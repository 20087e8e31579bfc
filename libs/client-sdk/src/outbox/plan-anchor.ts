/** The conversation is closed since a restore of the server: it is anchored first, and then this is made anew. */
import { addIntent, intentsOf } from './intent-table.js';
import type { IntentRow } from './intents.js';
import type { Outbox } from './outbox.js';
import type { Performed } from './perform.js';
import { requeueWithGroup } from './requeue.js';

export async function planAnchor(outbox: Outbox, intent: IntentRow): Promise<Performed> {
  const { steps, memory, clock } = outbox.ports;
  const { conversation } = intent;
  await steps.run('outbox/add-intent', async (transaction) => {
    const known = intentsOf({ transaction, memory, conversation });
    if (known.some(({ work }) => work.kind === 'anchor')) return;
    await addIntent(
      { transaction, memory },
      { conversation, work: { kind: 'anchor' }, addedAtMs: clock.nowMs() },
    );
  });
  return requeueWithGroup(outbox, intent);
}
