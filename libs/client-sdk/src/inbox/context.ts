/** What applying an entry needs besides the step's transaction. */
import type { DeviceKeys, MlsEngine } from '@cipherchat/crypto';
import type { ConversationId, LogEntry } from '@cipherchat/protocol';
import type { Clock } from '../ports/clock.js';
import type { Random } from '../ports/random.js';
import type { Memory } from '../state/memory.js';
import type { ConversationRow } from '../state/rows.js';
import type { Transaction } from '../state/transaction.js';

export type InboxPorts = {
  readonly engine: MlsEngine;
  readonly keys: DeviceKeys;
  readonly memory: Memory;
  readonly clock: Clock;
  readonly random: Random;
  /** Leaves came or changed: their manifests are to be looked at. */
  readonly leavesChanged: (conversation: ConversationId) => void;
};

/** One entry being applied within a step. */
export type Applying = InboxPorts & {
  readonly transaction: Transaction;
  readonly conversation: ConversationId;
  readonly entry: LogEntry;
};

/** What came of an entry: the conversation's row after it, cursor not yet advanced; or what must be known first. */
export type Applied =
  | { readonly kind: 'applied'; readonly row: ConversationRow }
  /** A leaf's manifest must be read before this entry can be judged: fetch, then apply again. Nothing was written for it. */
  | { readonly kind: 'needs-leaf-check' };

export const applied = (row: ConversationRow): Applied => ({ kind: 'applied', row });
