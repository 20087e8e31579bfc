/**
 * Brings each conversation's log to this device, in order and without a gap.
 *
 * Live frames are hints. `deliver` carries an entry that is used if it happens to be the next one; `announce`,
 * `pending` and an accepted commit only say how far the log goes. What lies between is read in pages over HTTP.
 *
 * Invariants:
 * - One worker per conversation; a few conversations at a time, in the order they were named (newest first).
 * - A live entry is held (at most `maxHeld` of a conversation) until it is next, or dropped and read later.
 *   It never moves the cursor past a gap.
 * - The acknowledgement is an effect of the step that applied: after its write, never before.
 * - What failed is tried again, ever more slowly, while connected; a reconnect tries at once.
 */
import {
  conversationRoutes,
  logPage,
  problem,
  ProblemError,
  type ConversationId,
  type LogEntry,
  type LogPage,
  type ServerFrame,
} from '@cipherchat/protocol';
import type { Api } from '../connection/api.js';
import { backoffMs } from '../connection/backoff.js';
import { isExpectedFailure } from '../connection/expected-failure.js';
import { newConversationRow, putConversation } from '../conversations/conversation-row.js';
import { addIntent } from '../outbox/intent-table.js';
import { HaltedError, type Steps } from '../state/steps.js';
import { tables } from '../state/tables.js';
import { applyEntries, type EntriesOutcome } from './apply-entries.js';
import type { InboxPorts } from './context.js';
import { contiguousRun } from './contiguity.js';

export type InboxWorkerPorts = InboxPorts & {
  readonly api: Api;
  readonly steps: Steps;
  readonly acknowledge: (conversation: ConversationId, seq: number) => void;
  /** Something of the conversation was applied, or it is caught up now. */
  readonly progressed: (conversation: ConversationId) => void;
  readonly checkLeaves: (conversation: ConversationId) => Promise<void>;
  readonly fault: (during: string, error: unknown) => void;
};

/** Live entries of a conversation that wait for what is missing before them. */
const maxHeld = 64;
/** Entries in one write: a page of 100 makes four, a live message one. */
const maxEntriesPerStep = 32;
const maxWorkers = 4;
/** Rounds without progress: learning of a conversation and checking a leaf are one each. */
const maxStalls = 3;

type Feed = {
  headSeq: number;
  readonly held: Map<number, LogEntry>;
  isWaiting: boolean;
  isWorking: boolean;
  failures: number;
};

export class Inbox {
  private readonly feeds = new Map<ConversationId, Feed>();
  private readonly queue: ConversationId[] = [];
  private workers = 0;

  constructor(private readonly ports: InboxWorkerPorts) {}

  /** Nothing is known to lie past the cursor. */
  isCaughtUp(conversation: ConversationId): boolean {
    const feed = this.feeds.get(conversation);
    return feed === undefined || !this.hasMore(conversation, feed);
  }

  /** A live message. */
  deliver(frame: Extract<ServerFrame, { type: 'deliver' }>): void {
    const { conversation, seq, envelope, atMs, ciphertext } = frame;
    const feed = this.feedOf(conversation);
    feed.headSeq = Math.max(feed.headSeq, seq);
    if (feed.held.size < maxHeld) {
      // The frame's bytes are a view of the socket's buffer, which is ours.
      feed.held.set(seq, {
        seq,
        envelope,
        kind: 'message',
        atMs,
        commitSeq: 0,
        ciphertext,
        devices: [],
        welcome: new Uint8Array(0),
      });
    }
    this.wake(conversation);
  }

  /** The log goes at least this far. */
  noteHead(conversation: ConversationId, headSeq: number): void {
    const feed = this.feedOf(conversation);
    feed.headSeq = Math.max(feed.headSeq, headSeq);
    this.wake(conversation);
  }

  /** The server's answer to `resume`: what lies past the cursor that it knows of this device. */
  notePending(frame: Extract<ServerFrame, { type: 'pending' }>): void {
    for (const { conversation, headSeq, cursorSeq } of frame.conversations) {
      const ours = this.cursorOf(conversation);
      // An acknowledgement was lost.
      if (ours > cursorSeq) this.ports.acknowledge(conversation, ours);
      if (headSeq > ours) this.noteHead(conversation, headSeq);
    }
  }

  /** Connected again: what waited for a retry is tried now. */
  wakeAll(): void {
    for (const [conversation, feed] of this.feeds) {
      feed.failures = 0;
      if (this.hasMore(conversation, feed)) this.wake(conversation);
    }
  }

  private feedOf(conversation: ConversationId): Feed {
    const feed = this.feeds.get(conversation) ?? {
      headSeq: 0,
      held: new Map<number, LogEntry>(),
      isWaiting: false,
      isWorking: false,
      failures: 0,
    };
    this.feeds.set(conversation, feed);
    return feed;
  }

  private cursorOf(conversation: ConversationId): number {
    return this.ports.memory.conversations.get(conversation)?.cursorSeq ?? 0;
  }

  private hasMore(conversation: ConversationId, feed: Feed): boolean {
    return feed.headSeq > this.cursorOf(conversation);
  }

  private wake(conversation: ConversationId): void {
    const feed = this.feedOf(conversation);
    if (feed.isWaiting || feed.isWorking) return;
    feed.isWaiting = true;
    this.queue.push(conversation);
    this.startWorkers();
  }

  private startWorkers(): void {
    while (this.workers < maxWorkers) {
      const conversation = this.queue.shift();
      if (conversation === undefined) return;
      this.workers++;
      void this.work(conversation).finally(() => {
        this.workers--;
        this.startWorkers();
      });
    }
  }

