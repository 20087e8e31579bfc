/**
 * The conversations that a list begins with, kept by their ids in one row.
 *
 * A client that opens reads these few first, and shows them: how soon somebody sees their conversations, and can write in
 * the newest, does not depend on how many there are. All others are read while the person looks at these.
 *
 * Invariant (`front.spec.ts`): after each step the row names what `frontOf` takes from all stored rows.
 */
import type { ConversationId } from '@cipherchat/protocol';
import type { Memory } from '../state/memory.js';
import type { ConversationRow } from '../state/rows.js';
import { only, tables } from '../state/tables.js';
import type { Transaction } from '../state/transaction.js';

/** As many as fit on a high screen; and requests, which stand apart from the list. */
const frontSizes = { accepted: 30, request: 10, declined: 0 } as const;

/** Newest activity first; the same order whenever it is asked for. */
export function newestFirst(left: ConversationRow, right: ConversationRow): number {
  return right.lastActivityMs - left.lastActivityMs || (left.id < right.id ? -1 : 1);
}

/** The ids of those that a list begins with. Who is blocked counts: a list that hides them is a little shorter. */
export function frontOf(rows: readonly ConversationRow[]): readonly ConversationId[] {
  const left: Record<ConversationRow['standing'], number> = { ...frontSizes };
  return rows
    .filter(({ replacedBy }) => replacedBy === null)
    .toSorted(newestFirst)
    .filter(({ standing }) => left[standing]-- > 0)
    .map(({ id }) => id);
}

/** In the write of the step that changed conversations. */
export function concludeFront(here: { readonly transaction: Transaction; readonly memory: Memory }): void {
  const { transaction, memory } = here;
  const changed = transaction
    .changesOf(tables.conversations)
    .flatMap(([, after]) => (after === null ? [] : [{ after, before: memory.conversations.get(after.id) }]));
  if (!changed.some(isMoved)) return;
  // Unless one makes room, only those that changed come in: a message costs the same however many conversations there are.
  const known = changed.some(makesRoom) ? memory.conversations.keys() : memory.front;
  const rows = new Map<ConversationId, ConversationRow>();
  for (const id of known) {
    const row = memory.conversations.get(id);
    if (row !== undefined) rows.set(id, row);
  }
  for (const { after } of changed) rows.set(after.id, after);
  const front = frontOf([...rows.values()]);
  const isSame = front.length === memory.front.length && front.every((id, at) => id === memory.front[at]);
  if (!isSame) transaction.put(tables.front, only, front);
}

type Changed = { readonly before: ConversationRow | undefined; readonly after: ConversationRow };

function isMoved({ before, after }: Changed): boolean {
  return before === undefined || before.lastActivityMs < after.lastActivityMs || makesRoom({ before, after });
}

function makesRoom({ before, after }: Changed): boolean {
  if (before === undefined) return false;
  return (
    before.lastActivityMs > after.lastActivityMs ||
    before.standing !== after.standing ||
    before.replacedBy !== after.replacedBy
  );
}
