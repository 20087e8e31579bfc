/**
 * A WebSocket between a client and a gateway: whole frames, in order, in both directions, until it closes; or until the
 * network swallows everything and tells nobody, which both ends must find out by themselves.
 */
import type { OpenSocket, SocketListener } from '@cipherchat/client-sdk';
import type { VirtualClock } from '@cipherchat/client-sdk/testing';
import type { Chance } from './chance.js';

const maxLatencyMs = 6;
const lostCode = 1006;

type Listeners = {
  message?: (data: Uint8Array, isBinary: boolean) => void;
  pong?: () => void;
  close?: () => void;
  error?: () => void;
};

/** The gateway's end, as `ws` has it. */
export class ServerSocket {
  readonly listeners: Listeners = {};
  readonly bufferedAmount = 0;
  readonly protocol: string;

  constructor(
    private readonly pair: SocketPair,
    protocol: string,
  ) {
    this.protocol = protocol;
  }

  on<Name extends keyof Listeners>(name: Name, listener: NonNullable<Listeners[Name]>): void {
    this.listeners[name] = listener;
  }

  send(frame: Uint8Array): void {
    this.pair.toClient(frame);
  }

  ping(): void {
    this.pair.ping();
  }

  close(code: number): void {
    this.pair.closeByServer(code);
  }

  terminate(): void {
    this.pair.closeByServer(lostCode);
  }
}

export type SocketPairParams = {
  readonly clock: VirtualClock;
  readonly chance: Chance;
  readonly listener: SocketListener;
  readonly protocol: string;
  /** A frame has reached the gateway; `false` when the gateway is dead. */
  readonly arrives: (frame: Uint8Array) => boolean;
  /** A frame was handed to the network by the gateway. */
  readonly left: (frame: Uint8Array) => void;
};

export class SocketPair {
  readonly server: ServerSocket;
  /** Swallows everything from now on. */
  isSilent = false;
  private isOpen = true;
  private upAtMs = 0;
  private downAtMs = 0;

  constructor(private readonly params: SocketPairParams) {
    this.server = new ServerSocket(this, params.protocol);
  }

  get open(): boolean {
    return this.isOpen;
  }

  get client(): OpenSocket {
    return { send: (frame) => this.toServer(frame), close: () => this.closeByClient() };
  }

  toServer(frame: Uint8Array): void {
    const copy = frame.slice();
    this.upAtMs = this.later(this.upAtMs, () => {
      if (this.isOpen && !this.isSilent && this.params.arrives(copy))
        this.server.listeners.message?.(copy, true);
    });
  }

  toClient(frame: Uint8Array): void {
    if (!this.isOpen) return;
    const copy = frame.slice();
    this.downAtMs = this.later(this.downAtMs, () => {
      if (this.isOpen && !this.isSilent) this.params.listener.received(copy);
    });
    this.params.left(copy);
  }

  ping(): void {
    this.upAtMs = this.later(this.upAtMs, () => {
      if (this.isOpen && !this.isSilent) this.server.listeners.pong?.();
    });
  }

  /** The network tells both ends. */
  cut(): void {
    this.end(lostCode);
  }

  /** The client is dead; what it had sent still arrives. */
  leave(): void {
    this.later(this.upAtMs, () => this.end(lostCode));
  }

  closeByServer(code: number): void {
    if (!this.isOpen) return;
    // What was sent before arrives before.
    if (!this.isSilent) this.downAtMs = this.later(this.downAtMs, () => this.end(code));
    else this.endOfServer();
  }

  private closeByClient(): void {
    this.isOpen = false;
    this.params.listener.closed(1005);
    if (!this.isSilent) this.later(this.upAtMs, () => this.endOfServer());
  }

  private end(code: number): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.params.listener.closed(code);
    this.endOfServer();
  }

  private endOfServer(): void {
    this.server.listeners.close?.();
    delete this.server.listeners.close;
  }

  /** In order, each a little later. */
  private later(notBeforeMs: number, action: () => void): number {
    const { clock, chance } = this.params;
    const atMs = Math.max(notBeforeMs, clock.nowMs() + 1 + chance.below(maxLatencyMs));
    clock.setTimer(action, atMs - clock.nowMs());
    return atMs;
  }
}
