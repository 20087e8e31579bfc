/** What a restore of the server changes in one conversation, within one step. Doing it again changes nothing. */
import type { ConversationId, UserId } from '@cipherchat/protocol';
import { jitteredMs } from '../connection/backoff.js';
import { putConversation } from '../conversations/conversation-row.js';
import { addIntent, intentsOf, requeueIntent } from '../outbox/intent-table.js';
import type { IntentRow } from '../outbox/intents.js';
import { entryParts, placeInLog, shiftedBehind } from '../state/places.js';
import type { ConversationRow, LostRow, MessageRow } from '../state/rows.js';
import { keyOf, tables } from '../state/tables.js';
import type { Transaction } from '../state/transaction.js';
import type { AdoptPorts } from './adopt-generation.js';
import { isOwnSent, messagesBetween, offerAgain } from './offer-again.js';

/** All members that were online find the same thing at the same time; the first anchor wins. */
const anchorJitterMs = 2_000;
/** Devices of one conversation. */
const maxReceipts = 1_000;

const noMarkSent = { sentReadSeq: 0, sentReadEpoch: null } as const;

type Params = Pick<AdoptPorts, 'memory' | 'engine' | 'clock' | 'random'> & {
  readonly transaction: Transaction;
  readonly conversation: ConversationId;
  readonly sameUntilSeq: number;
};

export async function resetConversation(params: Params): Promise<void> {
  const { transaction, memory, conversation, sameUntilSeq, clock, random } = params;
  const row = await transaction.get(tables.conversations, conversation);
  if (row === null) return;
  const intents = intentsOf({ transaction, memory, conversation });
  const knewSeq = Math.max(row.cursorSeq, row.lastOwnSeq, ...intents.map(acceptedSeq));
  if (knewSeq <= sameUntilSeq) {
    const afterPlace = placeInLog({ row, seq: knewSeq, part: entryParts.last });
    const lostByRestore = lostRow(params, { row, afterPlace, lost: [] });
    // A mark stands beside the log, and may be lost all the same.
    putConversation(transaction, { ...row, ...noMarkSent, lineage: 'own', lostByRestore });
    return;
  }
  const range = {
    conversation,
    afterPlace: placeInLog({ row, seq: sameUntilSeq, part: entryParts.last }),
    throughPlace: placeInLog({ row, seq: knewSeq, part: entryParts.last }),
  };
  const lost = await messagesBetween(transaction, range);
  for (const intent of intents) await withdraw(params, { intent, row });
  const lostByRestore = lostRow(params, { row, afterPlace: range.afterPlace, lost });
  const next = { ...takenBack(row, { sameUntilSeq, knewSeq }), lostByRestore };
  putConversation(transaction, next);
  for (const message of lost)
    if (isOwnSent(params, message)) await offerAgain(params, { message, row: next });
  // Behind those, in the order in which they were written.
  for (const intent of intents) if (intent.work.kind === 'message') await moveBehind(params, intent);
  await forgetReceipts(transaction, conversation);
  const group = await transaction.group({ conversation, suite: row.suite });
  const isPlanned = intents.some(({ work }) => work.kind === 'anchor');
  if (row.phase !== 'active' || group === null || isPlanned) return;
  const nowMs = clock.nowMs();
  await addIntent(
    { transaction, memory },
    {
      conversation,
      work: { kind: 'anchor' },
      addedAtMs: nowMs,
      notBeforeMs: nowMs + jitteredMs({ baseMs: anchorJitterMs, random }),
    },
  );
}

function acceptedSeq({ state }: IntentRow): number {
  return state.kind === 'accepted' ? state.seq : 0;
}

/** What was made on the old log is of no use in the new one: back to the wish, and the group to what it was. */
async function withdraw(
  { transaction, engine }: Params,
  { intent, row }: { readonly intent: IntentRow; readonly row: ConversationRow },
): Promise<void> {
  const { state } = intent;
  if (state.kind === 'queued') return;
  requeueIntent(transaction, intent);
  const ref = { conversation: row.id, suite: row.suite };
  if (intent.work.kind === 'rejoin') return transaction.deletePendingJoin(ref);
  if (intent.work.kind === 'create' || intent.work.kind === 'found') return transaction.deleteGroup(ref);
  const group = await transaction.group(ref);
  if (group !== null && engine.hasPendingCommit(group)) transaction.putGroup(engine.clearPending(group));
}

