/**
 * Everything that this device knows changes in steps, one after another.
 *
 * Note [Write before effect]. A step reads, decides, writes once, and only then is seen: its events are
 * told and its effects (send a frame, acknowledge, wake a worker) happen after the store has made the
 * write durable. So a crash at any of the points below leaves either the state before the step or
 * the state after it, and every effect that a crash swallowed is made again from that state:
 *
 * | crash at | what is lost | what makes it good |
 * | --- | --- | --- |
 * | begun | nothing | the step is done again |
 * | decided | the decision, MLS steps included: none was used | the step is done again |
 * | written | the events and effects | opening reads the state; the outbox sends again the same bytes; heads are compared |
 * | published | the effects | the same |
 * | done | nothing | |
 */
import type { ConversationId } from '@cipherchat/protocol';
import { viewConversation } from '../conversations/conversation-row.js';
import { concludeFront } from '../conversations/front.js';
import type { ClientEvent } from '../events.js';
import { concludeMessages } from '../messages/conclude.js';
import { SupersededError, type Store } from '../store/store.js';
import { GroupCache } from './group-cache.js';
import type { Memory } from './memory.js';
import { tables } from './tables.js';
import { Transaction } from './transaction.js';

/** Where a simulator may crash the client; between two adjacent ones nothing can be observed from outside. */
export const stepPoints = ['begun', 'decided', 'written', 'published', 'done'] as const;
/** A point of a step; see `stepPoints`. */
export type StepPoint = (typeof stepPoints)[number];

/** Called at every point of every step. A simulator that crashes the client here never lets it return. */
export type StepProbe = (at: { readonly step: StepName; readonly point: StepPoint }) => void | Promise<void>;

/** Every step there is. A simulator counts crashes between each pair of these and the points. */
export const stepNames = [
  'session/store-tokens',
  'session/registered',
  'connection/still-writer',
  'connection/generation',
  'restore/reset-conversation',
  'inbox/know-conversation',
  'inbox/apply-entries',
  'outbox/add-intent',
  'outbox/gather',
  'outbox/prepare',
  'outbox/send-again-encrypted',
  'outbox/answered',
  'outbox/postpone',
  'outbox/fail',
  'outbox/replace-conversation',
  'outbox/discard',
  'keys/store-key-packages',
  'keys/offer-key-packages',
  'keys/drop-key-packages',
  'keys/store-manifests',
  'keys/check-leaves',
  'keys/store-usernames',
  'people/open-invite',
  'people/invites',
  'people/blocks',
  'people/accept',
  'people/decline',
  'people/forget',
  'people/set-profile',
  'people/give-profile',
  'people/seen',
  'people/set-presence',
  'people/verify',
  'repair/conclude',
  'receipts/apply',
  'conversation/mark-read',
  'conversation/read-mark-sent',
  'conversation/set-notify',
  'conversation/set-draft',
  'expiry/begin',
  'expiry/sweep',
  'settings/failure-reports',
  'settings/read-marks',
  'recovery/key',
] as const;
/** The name of a step; see `stepNames`. */
export type StepName = (typeof stepNames)[number];

/** Why the client stopped for good; only opening it again goes on. */
export type HaltReason = 'superseded' | 'storage-failed';

/** The client has stopped (closed, superseded, or its store failed): nothing more is done. Open it again. */
export class HaltedError extends Error {
  override readonly name = 'HaltedError';
  constructor(readonly reason: HaltReason | 'closed') {
    super(`the client has stopped: ${reason}`);
  }
}

export type StepsPorts = {
  readonly store: Store;
  readonly memory: Memory;
  readonly writerGeneration: number;
  /** Resolves when `memory` holds all that is stored: no step decides on less. */
  readonly whole: Promise<void>;
  readonly probe: StepProbe;
  readonly publishEvent: (event: ClientEvent) => void;
  /** A message began to count, and is due then. */
  readonly expiring: (dueMs: number) => void;
  readonly halted: (reason: HaltReason) => void;
};

