/** What follows, in the same write, from what a step did to messages. */
import { concludeIndex } from '../search/index-blocks.js';
import type { Memory } from '../state/memory.js';
import type { Transaction } from '../state/transaction.js';
import { concludeDrafts } from './drafts.js';
import { netChanges } from './net-changes.js';
import { concludeSummaries } from './summaries.js';

export async function concludeMessages(here: {
  readonly transaction: Transaction;
  readonly memory: Memory;
}): Promise<void> {
  if (here.transaction.messageChanges.length === 0) return;
  await concludeDrafts(here);
  const changes = netChanges(here.transaction.messageChanges);
  await concludeSummaries(here, changes);
  await concludeIndex(here, changes);
}
