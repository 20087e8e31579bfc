/** What an intent may do now: a pure decision over what is known. */
import { limits, type UserId } from '@cipherchat/protocol';
import type { ConversationRow, PermanentFailure, RosterMember } from '../state/rows.js';
import { isClosedByReset } from '../repair/founding.js';
import { epochSeqOf } from '../repair/statement.js';
import { isHealingDue } from './healing.js';
import { isDue, type IntentRow } from './intents.js';

export type Situation = {
  readonly self: UserId;
  readonly intent: IntentRow;
  readonly conversation: ConversationRow;
  readonly roster: readonly RosterMember[];
  readonly dueAtMs: number;
  /** After `live`; nothing is made or sent before. */
  readonly isLive: boolean;
  /** Nothing of this conversation is known to lie past its cursor. */
  readonly isCaughtUp: boolean;
  readonly nowMs: number;
  readonly serverNowMs: number;
  /** The prepared bytes were certainly never given to a socket. */
  readonly neverHanded: boolean;
};

export type Action =
  /** Something else will wake it: going live, catching up, a checked leaf. */
  | { readonly kind: 'wait' }
  | { readonly kind: 'wait-until'; readonly atMs: number }
  | { readonly kind: 'check-leaves' }
  /** Ask the server for what making the bytes needs. */
  | { readonly kind: 'gather' }
  | { readonly kind: 'prepare' }
  | { readonly kind: 'send' }
  /** The bytes must not be used any more; make them anew. */
  | { readonly kind: 'requeue' }
  /** It has become needless. */
  | { readonly kind: 'drop' }
  /** Read the log up to `seq`. */
  | { readonly kind: 'fetch'; readonly seq: number }
  | { readonly kind: 'fail'; readonly failure: PermanentFailure };

const wait: Action = { kind: 'wait' };

export function nextAction(situation: Situation): Action {
  switch (situation.intent.state.kind) {
    case 'queued':
      return actionOfQueued(situation);
    case 'prepared':
      return actionOfPrepared(situation, situation.intent.state);
    case 'accepted':
      return actionOfAccepted(situation, situation.intent.state.seq);
  }
}

/** A log that was read up to there and shows another's entry will not show it by being read again, at once and for ever. */
function actionOfAccepted({ conversation, isLive }: Situation, seq: number): Action {
  return isLive && conversation.cursorSeq < seq ? { kind: 'fetch', seq } : wait;
}

function actionOfPrepared(
  situation: Situation,
  state: Extract<IntentRow['state'], { kind: 'prepared' }>,
): Action {
  const { conversation, isLive, isCaughtUp, serverNowMs, neverHanded } = situation;
  if (conversation.phase === 'removed') return { kind: 'fail', failure: 'removed-from-conversation' };
  if (!isLive) return wait;
  // The log may show them still.
  if (serverNowMs - state.preparedAtMs > limits.resendForMs)
    return isCaughtUp ? { kind: 'fail', failure: 'expired' } : wait;
  // A member was removed since: bytes under the old keys, which that member holds, do not leave the device.
  if (state.as === 'message' && neverHanded && state.commitSeq < conversation.minCommitSeq)
    return { kind: 'requeue' };
  return { kind: 'send' };
}

function actionOfQueued(situation: Situation): Action {
  const { intent, conversation, dueAtMs, isLive, isCaughtUp, nowMs } = situation;
  const { work } = intent;
  if (conversation.phase === 'removed') return { kind: 'fail', failure: 'removed-from-conversation' };
  if (!isLive) return wait;
  if (!isDue({ ...intent, notBeforeMs: dueAtMs }, nowMs)) return { kind: 'wait-until', atMs: dueAtMs };
  if (work.kind === 'create') return { kind: intent.claimed.length === 0 ? 'gather' : 'prepare' };
  if (work.kind === 'ask-readd')
    return conversation.phase === 'rejoining' ? { kind: 'send' } : { kind: 'drop' };
  if (work.kind === 'found') {
    if (conversation.phase !== 'rejoining' || !isClosedByReset(conversation)) return { kind: 'drop' };
    if (!isCaughtUp) return wait;
    return { kind: intent.claimed.length === 0 ? 'gather' : 'prepare' };
  }
  // Not a member yet, so there may be no log to catch up with.
  if (work.kind === 'rejoin')
    return conversation.phase === 'joining' || isCaughtUp ? { kind: 'prepare' } : wait;
  // What was written before leaving goes first.
  const isMember = conversation.phase === 'active' || conversation.phase === 'leaving';
  if (!isMember || !isCaughtUp) return wait;
  if (isLostByServer(conversation) && work.kind !== 'anchor' && work.kind !== 'leave') return wait;
  switch (work.kind) {
    case 'message':
      return actionOfMessage(situation);
    case 'add':
      return { kind: intent.claimed.length === 0 ? 'gather' : 'prepare' };
    case 'readd': {
      const { device } = work.device;
      if (!situation.roster.some((member) => member.device === device)) return { kind: 'drop' };
      return { kind: intent.claimed.length === 0 ? 'gather' : 'prepare' };
    }
    case 'mend':
      // Any commit that was merged since has put it right.
      return { kind: epochSeqOf(conversation) < conversation.lastCommitSeq ? 'prepare' : 'drop' };
    case 'leave':
      return { kind: 'send' };
    case 'remove':
    case 'remove-devices':
    case 'anchor':
      return { kind: 'prepare' };
    case 'update':
      // Any other commit of ours has healed as well.
      return { kind: isHealingDue({ row: conversation, nowMs }) ? 'prepare' : 'drop' };
  }
}

/** A restore took all of its log: for the server there is no such conversation until a member founds it again. */
function isLostByServer({ lastCommitSeq }: ConversationRow): boolean {
  return lastCommitSeq === 0;
}

/** Nothing is encrypted for a leaf that is not known to belong to whom it names. */
function actionOfMessage({ self, roster, conversation }: Situation): Action {
  // The store refuses this device until a commit has put that right.
  if (conversation.leftOutSeq !== null) return wait;
  // Only the server says that a conversation is a 1:1, and with whom: a group that it calls one must not hear what is
  // meant for one person.
  const isStranger = ({ user }: RosterMember): boolean => user !== self && user !== conversation.peer;
  if (conversation.kind === 'direct' && roster.some(isStranger))
    return { kind: 'fail', failure: 'others-in-direct' };
  if (roster.some(({ check }) => check === 'account-key-changed'))
    return { kind: 'fail', failure: 'member-not-verified' };
  if (roster.some(({ check }) => check === 'unchecked')) return { kind: 'check-leaves' };
  // The leaf's removal is under way and goes first.
  return roster.every(({ check }) => check === 'genuine') ? { kind: 'prepare' } : wait;
}