/**
 * A conversation that this device came to know after the restore, and that is anchored all the same: what is written
 * from here on may be written in a group that others do not follow, and is offered to them then.
 */
export function withAnchorNoted(ports: Pick<Params, 'clock'>, row: ConversationRow): ConversationRow {
  if (row.lostByRestore !== null) return row;
  const { cursorSeq: sameUntilSeq } = row;
  const afterPlace = placeInLog({ row, seq: sameUntilSeq, part: entryParts.last });
  return { ...row, lostByRestore: lostRow({ ...ports, sameUntilSeq }, { row, afterPlace, lost: [] }) };
}

/** What an earlier restore took counts on: whoever was away since then lacks that, too. */
export function lostRow(
  { clock, sameUntilSeq }: Pick<Params, 'clock' | 'sameUntilSeq'>,
  known: {
    readonly row: ConversationRow;
    readonly afterPlace: string;
    readonly lost: readonly MessageRow[];
  },
): LostRow {
  const { row, afterPlace, lost } = known;
  const before = row.lostByRestore;
  const isEarlier = before !== null && before.afterPlace < afterPlace;
  return {
    afterPlace: isEarlier ? before.afterPlace : afterPlace,
    atMs: clock.nowMs(),
    sameUntilSeq,
    mergedSeq: null,
    removedUsers: removedIn(lost, before === null || isOver(before, sameUntilSeq) ? [] : before.removedUsers),
    hasAnchored: false,
  };
}

/** What was lost in that one was done again, and the log has it still: who is a member since then has come back. */
function isOver({ mergedSeq }: LostRow, sameUntilSeq: number): boolean {
  return mergedSeq !== null && mergedSeq <= sameUntilSeq;
}

/** Who went, and did not come back, in what was lost. */
function removedIn(lost: readonly MessageRow[], before: readonly UserId[]): readonly UserId[] {
  const removed = new Set<UserId>(before);
  for (const { body } of lost) {
    if (body.kind !== 'membership') continue;
    for (const user of body.added) removed.delete(user);
    for (const user of [...body.removed, ...body.left]) removed.add(user);
  }
  return [...removed];
}

function takenBack(
  row: ConversationRow,
  known: { readonly sameUntilSeq: number; readonly knewSeq: number },
): ConversationRow {
  const { sameUntilSeq } = known;
  const within = (seq: number): number => Math.min(seq, sameUntilSeq);
  return {
    ...row,
    cursorSeq: within(row.cursorSeq),
    lastCommitSeq: within(row.lastCommitSeq),
    minCommitSeq: within(row.minCommitSeq),
    // Commits that were lost are no place to build on, and void ones with them.
    merges: row.merges.filter(({ seq }) => seq <= sameUntilSeq),
    leftOutSeq: null,
    resetSeq: row.resetSeq > sameUntilSeq ? 0 : row.resetSeq,
    readSeq: within(row.readSeq),
    ...noMarkSent,
    lastOwnSeq: within(row.lastOwnSeq),
    othersDeliveredSeq: within(row.othersDeliveredSeq),
    othersReadSeq: within(row.othersReadSeq),
    placeShifts: shiftedBehind(row.placeShifts, known),
    lineage: 'own',
  };
}

async function moveBehind({ transaction, memory }: Params, intent: IntentRow): Promise<void> {
  transaction.delete(tables.intents, intent.key);
  await addIntent(
    { transaction, memory },
    { conversation: intent.conversation, work: intent.work, addedAtMs: intent.addedAtMs },
  );
}

/** They speak of the old log; those of the new one are asked for when we are live. */
async function forgetReceipts(transaction: Transaction, conversation: ConversationId): Promise<void> {
  const rows = await transaction.scan(tables.receipts, {
    prefix: keyOf.groupPrefix(conversation),
    limit: maxReceipts,
  });
  for (const { key } of rows) transaction.delete(tables.receipts, key);
}
