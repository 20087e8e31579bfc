/**
 * Brings each conversation's log to this device, in order and without a gap.
 *
 * Live frames are hints. `deliver` carries an entry that is used if it happens to be the next one, and so does the answer
 * to a message of ours, whose bytes are here; `announce`,
 * `pending` and an accepted commit only say how far the log goes. What lies between is read in pages over HTTP.
 *
 * Invariants:
 * - One worker per conversation; a few conversations at a time, in the order they were named (newest first).
 * - A live entry is held (at most `maxHeld` of a conversation) until it is next, or dropped and read later.
 *   It never moves the cursor past a gap.
 * - The acknowledgement is an effect of the step that applied: after its write, never before.
 * - An entry that cannot be processed is fetched once more; a commit that still cannot waits, and all behind it,
 *   until the other members have been asked (`repair/comparisons.ts`), which takes bounded time.
 * - What failed is tried again, ever more slowly, while connected; a reconnect tries at once.
 * - Entries are applied only on the connection on which they were read: by the next one, a restore of the server may
 *   have made another log of this one (`restore/adopt-generation.ts`).
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
import { HaltedError, type Steps } from '../state/steps.js';
import { applyEntries, type EntriesOutcome } from './apply-entries.js';
import type { InboxPorts, Known } from './context.js';
import { contiguousRun } from './contiguity.js';
import { forgotten, newFeed, type Feed } from './feed.js';
import { joinUninvited, learnConversation } from './know-conversation.js';

type Connected = number | null;

export type InboxWorkerPorts = InboxPorts & {
  readonly api: Api;
  readonly steps: Steps;
  readonly acknowledge: (conversation: ConversationId, seq: number) => void;
  /** Something of the conversation was applied, or it is caught up now. */
  readonly progressed: (conversation: ConversationId) => void;
  readonly checkLeaves: (conversation: ConversationId) => Promise<void>;
  /** Find out whether the commit there failed for the others too, then `settle`. */
  readonly compare: (conversation: ConversationId, seq: number) => void;
  /** Counts connections; `null` while there is none on which it is known which logs the server has. */
  readonly connected: () => Connected;
  readonly fault: (during: string, error: unknown) => void;
};

