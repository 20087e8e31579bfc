/** What every intent's bytes are made from, and what becomes durable with them. */
import type { DeviceKeys, MlsEngine, PendingCommit } from '@cipherchat/crypto';
import {
  idFromRandom,
  limits,
  type CommitBundle,
  type EnvelopeId,
  type MemberDevice,
} from '@cipherchat/protocol';
import type { Clock } from '../ports/clock.js';
import type { Random } from '../ports/random.js';
import type { Memory } from '../state/memory.js';
import type { ConversationRow, PermanentFailure, RosterMember } from '../state/rows.js';
import { keyOf, tables } from '../state/tables.js';
import type { Transaction } from '../state/transaction.js';
import type { IntentRow, PreparedKind } from './intents.js';

export type PrepareParams = {
  readonly engine: MlsEngine;
  readonly keys: DeviceKeys;
  readonly random: Random;
  readonly clock: Clock;
  readonly memory: Memory;
  readonly transaction: Transaction;
  readonly intent: IntentRow;
  readonly conversation: ConversationRow;
  readonly roster: readonly RosterMember[];
  readonly serverNowMs: number;
  /** For `rejoin`: the group as the server keeps it, and the commit that it stands after. */
  readonly groupInfo: { readonly bytes: Uint8Array; readonly commitSeq: number } | null;
  /** For `anchor` and `found`: the last commit of the server's log, which may be none of ours; 0 when the server has no such log. */
  readonly anchorOnSeq: number;
  /** For other commits from inside. */
  readonly buildOnSeq: number;
};

export type Prepared =
  | { readonly kind: 'prepared'; readonly envelope: EnvelopeId }
  /** There is nothing left to do: who was to be removed is gone already. */
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly failure: PermanentFailure }
  /** What was gathered is of no use; gather again. */
  | { readonly kind: 'gather-again' };

export function bundleOf(
  params: PrepareParams,
  made: { readonly pending: PendingCommit; readonly commitSeq: number; readonly kind: CommitBundle['kind'] },
): CommitBundle {
  const { pending, commitSeq, kind } = made;
  const devices = pending.summary.membersAfter.map(({ user, device }) => ({ user, device }) as MemberDevice);
  return {
    envelope: newEnvelope(params),
    kind,
    commitSeq,
    commit: pending.commit,
    devices,
    groupInfo: pending.groupInfo,
    welcome: pending.welcome ?? new Uint8Array(0),
  };
}

export function finishBundle(
  params: PrepareParams,
  made: { readonly as: PreparedKind; readonly bundle: CommitBundle; readonly encoded: () => Uint8Array },
): Prepared {
  const { as, bundle, encoded } = made;
  if (bundle.devices.length > limits.maxConversationDevices)
    return { kind: 'failed', failure: 'too-many-devices' };
  if (bundle.commit.length + bundle.groupInfo.length + bundle.welcome.length > limits.maxCommitBundleBytes)
    return { kind: 'failed', failure: 'too-large' };
  return finish(params, { as, commitSeq: bundle.commitSeq, bytes: encoded(), envelope: bundle.envelope });
}

export function finish(
  params: PrepareParams,
  made: {
    readonly as: PreparedKind;
    readonly commitSeq: number;
    readonly bytes: Uint8Array;
    readonly envelope: EnvelopeId;
  },
): Prepared {
  const { transaction, intent, serverNowMs } = params;
  const { as, commitSeq, bytes, envelope } = made;
  transaction.put(tables.intents, intent.key, {
    ...intent,
    state: { kind: 'prepared', as, envelope, commitSeq, preparedAtMs: serverNowMs },
  });
  transaction.put(tables.intentBytes, intent.key, bytes);
  const message = intent.work.kind === 'message' ? intent.work.message : null;
  transaction.put(tables.ownEnvelopes, keyOf.ownEnvelope(intent.conversation, envelope), {
    envelope,
    intent: intent.key,
    message,
  });
  return { kind: 'prepared', envelope };
}

export function newEnvelope({ random }: PrepareParams): EnvelopeId {
  return idFromRandom<EnvelopeId>(random);
}
