/** What follows, in the same write, from what a step did to messages. */
import type { Memory } from '../state/memory.js';
import type { Transaction } from '../state/transaction.js';
import { concludeDrafts } from './drafts.js';
import { concludeSummaries } from './summaries.js';

export async function concludeMessages(here: {
  readonly transaction: Transaction;
  readonly memory: Memory;
}): Promise<void> {
  if (here.transaction.messageChanges.length === 0) return;
  await concludeDrafts(here);
  await concludeSummaries(here);
}
