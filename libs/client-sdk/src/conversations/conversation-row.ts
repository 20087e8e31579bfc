/** Making and viewing conversation rows. */
import type { CipherSuite } from '@cipherchat/crypto';
import type { ConversationId, UserId } from '@cipherchat/protocol';
import { noTimer, timerInForce, unknownTimer } from '../expiry/timer.js';
import { freshSummary, viewLast } from '../messages/summaries.js';
import type { Memory } from '../state/memory.js';
import type { ConversationPhase, ConversationRow, Standing } from '../state/rows.js';
import { tables } from '../state/tables.js';
import type { Transaction } from '../state/transaction.js';
import type { ConversationInfo } from '../views.js';

export function newConversationRow(params: {
  readonly id: ConversationId;
  readonly kind: ConversationRow['kind'];
  readonly phase: ConversationPhase;
  readonly standing: Standing;
  readonly peer: UserId | null;
  readonly suite: CipherSuite;
  readonly nowMs: number;
}): ConversationRow {
  const { id, kind, phase, standing, peer, suite, nowMs } = params;
  return {
    id,
    kind,
    phase,
    standing,
    addedBy: null,
    forgetThrough: null,
    keyChanged: [],
    givenProfile: 0,
    departed: [],
    replacedBy: null,
    peer,
    name: null,
    namePlace: '',
    timer: phase === 'creating' ? noTimer : unknownTimer,
    suite,
    cursorSeq: 0,
    placeShifts: [],
    lostByRestore: null,
    lineage: 'own',
    lastCommitSeq: 0,
    merges: [],
    leftOutSeq: null,
    minCommitSeq: 0,
    ownCounter: 0,
    lastActivityMs: nowMs,
    readSeq: 0,
    sentReadSeq: 0,
    sentReadEpoch: null,
    lastOwnSeq: 0,
    othersDeliveredSeq: 0,
    othersReadSeq: 0,
    healing: { sentSinceUpdate: 0, updatedAtMs: nowMs, repliedOnce: false },
    signalSecrets: [],
    failuresInRow: 0,
    skippedEntries: 0,
    readdRequests: 0,
    resetSeq: 0,
  };
}

/** Listeners are told after the step, where what they see of it is another now. */
export function putConversation(transaction: Transaction, row: ConversationRow): void {
  transaction.put(tables.conversations, row.id, row);
}

/** What a person sees who has not read for long: an exact number says no more to them. */
const maxUnreadShown = 999;

export function viewConversation(row: ConversationRow, memory: Memory): ConversationInfo {
  const { id, kind, phase, standing, keyChanged, peer, name, lastActivityMs, cursorSeq } = row;
  const { last, unreadCount, firstUnread, notify, draft } = memory.summaries.get(id) ?? freshSummary;
  const addedBy = row.addedBy?.user ?? null;
  const repair = repairOf(row);
  return {
    id,
    kind,
    phase,
    standing,
    addedBy,
    repair,
    keyChanged,
    peer,
    name,
    disappearAfterS: timerInForce(row.timer),
    lastActivityMs,
    unreadCount: Math.min(unreadCount, maxUnreadShown),
    firstUnread,
    lastMessage: last === null ? null : viewLast(last, { profile: memory.profile, conversation: row }),
    // Kept for who is added again.
    draft: phase === 'removed' || phase === 'leaving' ? null : draft,
    notify,
    cursorSeq,
  };
}

function repairOf({ phase, readdRequests }: ConversationRow): ConversationInfo['repair'] {
  if (phase !== 'rejoining' || readdRequests === 0) return 'none';
  return readdRequests === 1 ? 'asked' : 'unanswered';
}
