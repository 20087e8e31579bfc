/**
 * Acknowledgements: from what gateways merged to the cursors, and to `delivered` for the other members.
 *
 * 1. A cursor only moves forward, and never past what its device may read; so acknowledgements may be lost,
 *    repeated and reordered. The device has durably stored what it acknowledges: a cursor that a crash sets
 *    back costs a repeated fetch, nothing else, so this is written without waiting for the disk.
 * 2. One statement is in flight; what comes meanwhile is merged: the highest seq of each device and conversation.
 * 3. The queue is bounded; what does not fit is refused, and the gateway keeps it for its next request.
 * 4. `delivered` follows the write. In conversations of many users advances wait up to a second and go out once
 *    per device; in larger ones they are not published.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { problem, type AcknowledgeBatch, type ConversationId, type UserId } from '@cipherchat/protocol';
import type { LivePublisher } from '../live/live-publisher.js';
import type { Roster, RosterCache } from '../live/roster-cache.js';
import type { Advance, CursorStatement, MovedCursor } from './cursor-statement.js';

export type AcknowledgeBounds = {
  readonly maxAcknowledgePositions: number;
  readonly maxQueuedPositions: number;
  readonly busyRetryMs: number;
  readonly maxUsersToldAtOnce: number;
  readonly deliveredIntervalMs: number;
  readonly maxUsersToldOfCursors: number;
  readonly maxWaitingAdvances: number;
};

export type AcknowledgePathParams = {
  readonly advance: CursorStatement;
  readonly live: LivePublisher;
  readonly rosters: RosterCache;
  readonly bounds: AcknowledgeBounds;
  readonly onFailure: (error: unknown, positions: number) => void;
  /** A statement was done. */
  readonly onWritten?: (positions: number) => void;
  /** Calls back after the time; passed in so that tests own time. */
  readonly schedule: (callback: () => void, afterMs: number) => void;
};

type Settle = { readonly done: () => void; readonly failed: () => void };

export class AcknowledgePath {
  private queue = new Map<string, Advance>();
  private settles: Settle[] = [];
  /** Where the first of the queue came in: the statement is a part of its trace, if that is recorded. */
  private withinFirst: (<Result>(work: () => Result) => Result) | null = null;
  private isWriting = false;
  private readonly waiting = new Map<ConversationId, Map<string, MovedCursor>>();

  constructor(private readonly params: AcknowledgePathParams) {}

  /** How many places wait for a statement. */
  get queued(): number {
    return this.queue.size;
  }

  /** Resolves when the cursors are written. @throws ProblemError `service/unavailable` when the queue is full or the write failed */
  async submit(batch: AcknowledgeBatch): Promise<void> {
    const { maxQueuedPositions, busyRetryMs } = this.params.bounds;
    const advances = batch.items.flatMap(({ user, device, positions }) =>
      positions.map(({ conversation, seq }) => ({ conversation, user, device, seq })),
    );
    if (this.queue.size + advances.length > maxQueuedPositions)
      throw problem('service/unavailable', { retryAfterMs: busyRetryMs });
    if (advances.length === 0) return;
    for (const advance of advances) merge(this.queue, advance);
    this.withinFirst ??= AsyncLocalStorage.snapshot();
    const written = new Promise<boolean>((resolve) => {
      this.settles.push({ done: () => resolve(true), failed: () => resolve(false) });
    });
    if (!this.isWriting) {
      this.isWriting = true;
      setImmediate(() => void this.writeUntilEmpty());
    }
    if (!(await written)) throw problem('service/unavailable', { retryAfterMs: busyRetryMs });
  }

  private async writeUntilEmpty(): Promise<void> {
    while (this.queue.size > 0) {
      const all = [...this.queue.values()];
      const settles = this.settles;
      this.queue = new Map();
      const { withinFirst } = this;
      this.settles = [];
      this.withinFirst = null;
      const write = (): Promise<boolean> => this.writeAll(all);
      const isWritten = await (withinFirst === null ? write() : withinFirst(write));
      for (const { done, failed } of settles) (isWritten ? done : failed)();
    }
    this.isWriting = false;
  }

  private async writeAll(advances: readonly Advance[]): Promise<boolean> {
    const { maxAcknowledgePositions } = this.params.bounds;
    for (let start = 0; start < advances.length; start += maxAcknowledgePositions) {
      const part = advances.slice(start, start + maxAcknowledgePositions);
      try {
        const moved = await this.params.advance({ advances: part, rosters: this.knownRosters(part) });
        for (const cursor of moved) this.tell(cursor);
        this.params.onWritten?.(part.length);
      } catch (error) {
        this.params.onFailure(error, part.length);
        return false;
      }
    }
    return true;
  }

  private knownRosters(advances: readonly Advance[]): ReadonlyMap<ConversationId, Roster> {
    const known = new Map<ConversationId, Roster>();
    for (const { conversation } of advances) {
      const roster = this.params.rosters.get(conversation);
      if (roster !== undefined) known.set(conversation, roster);
    }
    return known;
  }

  private tell(cursor: MovedCursor): void {
    const { rosters, bounds, schedule } = this.params;
    const { conversation, roster } = cursor;
    if (rosters.get(conversation) !== roster) rosters.put(conversation, roster);
    if (roster.users.length > bounds.maxUsersToldOfCursors) return;
    const waiting = this.waiting.get(conversation);
    if (
      roster.users.length <= bounds.maxUsersToldAtOnce ||
      (waiting === undefined && this.waiting.size >= bounds.maxWaitingAdvances)
    ) {
      this.publish(cursor);
    } else if (waiting === undefined) {
      this.waiting.set(conversation, new Map([[cursor.device, cursor]]));
      schedule(() => this.publishWaiting(conversation), bounds.deliveredIntervalMs);
    } else {
      const known = waiting.get(cursor.device);
      if (known === undefined || known.seq < cursor.seq) waiting.set(cursor.device, cursor);
    }
  }

  private publishWaiting(conversation: ConversationId): void {
    const waiting = this.waiting.get(conversation);
    this.waiting.delete(conversation);
    for (const cursor of waiting?.values() ?? []) this.publish(cursor);
  }

  private publish({ conversation, user, device, seq, roster }: MovedCursor): void {
    this.params.live.tell(otherUsers(roster, user), { type: 'delivered', conversation, user, device, seq });
  }
}

function merge(queue: Map<string, Advance>, advance: Advance): void {
  // A device belongs to one user; with the user in the key a false claim cannot displace a true one.
  const key = `${advance.conversation}${advance.device}${advance.user}`;
  const known = queue.get(key);
  if (known === undefined || known.seq < advance.seq) queue.set(key, advance);
}

/** That another of one's own devices has a message tells nothing about its delivery. */
function otherUsers(roster: Roster, user: UserId): readonly UserId[] {
  return roster.users.filter((other) => other !== user);
}
