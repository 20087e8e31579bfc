/** Reading and writing intents inside a step. */
import type { ConversationId } from '@cipherchat/protocol';
import type { Memory } from '../state/memory.js';
import { keyOf, only, tables } from '../state/tables.js';
import type { Transaction } from '../state/transaction.js';
import { intentKey, type IntentRow, type IntentWork } from './intents.js';

/** Intents of one device at a time; each holds a message's text at most. */
export const maxIntents = 10_000;

/** Adds an intent behind all others. */
export async function addIntent(
  params: { readonly transaction: Transaction; readonly memory: Memory },
  intent: {
    readonly conversation: ConversationId;
    readonly work: IntentWork;
    readonly addedAtMs: number;
    readonly notBeforeMs?: number;
  },
): Promise<IntentRow> {
  const { transaction, memory } = params;
  const device = (await transaction.get(tables.device, only)) ?? memory.device;
  const row: IntentRow = {
    key: intentKey(device.nextIntentOrder),
    conversation: intent.conversation,
    work: intent.work,
    state: { kind: 'queued' },
    addedAtMs: intent.addedAtMs,
    notBeforeMs: intent.notBeforeMs ?? 0,
    attempts: 0,
    claimed: [],
  };
  transaction.put(tables.device, only, { ...device, nextIntentOrder: device.nextIntentOrder + 1 });
  transaction.put(tables.intents, row.key, row);
  return row;
}

/** The intents of a conversation as this step sees them, in the order of writing. */
export function intentsOf(params: {
  readonly transaction: Transaction;
  readonly memory: Memory;
  readonly conversation: ConversationId;
}): readonly IntentRow[] {
  const { transaction, memory, conversation } = params;
  const changes = new Map(transaction.changesOf(tables.intents));
  const found = [...memory.intents.values()].filter(
    (intent) => intent.conversation === conversation && !changes.has(intent.key),
  );
  for (const intent of changes.values()) if (intent?.conversation === conversation) found.push(intent);
  return found.sort((left, right) => (left.key < right.key ? -1 : 1));
}

/** Done or given up: the intent and its bytes go. Its envelope stays known until the log has passed it, unless it never can. */
export function deleteIntent(transaction: Transaction, intent: IntentRow): void {
  transaction.delete(tables.intents, intent.key);
  if (intent.state.kind !== 'queued') transaction.delete(tables.intentBytes, intent.key);
}

/** Back to the wish: its bytes were refused for good, or were never given to anyone. */
export function requeueIntent(transaction: Transaction, intent: IntentRow): IntentRow {
  if (intent.state.kind === 'queued') return intent;
  const queued: IntentRow = { ...intent, state: { kind: 'queued' }, attempts: intent.attempts + 1 };
  transaction.delete(tables.intentBytes, intent.key);
  transaction.delete(tables.ownEnvelopes, keyOf.ownEnvelope(intent.conversation, intent.state.envelope));
  transaction.put(tables.intents, intent.key, queued);
  return queued;
}
