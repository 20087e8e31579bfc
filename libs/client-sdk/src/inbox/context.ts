/** What applying an entry needs besides the step's transaction. */
import type { DeviceKeys, MlsEngine } from '@cipherchat/crypto';
import type { ConversationId, LogEntry } from '@cipherchat/protocol';
import type { ComparisonVerdict } from '../repair/statement.js';
import type { Clock } from '../ports/clock.js';
import type { Random } from '../ports/random.js';
import type { Memory } from '../state/memory.js';
import type { ConversationRow } from '../state/rows.js';
import type { Transaction } from '../state/transaction.js';
import type { Loss } from './failure-reports.js';

export type InboxPorts = {
  readonly engine: MlsEngine;
  readonly keys: DeviceKeys;
  readonly memory: Memory;
  readonly clock: Clock;
  readonly random: Random;
  /** Leaves came or changed: their manifests are to be looked at. */
  readonly leavesChanged: (conversation: ConversationId) => void;
  /** A mark stands where something is missing. */
  readonly lost: (loss: Loss) => void;
  /** Too many messages in a row did not decrypt: whether the group state is off is for the other members to tell. */
  readonly stateDoubted: (conversation: ConversationId) => void;
};

/** What is known of entries that may not be what they seem. */
export type Known = {
  /** Entries up to here were fetched again after one of them failed: what fails now is no mistake of the way here. */
  readonly finalUntilSeq: number;
  /** A commit that this device could not process, and what comparing with the others gave. */
  readonly compared: { readonly seq: number; readonly verdict: ComparisonVerdict } | null;
};

/** One entry being applied within a step. */
export type Applying = InboxPorts & {
  readonly transaction: Transaction;
  readonly conversation: ConversationId;
  readonly entry: LogEntry;
  readonly known: Known;
};

export function isFirstLook({ entry, known }: Applying): boolean {
  return entry.seq > known.finalUntilSeq;
}

/** What came of an entry: the conversation's row after it, cursor not yet advanced; or what must be known first. */
export type Applied =
  | { readonly kind: 'applied'; readonly row: ConversationRow }
  /** A leaf's manifest must be read before this entry can be judged: fetch, then apply again. Nothing was written for it. */
  | { readonly kind: 'needs-leaf-check' }
  /** It failed: its bytes are fetched once more before anything is concluded. */
  | { readonly kind: 'needs-refetch' }
  /** A commit that failed again: whether it failed for the others too decides. */
  | { readonly kind: 'needs-comparison' };

export const applied = (row: ConversationRow): Applied => ({ kind: 'applied', row });