export class Steps {
  private queue: Promise<unknown> = Promise.resolve();
  private stopped: HaltReason | 'closed' | null = null;
  private readonly groupCache: GroupCache;

  constructor(private readonly ports: StepsPorts) {
    this.groupCache = new GroupCache(ports.store);
  }

  /** Runs a step when those before it are done. What `decide` throws is thrown, and nothing has changed. */
  run<Result>(
    step: StepName,
    decide: (transaction: Transaction) => Promise<Result> | Result,
  ): Promise<Result> {
    const result = this.queue.then(() => this.ports.whole).then(() => this.perform(step, decide));
    this.queue = result.catch(() => undefined);
    return result;
  }

  /**
   * Reads outside any step: of what is durable, and no steps' order to keep.
   * @throws HaltedError once the client is closed, and with it the store
   */
  reader(): Transaction {
    if (this.stopped === 'closed') throw new HaltedError(this.stopped);
    return new Transaction(this.ports.store, this.groupCache);
  }

  /** Reads between two steps, so of one state. */
  read<Result>(work: (reader: Transaction) => Promise<Result>): Promise<Result> {
    const result = this.queue.then(() => work(this.reader()));
    this.queue = result.catch(() => undefined);
    return result;
  }

  /** Lets the running step finish; every later one is refused. */
  async stop(): Promise<void> {
    this.stopped ??= 'closed';
    await this.queue;
  }

  private async perform<Result>(
    step: StepName,
    decide: (transaction: Transaction) => Promise<Result> | Result,
  ): Promise<Result> {
    if (this.stopped !== null) throw new HaltedError(this.stopped);
    const { memory, probe, publishEvent, expiring } = this.ports;
    await probe({ step, point: 'begun' });
    const transaction = new Transaction(this.ports.store, this.groupCache);
    const result = await decide(transaction);
    await concludeMessages({ transaction, memory });
    concludeFront({ transaction, memory });
    await probe({ step, point: 'decided' });
    await this.write(transaction);
    await probe({ step, point: 'written' });
    const shownBefore = shownConversations(transaction, memory);
    memory.publish(transaction);
    for (const [conversation, group] of transaction.changedGroups())
      this.groupCache.publish(conversation, group);
    for (const [, row] of transaction.changesOf(tables.expiries)) if (row !== null) expiring(row.dueMs);
    for (const event of transaction.events) publishEvent(event);
    for (const [conversation, shown] of shownConversations(transaction, memory))
      if (shownBefore.get(conversation) !== shown) publishConversation(this.ports, conversation);
    await probe({ step, point: 'published' });
    for (const effect of transaction.effects) effect();
    await probe({ step, point: 'done' });
    return result;
  }

  private async write(transaction: Transaction): Promise<void> {
    const batch = transaction.batch();
    if (batch.puts.length + batch.deletes.length === 0) return;
    try {
      await this.ports.store.write({ writerGeneration: this.ports.writerGeneration, ...batch });
    } catch (error) {
      // Whether a failed write happened is not known: what is in memory may not be what is stored.
      this.stopped = error instanceof SupersededError ? 'superseded' : 'storage-failed';
      this.ports.halted(this.stopped);
      throw error;
    }
  }
}

/** Of those whose rows a step has put, what a person sees of each, to be compared. One that another took the place of is not seen. */
function shownConversations(transaction: Transaction, memory: Memory): ReadonlyMap<ConversationId, string> {
  const changed = [
    ...transaction.changesOf(tables.conversations),
    ...transaction.changesOf(tables.summaries),
  ];
  const shown = new Map<ConversationId, string>();
  for (const [key] of changed) {
    const row = memory.conversations.get(key as ConversationId);
    if (row?.replacedBy === null) shown.set(row.id, JSON.stringify(viewConversation(row, memory)));
  }
  return shown;
}

function publishConversation({ memory, publishEvent }: StepsPorts, conversation: ConversationId): void {
  const row = memory.conversations.get(conversation);
  if (row !== undefined) publishEvent({ type: 'conversation', data: viewConversation(row, memory) });
}
