/**
 * The services as a client sees them, in memory: HTTP and sockets over a network that a test may cut, slow,
 * lose and repeat on. The rules of the log are `model-log.ts`; sign-in and limits are not modelled.
 */
import {
  decodeClientFrame,
  encodeServerFrame,
  problem,
  type ClientFrame,
  type MemberDevice,
  type ServerFrame,
  type UserId,
} from '@cipherchat/protocol';
import type { Clock } from '../ports/clock.js';
import { NetworkError, type Http, type HttpResponse } from '../ports/http.js';
import { randomFraction, type Random } from '../ports/random.js';
import type { SocketListener, SocketPort } from '../ports/socket.js';
import type { FakeUniverse } from './fake-universe.js';
import { refusal } from './model-http.js';
import { ModelServer } from './model-server.js';

/** How the network treats what travels; each a probability from 0 to 1. */
export type NetworkFaults = {
  /** Live frames (deliver, announce, delivered) that never arrive. */
  readonly loseLive: number;
  readonly repeatLive: number;
  /** Live frames that come late, behind others. */
  readonly delayLive: number;
  /** Live messages whose bytes are not what the store holds. */
  readonly alterLive: number;
  /** Answers on the socket that never arrive, although what they answer was done. */
  readonly loseAnswer: number;
  /** HTTP requests that were carried out and whose answer is lost. */
  readonly loseResponse: number;
  /** HTTP requests that never arrive. */
  readonly loseRequest: number;
  /** Messages that are refused for good, though the store may have them since an answer was lost. */
  readonly refuseAppend: number;
};

export const noFaults: NetworkFaults = {
  loseLive: 0,
  repeatLive: 0,
  delayLive: 0,
  alterLive: 0,
  loseAnswer: 0,
  loseResponse: 0,
  loseRequest: 0,
  refuseAppend: 0,
};

const latencyMs = 5;
const lateMs = 400;

type Socket = {
  readonly listener: SocketListener;
  isOpen: boolean;
  /** Its client closes it: what was sent before arrives still, and nothing comes back. */
  isClosing: boolean;
  /** Neither end has noticed that nothing arrives any more. */
  isSilent: boolean;
  who: MemberDevice | null;
};

export class ModelNetwork {
  readonly server: ModelServer;
  faults: NetworkFaults = noFaults;
  /** Hears each frame that a device gives to the server. */
  sent: (user: UserId, frame: ClientFrame) => void = () => undefined;
  private readonly sockets = new Set<Socket>();
  private readonly cut = new Set<object>();
  private readonly swallowed = new WeakSet<object>();
  /** Whose append is being carried out: the answer is its delivery. */
  private appending: Socket | null = null;

  constructor(
    private readonly params: {
      readonly clock: Clock;
      readonly random: Random;
      readonly universe: FakeUniverse;
    },
  ) {
    this.server = new ModelServer({
      nowMs: params.clock.nowMs,
      publish: (users, frame) => this.publish(users, frame),
      observe: (bytes) => params.universe.observe(bytes),
    });
  }

  /** Ports for one client; `who` names it to `cutOff` and `restore`. */
  portsFor(who: object): { readonly http: Http; readonly socket: SocketPort } {
    return {
      http: (request) => this.exchange(who, request),
      socket: { open: (params) => this.openSocket(who, params.listener) },
    };
  }

  /** The client has no network from now on. */
  cutOff(who: object): void {
    this.cut.add(who);
    for (const socket of this.sockets) if (this.owners.get(socket) === who) this.closeSocket(socket, 1006);
  }

  restore(who: object): void {
    this.cut.delete(who);
  }

  /** Requests of the client by HTTP are never answered, nor refused. */
  swallow(who: object): void {
    this.swallowed.add(who);
  }

  /** The client's socket stays open, and nothing passes through it. */
  silence(who: object): void {
    for (const socket of this.sockets) if (this.owners.get(socket) === who) socket.isSilent = true;
  }

  /** Every socket is closed, as by a gateway that ends. Who has a silent one does not hear of it. */
  closeAll(code: number): void {
    for (const socket of [...this.sockets]) if (!socket.isSilent) this.closeSocket(socket, code);
  }

  private readonly owners = new WeakMap<Socket, object>();

  private chance(probability: number): boolean {
    return probability > 0 && randomFraction(this.params.random) < probability;
  }

