/**
 * Whether people are there: told to contacts who tell it, too, and to nobody else.
 *
 * Invariants:
 * - It passes only between two whose profiles both say `shared`, in the 1:1 that both have accepted. Who tells nothing is
 *   told nothing, since others send them nothing.
 * - When something is sent is decided by the connection alone: shortly after it is live, and then at even intervals,
 *   whatever the person does meanwhile. A server learns from it no more of them than that their device is connected.
 * - Nothing of it is stored at the server. Here only the hour is kept in which somebody was there last.
 */
import type { Momentary } from '@cipherchat/crypto';
import type { ConversationId, DeviceId, UserId } from '@cipherchat/protocol';
import { jitteredMs } from '../connection/backoff.js';
import type { ClientEvent } from '../events.js';
import type { CancelTimer, Clock } from '../ports/clock.js';
import type { Random } from '../ports/random.js';
import type { Memory } from '../state/memory.js';
import type { ConversationRow } from '../state/rows.js';
import type { Steps } from '../state/steps.js';
import { tables } from '../state/tables.js';
import type { Transaction } from '../state/transaction.js';
import { isBlocked } from './blocks.js';
import { changeOwnProfile } from './profiles.js';

/** The person looks at the app now, or did last in the hour that began at `hourMs`. */
export type PersonPresence = { readonly kind: 'here' } | { readonly kind: 'seen'; readonly hourMs: number };

/** What a presence signal says. */
export type PresenceSays = Exclude<Momentary, 'typing' | 'typing-stopped'>;

/** An application says at its start that the person is there, a moment after the client was opened. */
const settleMs = 2_000;
const everyMs = 120_000;
/** Two in a row may be lost. */
const silentMs = 3.5 * everyMs;
/** For so long somebody is there who was active. */
const activeMs = 120_000;
/** Whoever asks again and again is answered now and then. */
const minAnswerMs = 30_000;
const hourMs = 3_600_000;
/** With whom it is shared: the conversations with the newest activity. A few frames a second at most. */
const maxSharedWith = 64;
/** Rows of people who were seen: one for each contact. */
const maxSeen = 10_000;

type PresencePorts = {
  readonly steps: Steps;
  readonly memory: Memory;
  readonly clock: Clock;
  readonly random: Random;
  readonly isLive: () => boolean;
  readonly say: (row: ConversationRow, says: PresenceSays) => void;
  readonly emit: (event: ClientEvent) => void;
  readonly fault: (during: string, error: unknown) => void;
};

export class Presence {
  private activeUntilMs = -Infinity;
  private cancelTelling: CancelTimer = () => undefined;
  private cancelSweep: CancelTimer = () => undefined;
  /** Of each person, until when each of their devices is taken to be used. */
  private readonly here = new Map<UserId, ReadonlyMap<DeviceId, number>>();
  private readonly answeredAtMs = new Map<ConversationId, number>();
  /** Who was told last. */
  private told: readonly ConversationId[] = [];

  constructor(private readonly ports: PresencePorts) {}

  /** The person is active at this device now. */
  noteActivity(): void {
    this.activeUntilMs = this.ports.clock.nowMs() + activeMs;
  }

  /** What everybody was told while there was no connection is not known: they are asked. */
  connected(): void {
    this.disconnected();
    if (isShared(this.ports.memory)) this.tellAfter(settleMs, 'asking');
  }

  disconnected(): void {
    this.cancelTelling();
    this.cancelSweep();
    this.answeredAtMs.clear();
    this.told = [];
    const users = [...this.here.keys()];
    this.here.clear();
    for (const user of users) this.ports.emit({ type: 'person', data: { user } });
  }

  /** The client ends: said at once, since the server sees that, too. */
  leave(): void {
    const { memory, isLive, say } = this.ports;
    if (!isLive()) return;
    for (const id of this.told) {
      const row = memory.conversations.get(id);
      if (row !== undefined) say(row, 'away');
    }
  }

  async set(presence: 'kept' | 'shared'): Promise<void> {
    const { steps, memory, clock, isLive } = this.ports;
    await steps.run('people/set-presence', async (transaction) => {
      await changeOwnProfile({ transaction, memory, nowMs: clock.nowMs() }, { presence });
      if (presence === 'shared') return;
      for (const { key } of await transaction.scan(tables.lastSeen, { prefix: '', limit: maxSeen }))
        transaction.delete(tables.lastSeen, key);
    });
    if (presence === 'kept') this.disconnected();
    else if (isLive()) this.connected();
  }

  /** A presence signal of a genuine member of an accepted conversation. */
  async heard(params: {
    readonly row: ConversationRow;
    readonly user: UserId;
    readonly device: DeviceId;
    readonly says: PresenceSays;
  }): Promise<void> {
    const { row, user, device, says } = params;
    if (row.peer !== user || !(await this.isMutual(row))) return;
    const isHere = says === 'here' || says === 'here-and-asks';
    if (isHere) await this.noteSeen(user);
    this.note({ user, device, untilMs: isHere ? this.ports.clock.nowMs() + silentMs : null });
    if (says === 'here-and-asks' || says === 'away-and-asks') this.answer(row);
  }