  private async work(conversation: ConversationId): Promise<void> {
    const feed = this.feedOf(conversation);
    feed.isWaiting = false;
    feed.isWorking = true;
    try {
      for (let stalls = 0; this.hasMore(conversation, feed);) {
        const before = this.cursorOf(conversation);
        await this.advance(conversation, feed);
        stalls = this.cursorOf(conversation) > before ? 0 : stalls + 1;
        // A page that does not begin where it was asked to, or a leaf that stays unknown: not in a tight loop.
        if (stalls > maxStalls) throw problem('service/internal');
      }
      feed.failures = 0;
      // Kept only while there is something to remember: a client may know thousands of conversations.
      this.feeds.delete(conversation);
    } catch (error) {
      this.failed(conversation, feed, error);
    } finally {
      feed.isWorking = false;
    }
    this.ports.progressed(conversation);
  }

  private failed(conversation: ConversationId, feed: Feed, error: unknown): void {
    if (error instanceof HaltedError) return;
    if (!isExpectedFailure(error)) this.ports.fault(`inbox ${conversation}`, error);
    const delayMs = backoffMs({ failures: feed.failures++, random: this.ports.random });
    this.ports.clock.setTimer(() => this.wake(conversation), delayMs);
  }

  private async advance(conversation: ConversationId, feed: Feed): Promise<void> {
    if (!this.ports.memory.conversations.has(conversation)) return this.learn(conversation, feed);
    const cursorSeq = this.cursorOf(conversation);
    const entries = contiguousRun({ bySeq: feed.held, cursorSeq, limit: maxEntriesPerStep });
    if (entries.length > 0) await this.apply(conversation, { entries, floorSeq: 0 });
    else await this.readPage(conversation, feed, cursorSeq);
    for (const seq of [...feed.held.keys()]) if (seq <= this.cursorOf(conversation)) feed.held.delete(seq);
  }

  private async readPage(conversation: ConversationId, feed: Feed, cursorSeq: number): Promise<void> {
    const page = await this.fetchPage(conversation, cursorSeq);
    if (page === null || page.entries.length === 0) {
      // The server has nothing for us past here, whatever was said: a device that was removed reads up to its removal.
      feed.headSeq = cursorSeq;
      feed.held.clear();
      return page === null ? this.notOurs(conversation) : undefined;
    }
    feed.headSeq = Math.max(feed.headSeq, page.headSeq);
    for (let start = 0; start < page.entries.length; start += maxEntriesPerStep) {
      const outcome = await this.apply(conversation, {
        entries: page.entries.slice(start, start + maxEntriesPerStep),
        floorSeq: page.floorSeq,
      });
      if (outcome.kind !== 'applied') return;
    }
  }

  /** `null` when the server knows no such conversation for this device. */
  private async fetchPage(conversation: ConversationId, after: number): Promise<LogPage | null> {
    try {
      return await this.ports.api.callBinary(conversationRoutes.readPage, logPage, {
        path: { conversation },
        query: { after },
      });
    } catch (error) {
      if (error instanceof ProblemError && error.is('conversation/unknown')) return null;
      throw error;
    }
  }

  private async apply(
    conversation: ConversationId,
    params: { readonly entries: readonly LogEntry[]; readonly floorSeq: number },
  ): Promise<EntriesOutcome> {
    const before = this.cursorOf(conversation);
    const outcome = await this.ports.steps.run('inbox/apply-entries', async (transaction) => {
      const result = await applyEntries({ ports: this.ports, transaction, conversation, ...params });
      if (result.cursorSeq > before)
        transaction.after(() => this.ports.acknowledge(conversation, result.cursorSeq));
      return result;
    });
    if (outcome.cursorSeq > before) this.ports.progressed(conversation);
    if (outcome.kind === 'needs-leaf-check') await this.ports.checkLeaves(conversation);
    return outcome;
  }

  /** The first that this device hears of a conversation. */
  private async learn(conversation: ConversationId, feed: Feed): Promise<void> {
    const known = await this.describe(conversation);
    if (known === null) {
      feed.headSeq = 0;
      feed.held.clear();
      return;
    }
    const { memory, clock, steps } = this.ports;
    const peer =
      known.kind === 'direct'
        ? (known.members.find(({ user }) => user !== memory.profile.user)?.user ?? null)
        : null;
    await steps.run('inbox/know-conversation', async (transaction) => {
      if ((await transaction.get(tables.conversations, conversation)) !== null) return;
      const row = newConversationRow({
        id: conversation,
        kind: known.kind,
        phase: 'joining',
        peer,
        suite: memory.profile.suite,
        nowMs: clock.nowMs(),
      });
      putConversation(transaction, row);
    });
  }

  private async describe(conversation: ConversationId) {
    try {
      return await this.ports.api.call(conversationRoutes.read, { path: { conversation } });
    } catch (error) {
      if (error instanceof ProblemError && error.is('conversation/unknown')) return null;
      throw error;
    }
  }

  /** A conversation of ours to which this device was never added: it adds itself. */
  private async notOurs(conversation: ConversationId): Promise<void> {
    const { memory, clock, steps } = this.ports;
    await steps.run('inbox/know-conversation', async (transaction) => {
      const row = await transaction.get(tables.conversations, conversation);
      const isPlanned = [...memory.intents.values()].some(
        (intent) => intent.conversation === conversation && intent.work.kind === 'rejoin',
      );
      if (row?.phase !== 'joining' || isPlanned) return;
      await addIntent(
        { transaction, memory },
        { conversation, work: { kind: 'rejoin' }, addedAtMs: clock.nowMs() },
      );
    });
  }
}
