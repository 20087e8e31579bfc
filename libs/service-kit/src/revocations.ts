/**
 * Which devices and sessions may no longer do anything although their access tokens have not expired.
 * Auth publishes each as it happens, which may be lost, so that the list is also polled. An entry is kept
 * for as long as a token issued before it could still be valid.
 */
import type { OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import {
  decode,
  MalformedError,
  revocation,
  revocationsQuery,
  revocationsResult,
  subjects,
  type Revocation,
} from '@cipherchat/protocol';
import { accessTokenLifetimeMs, clockToleranceMs, type CurrentDevice } from './access-token.js';
import type { Clock } from './clock.js';
import { describeError, type EventLog } from './event-log.js';
import type { Nats } from './nats.js';

const revocationPollMs = 5_000;
const keptMs = accessTokenLifetimeMs + 2 * clockToleranceMs;
/** A page of answers that is full means that there is more. */
const fullPage = 1_000;
const pollTimeoutMs = 4_000;

export type RevocationListener = (entry: Revocation) => void;
export type CallerState = 'active' | 'device-revoked' | 'session-ended';

export class Revocations implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly entries = new Map<number, Revocation>();
  private readonly devices = new Set<string>();
  private readonly sessions = new Set<string>();
  private readonly listeners = new Set<RevocationListener>();
  /** Everything up to here was polled; published entries may lie beyond it, with gaps. */
  private polledOrder = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly nats: Nats,
    private readonly clock: Clock,
    private readonly log: EventLog,
  ) {}

  /** Called once for each revocation of the last minutes, also those found by polling; at start, too. Returns how to stop. */
  onRevoked(listener: RevocationListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  stateOf(caller: Pick<CurrentDevice, 'device' | 'session'>): CallerState {
    if (this.devices.has(caller.device)) return 'device-revoked';
    return this.sessions.has(caller.session) ? 'session-ended' : 'active';
  }

  onApplicationBootstrap(): void {
    this.nats.subscribe(subjects.revoked, (payload) => this.published(payload));
    this.nats.onStatus((status) => {
      if (status === 'reconnected') void this.poll();
    });
    const pollAgain = async (): Promise<void> => {
      await this.poll();
      this.timer = setTimeout(() => void pollAgain(), revocationPollMs);
      this.timer.unref();
    };
    void pollAgain();
  }

  onModuleDestroy(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  /** Fetches what lies past the last poll. A failure is logged and leaves everything as it was, for the next poll. */
  async poll(): Promise<void> {
    this.forgetOld();
    try {
      for (;;) {
        const { revocations } = await this.nats.request({
          subject: subjects.revocations,
          question: revocationsQuery,
          answer: revocationsResult,
          body: { after: this.polledOrder, sinceMs: Math.max(0, this.clock.nowMs() - keptMs) },
          timeoutMs: pollTimeoutMs,
        });
        for (const entry of revocations) this.add(entry);
        this.polledOrder = revocations.at(-1)?.order ?? this.polledOrder;
        if (revocations.length < fullPage) return;
      }
    } catch (error) {
      this.log.event('revocations.poll-failed', describeError(error));
    }
  }

  private published(payload: Uint8Array): void {
    try {
      this.add(decode(revocation, payload));
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error;
      this.log.unexpected(error, { subject: subjects.revoked });
    }
  }

  private add(entry: Revocation): void {
    if (this.entries.has(entry.order)) return;
    this.entries.set(entry.order, entry);
    if (entry.kind === 'device') this.devices.add(entry.device);
    else this.sessions.add(entry.session);
    for (const listener of this.listeners) listener(entry);
  }

  private forgetOld(): void {
    const before = this.clock.nowMs() - keptMs;
    for (const [order, entry] of this.entries) {
      if (entry.atMs >= before) continue;
      this.entries.delete(order);
      if (entry.kind === 'device') this.devices.delete(entry.device);
      else this.sessions.delete(entry.session);
    }
  }
}