  /** `null`: nothing is known, or nothing is told. */
  async of(reader: Transaction, user: UserId): Promise<PersonPresence | null> {
    const { memory } = this.ports;
    const row = [...memory.conversations.values()].find(
      (candidate) => isOpen(candidate) && candidate.peer === user,
    );
    if (row === undefined || !(await this.isMutual(row))) return null;
    if (this.here.has(user)) return { kind: 'here' };
    const seenMs = await reader.get(tables.lastSeen, user);
    return seenMs === null ? null : { kind: 'seen', hourMs: seenMs };
  }

  private async isMutual({ peer }: ConversationRow): Promise<boolean> {
    const { memory, steps } = this.ports;
    if (peer === null || !isShared(memory) || isBlocked(memory, peer)) return false;
    return (await steps.reader().get(tables.profiles, peer))?.presence === 'shared';
  }

  private tellAfter(delayMs: number, tone: 'asking' | 'telling'): void {
    const { clock, random, fault } = this.ports;
    this.cancelTelling();
    this.cancelTelling = clock.setTimer(() => {
      this.tellAfter(jitteredMs({ baseMs: everyMs, random }), 'telling');
      this.tell(tone).catch((error: unknown) => fault('presence', error));
    }, delayMs);
  }

  private async tell(tone: 'asking' | 'telling'): Promise<void> {
    const { memory, isLive, say } = this.ports;
    const open = [...memory.conversations.values()]
      .filter(isOpen)
      .sort((left, right) => right.lastActivityMs - left.lastActivityMs);
    const mutual: ConversationRow[] = [];
    for (const row of open) {
      if (mutual.length === maxSharedWith) break;
      if (await this.isMutual(row)) mutual.push(row);
    }
    if (!isLive()) return;
    const says = this.says();
    for (const row of mutual) say(row, tone === 'asking' ? `${says}-and-asks` : says);
    this.told = mutual.map(({ id }) => id);
  }

  private answer(row: ConversationRow): void {
    const nowMs = this.ports.clock.nowMs();
    if (nowMs - (this.answeredAtMs.get(row.id) ?? -Infinity) < minAnswerMs) return;
    this.answeredAtMs.set(row.id, nowMs);
    this.ports.say(row, this.says());
  }

  private says(): 'here' | 'away' {
    return this.ports.clock.nowMs() < this.activeUntilMs ? 'here' : 'away';
  }

  private note(params: {
    readonly user: UserId;
    readonly device: DeviceId;
    readonly untilMs: number | null;
  }): void {
    const { user, device, untilMs } = params;
    const devices = new Map(this.here.get(user));
    devices.delete(device);
    if (untilMs !== null) devices.set(device, untilMs);
    this.put(user, devices);
    this.sweepInTime();
  }

  private put(user: UserId, devices: ReadonlyMap<DeviceId, number>): void {
    const was = this.here.has(user);
    if (devices.size === 0) this.here.delete(user);
    else this.here.set(user, devices);
    if (was !== this.here.has(user)) this.ports.emit({ type: 'person', data: { user } });
  }

  /** Who went silent is away. */
  private sweepInTime(): void {
    const { clock } = this.ports;
    this.cancelSweep();
    const ends = [...this.here.values()].flatMap((devices) => [...devices.values()]);
    if (ends.length === 0) return;
    this.cancelSweep = clock.setTimer(() => this.sweep(), Math.min(...ends) - clock.nowMs());
  }

  private sweep(): void {
    const nowMs = this.ports.clock.nowMs();
    for (const [user, devices] of this.here)
      this.put(user, new Map([...devices].filter(([, untilMs]) => untilMs > nowMs)));
    this.sweepInTime();
  }

  /** One write an hour at most for each person. */
  private async noteSeen(user: UserId): Promise<void> {
    const { steps, clock } = this.ports;
    const seenMs = Math.floor(clock.nowMs() / hourMs) * hourMs;
    if ((await steps.reader().get(tables.lastSeen, user)) === seenMs) return;
    await steps.run('people/seen', async (transaction) => transaction.put(tables.lastSeen, user, seenMs));
  }
}

/** Whether this account tells whether its person is there. */
export function presenceSetting({ ownProfile }: Memory): 'kept' | 'shared' {
  return ownProfile?.presence ?? 'kept';
}

function isShared(memory: Memory): boolean {
  return presenceSetting(memory) === 'shared';
}

function isOpen(row: ConversationRow): boolean {
  const isThere = row.kind === 'direct' && row.phase === 'active' && row.replacedBy === null;
  return isThere && row.standing === 'accepted' && row.keyChanged.length === 0;
}
