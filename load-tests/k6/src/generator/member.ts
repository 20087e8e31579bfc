/**
 * A member of one room: a client without its cryptography that keeps the rules of delivery which a real one keeps, so
 * that the server does for it all that it does for a real one.
 */
import type { ServerFrame } from '@cipherchat/protocol';
import type { Addresses, WorldPerson, WorldRoom } from '../world.js';
import type { Account } from './account.js';
import { Connection } from './connection.js';
import { Credentials } from './credentials.js';
import { Incoming } from './incoming.js';
import { Outgoing, type Delivered } from './outgoing.js';
import { decodePayload, type Payload } from './payload.js';
import type { Runtime } from './runtime.js';

export type MemberParams = {
  readonly runtime: Runtime;
  readonly addresses: Addresses;
  readonly run: Uint8Array;
  readonly room: WorldRoom;
  readonly index: number;
  readonly person: WorldPerson;
  readonly account: Account;
  readonly tokenLifeMs: number | undefined;
  /** By the index of a member of this room. */
  readonly gatewayOf: (member: number) => string | null;
};

export class Member {
  readonly credentials: Credentials;
  private readonly connection: Connection;
  private readonly outgoing: Outgoing;
  private readonly incoming: Incoming;
  /** Since when nothing is missing and delivery is live; Infinity while away. */
  private usableSinceMs = Infinity;
  /** Messages since the socket was opened that were written before. */
  private caughtUp = 0;
  private waiters: (() => void)[] = [];

  constructor(private readonly params: MemberParams) {
    const { runtime, addresses, room, index, person } = params;
    const { conversation, commitSeq } = room;
    this.credentials = new Credentials(runtime, addresses.authUrl, person);
    this.connection = new Connection({
      runtime,
      credentials: this.credentials,
      gatewayUrls: addresses.gatewayUrls,
      firstGateway: index,
      tokenLifeMs: params.tokenLifeMs,
      received: (frame) => this.hear(frame),
      becameLive: () => this.becameLive(),
      lost: () => this.lost(),
    });
    this.outgoing = new Outgoing({
      runtime,
      conversation,
      commitSeq,
      send: (frame) => this.connection.send(frame),
      isLive: () => this.connection.isLive,
      acknowledged: (payload, delivered) => this.acknowledged(payload, delivered),
    });
    this.incoming = new Incoming({
      runtime,
      storeUrl: addresses.storeUrl,
      conversation,
      commitSeq,
      token: () => this.credentials.accessToken(),
      generation: () => this.connection.generation,
      send: (frame) => this.connection.send(frame),
      shown: (ciphertext) => this.shown(ciphertext),
      caughtUp: () => this.noticeUsable(),
    });
  }

  get gateway(): string | null {
    return this.connection.gateway;
  }

  get isUsable(): boolean {
    return this.usableSinceMs !== Infinity;
  }

  /** Resolves when everything that was missed is there and delivery is live. The time counts from when it was due. */
  connect(dueMs = this.params.runtime.nowMs()): Promise<void> {
    this.usableSinceMs = Infinity;
    this.connection.connect(dueMs);
    return this.usable();
  }

  /** Signs in anew, and connects with that. @throws Error when auth does not answer, or refuses */
  async arrive(): Promise<void> {
    await this.credentials.signIn();
    await this.connect();
  }

  usable(): Promise<void> {
    if (this.isUsable) return Promise.resolve();
    return new Promise((resolve) => this.waiters.push(resolve));
  }

  /** The network breaks; the member comes back by itself. */
  breakOff(): void {
    this.connection.breakOff();
  }

  leave(): void {
    this.connection.leave();
  }

  /** @param timing `untimed` is accounted for, and nothing else; so is what is written while away */
  write(dueMs: number, timing: Payload['timing']): void {
    const { run, index, account } = this.params;
    this.outgoing.write({
      run,
      sender: index,
      number: account.write(index),
      dueMs,
      timing: this.isUsable ? timing : 'untimed',
    });
  }

  private hear(frame: ServerFrame): void {
    switch (frame.type) {
      case 'deliver':
        return this.incoming.delivered(frame);
      case 'announce':
        return this.incoming.noteHead(frame.seq);
      case 'pending':
        return this.incoming.pending(frame);
      case 'appended':
        return this.outgoing.appended(frame);
      case 'problem':
        return this.outgoing.refused(frame);
      default:
        return;
    }
  }

  private becameLive(): void {
    this.outgoing.sendAgain();
    this.noticeUsable();
  }

  private noticeUsable(): void {
    const { runtime } = this.params;
    if (this.isUsable || !this.connection.isLive || !this.incoming.hasAll) return;
    this.usableSinceMs = runtime.nowMs();
    const tookMs = this.usableSinceMs - this.connection.openedAtMs;
    runtime.note('usable_ms', tookMs);
    if (this.caughtUp > 0) runtime.note('catch_up_ms', tookMs);
    this.caughtUp = 0;
    const { waiters } = this;
    this.waiters = [];
    for (const resolve of waiters) resolve();
  }

  private lost(): void {
    this.usableSinceMs = Infinity;
    this.outgoing.pause();
    this.incoming.pause();
  }

  private acknowledged(payload: Payload, delivered: Delivered): void {
    const { runtime, account, index } = this.params;
    account.acknowledge(index, payload.number);
    if (payload.timing === 'timed') runtime.note('acknowledge_ms', runtime.nowMs() - payload.dueMs);
    this.incoming.delivered(delivered);
  }

  private shown(ciphertext: Uint8Array): void {
    const { runtime, account, index, run, gatewayOf } = this.params;
    const payload = decodePayload(ciphertext, run);
    if (payload === null) return runtime.note('messages_unreadable', 1);
    if (payload.sender === index) return;
    if (account.show(index, payload) !== 'new') return;
    const from = gatewayOf(payload.sender);
    if (from !== null && from !== this.gateway) account.crossed();
    if (payload.dueMs < this.usableSinceMs) {
      this.caughtUp++;
      return runtime.note('messages_caught_up', 1);
    }
    if (payload.timing === 'timed') runtime.note('delivery_ms', runtime.nowMs() - payload.dueMs);
  }
}