  private later(action: () => void, delayMs = latencyMs): void {
    this.params.clock.setTimer(action, delayMs);
  }

  private exchange(who: object, request: Parameters<Http>[0]): Promise<HttpResponse> {
    return new Promise((resolve, reject) => {
      if (this.swallowed.has(who)) return;
      const fail = (): void => reject(new NetworkError());
      this.later(() => {
        if (this.cut.has(who) || this.chance(this.faults.loseRequest)) return fail();
        const response = this.server.handle(request);
        this.later(() =>
          this.cut.has(who) || this.chance(this.faults.loseResponse) ? fail() : resolve(response),
        );
      });
    });
  }

  private openSocket(who: object, listener: SocketListener): ReturnType<SocketPort['open']> {
    const socket: Socket = { listener, isOpen: true, isClosing: false, isSilent: false, who: null };
    this.owners.set(socket, who);
    this.sockets.add(socket);
    this.later(() => {
      if (this.cut.has(who)) this.closeSocket(socket, 1006);
      else if (socket.isOpen && !socket.isClosing) listener.opened();
    });
    return {
      send: (frame) => this.later(() => this.receive(socket, frame)),
      close: () => {
        socket.isClosing = true;
        this.later(() => this.closeSocket(socket, 1005));
      },
    };
  }

  private closeSocket(socket: Socket, code: number): void {
    if (!socket.isOpen) return;
    socket.isOpen = false;
    this.sockets.delete(socket);
    this.later(() => socket.listener.closed(code));
  }

  private receive(socket: Socket, bytes: Uint8Array): void {
    if (!socket.isOpen || socket.isSilent) return;
    const frame = decodeClientFrame(bytes);
    if (frame.type === 'authenticate') return this.authenticate(socket, frame.token);
    if (socket.who === null) return this.closeSocket(socket, 4401);
    this.sent(socket.who.user, frame);
    if (frame.type === 'append' && this.chance(this.faults.refuseAppend))
      return this.send(socket, refusal(frame.request, problem('request/too-large', { maxBytes: 0 })));
    this.appending = frame.type === 'append' ? socket : null;
    const answers = this.server.receive(socket.who, frame);
    this.appending = null;
    for (const answer of answers) this.answer(socket, frame, answer);
  }

  /** Newest socket of a device wins. */
  private authenticate(socket: Socket, token: string): void {
    const who = this.server.whoHas(token);
    if (who === null) return this.closeSocket(socket, 4401);
    for (const other of [...this.sockets])
      if (other !== socket && other.who?.device === who.device) this.closeSocket(other, 4409);
    socket.who = who;
    const serverTimeMs = this.params.clock.nowMs();
    this.send(socket, {
      type: 'ready',
      gateway: 'model',
      generation: this.server.store.generation,
      serverTimeMs,
      heartbeatMs: 30_000,
      accessTokenExpiresAtMs: serverTimeMs + 600_000,
    });
  }

  private answer(socket: Socket, frame: ClientFrame, answer: ServerFrame): void {
    if (frame.type === 'append' && this.chance(this.faults.loseAnswer)) return;
    this.send(socket, answer);
  }

  publish(users: ReadonlySet<UserId>, frame: ServerFrame): void {
    for (const socket of this.sockets) {
      if (socket.who === null || !users.has(socket.who.user)) continue;
      if (socket === this.appending && frame.type === 'deliver') continue;
      if (this.chance(this.faults.loseLive)) continue;
      const delayMs = this.chance(this.faults.delayLive) ? lateMs : latencyMs;
      this.send(socket, this.chance(this.faults.alterLive) ? altered(frame) : frame, delayMs);
      if (this.chance(this.faults.repeatLive)) this.send(socket, frame, delayMs + lateMs);
    }
  }

  private send(socket: Socket, frame: ServerFrame, delayMs = latencyMs): void {
    const bytes = encodeServerFrame(frame);
    this.later(() => {
      if (socket.isOpen && !socket.isClosing && !socket.isSilent) socket.listener.received(bytes);
    }, delayMs);
  }
}

/** Changed on its way: the bytes of a message are not what the store holds. */
function altered(frame: ServerFrame): ServerFrame {
  return frame.type === 'deliver' ? { ...frame, ciphertext: Uint8Array.of(7) } : frame;
}
