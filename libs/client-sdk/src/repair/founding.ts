/** Making the group of a conversation anew, where nobody has it any more: what `repair/reset.ts` falls back on. */
import { jitteredMs } from '../connection/backoff.js';
import type { Applying } from '../inbox/context.js';
import { addIntent, deleteIntent, intentsOf, requeueIntent } from '../outbox/intent-table.js';
import type { ConversationRow } from '../state/rows.js';
import { tables } from '../state/tables.js';

/** Whoever holds a state and is there has anchored by then; who comes later outbids, and costs the others a rejoin. */
const foundAfterMs = 5 * 60_000;

type Ports = Pick<Applying, 'transaction' | 'memory' | 'clock' | 'random'>;

/** Until a commit stands behind it. */
export function isClosedByReset({ resetSeq, lastCommitSeq }: ConversationRow): boolean {
  return resetSeq > lastCommitSeq;
}

/** Instead of joining a group that nobody can open. Who never knew the members cannot found it for them. */
export async function planFounding(ports: Ports, { id }: ConversationRow): Promise<void> {
  const { transaction, memory, clock, random } = ports;
  for (const intent of intentsOf({ transaction, memory, conversation: id }))
    if (intent.work.kind === 'rejoin' || intent.work.kind === 'ask-readd' || intent.work.kind === 'found')
      deleteIntent(transaction, requeueIntent(transaction, intent));
  const roster = (await transaction.get(tables.rosters, id))?.members ?? [];
  const users = [...new Set(roster.map(({ user }) => user))];
  if (!users.includes(memory.profile.user)) return;
  const nowMs = clock.nowMs();
  await addIntent(
    { transaction, memory },
    {
      conversation: id,
      work: { kind: 'found', users },
      addedAtMs: nowMs,
      notBeforeMs: nowMs + jitteredMs({ baseMs: foundAfterMs, random }),
    },
  );
}

/** Another has opened the conversation. */
export function dropFounding({ transaction, memory, conversation }: Applying): void {
  for (const intent of intentsOf({ transaction, memory, conversation }))
    if (intent.work.kind === 'found') deleteIntent(transaction, intent);
}