/** Live entries of a conversation that wait for what is missing before them. */
const maxHeld = 64;
/** Entries in one write: a page of 100 makes four, a live message one. */
const maxEntriesPerStep = 32;
const maxWorkers = 4;
/** Rounds without progress: learning of a conversation and checking a leaf are one each. */
const maxStalls = 3;

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

  /** The others have said whether the commit at `seq` is one of the group. */
  settle(conversation: ConversationId, compared: NonNullable<Known['compared']>): void {
    const feed = this.feedOf(conversation);
    if (feed.comparingSeq !== compared.seq) return;
    feed.comparingSeq = null;
    feed.compared = compared;
    this.wake(conversation);
  }

  /** Another generation of the server: what was heard of the old logs is no word about these. */
  forget(): void {
    for (const feed of this.feeds.values()) Object.assign(feed, forgotten(feed));
  }

  /** Connected again: what waited for a retry is tried now. */
  wakeAll(): void {
    for (const [conversation, feed] of this.feeds) {
      feed.failures = 0;
      if (this.hasMore(conversation, feed)) this.wake(conversation);
    }
  }

  private feedOf(conversation: ConversationId): Feed {
    const feed = this.feeds.get(conversation) ?? newFeed();
    this.feeds.set(conversation, feed);
    return feed;
  }

  private cursorOf(conversation: ConversationId): number {
    return this.ports.memory.conversations.get(conversation)?.cursorSeq ?? 0;
  }

  private hasMore(conversation: ConversationId, feed: Feed): boolean {
    return feed.headSeq > this.cursorOf(conversation);
  }

  private mayWork(feed: Feed): boolean {
    return feed.comparingSeq === null && this.ports.connected() !== null;
  }

  private wake(conversation: ConversationId): void {
    const feed = this.feedOf(conversation);
    if (feed.isWaiting || feed.isWorking || !this.mayWork(feed)) return;
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
      for (let stalls = 0; this.hasMore(conversation, feed) && this.mayWork(feed);) {
        const before = this.cursorOf(conversation);
        await this.advance(conversation, feed);
        stalls = this.cursorOf(conversation) > before ? 0 : stalls + 1;
        // A page that does not begin where it was asked to, or a leaf that stays unknown: not in a tight loop.
        if (stalls > maxStalls) throw problem('service/internal');
      }
      feed.failures = 0;
      // Kept only while there is something to remember: a client may know thousands of conversations.
      if (this.mayWork(feed)) this.feeds.delete(conversation);
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
    const connected = this.ports.connected();
    if (!this.ports.memory.conversations.has(conversation)) {
      if (await learnConversation(this.ports, conversation)) return;
      feed.headSeq = 0;
      feed.held.clear();
      return;
    }
    const cursorSeq = this.cursorOf(conversation);
    const entries = contiguousRun({ bySeq: feed.held, cursorSeq, limit: maxEntriesPerStep });
    if (entries.length > 0 && !feed.looksAgain)
      await this.apply(conversation, feed, { connected, entries, floorSeq: 0, finalUntilSeq: 0 });
    else await this.readPage(conversation, feed, { connected, cursorSeq });
    for (const seq of [...feed.held.keys()]) if (seq <= this.cursorOf(conversation)) feed.held.delete(seq);
  }

  private async readPage(
    conversation: ConversationId,
    feed: Feed,
    { connected, cursorSeq }: { readonly connected: Connected; readonly cursorSeq: number },
  ): Promise<void> {
    const page = await this.fetchPage(conversation, cursorSeq);
    if (this.ports.connected() !== connected) return;
    if (page === null || page.entries.length === 0) {
      // The server has nothing for us past here, whatever was said: a device that was removed reads up to its removal.
      feed.headSeq = cursorSeq;
      feed.held.clear();
      return page === null ? joinUninvited(this.ports, conversation) : undefined;
    }
    feed.headSeq = Math.max(feed.headSeq, page.headSeq);
    const finalUntilSeq = feed.looksAgain ? (page.entries.at(-1)?.seq ?? 0) : 0;
    feed.looksAgain = false;
    for (let start = 0; start < page.entries.length; start += maxEntriesPerStep) {
      const outcome = await this.apply(conversation, feed, {
        connected,
        entries: page.entries.slice(start, start + maxEntriesPerStep),
        floorSeq: page.floorSeq,
        finalUntilSeq,
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
    feed: Feed,
    params: {
      readonly connected: Connected;
      readonly entries: readonly LogEntry[];
      readonly floorSeq: number;
      readonly finalUntilSeq: number;
    },
  ): Promise<EntriesOutcome> {
    const { connected, entries, floorSeq, finalUntilSeq } = params;
    const known = { finalUntilSeq, compared: feed.compared };
    const before = this.cursorOf(conversation);
    const outcome = await this.ports.steps.run('inbox/apply-entries', async (transaction) => {
      if (this.ports.connected() !== connected) return { kind: 'gap', cursorSeq: before } as const;
      const result = await applyEntries({
        ports: this.ports,
        transaction,
        conversation,
        entries,
        floorSeq,
        known,
      });
      if (result.cursorSeq > before)
        transaction.after(() => this.ports.acknowledge(conversation, result.cursorSeq));
      return result;
    });
    if (outcome.cursorSeq > before) this.ports.progressed(conversation);
    if (outcome.kind === 'needs-leaf-check') await this.ports.checkLeaves(conversation);
    if (outcome.kind === 'needs-refetch') feed.looksAgain = true;
    if (outcome.kind === 'needs-comparison') {
      feed.comparingSeq = outcome.cursorSeq + 1;
      this.ports.compare(conversation, feed.comparingSeq);
    }
    return outcome;
  }
}
