/** What lies between clients and services: HTTP that loses requests or answers, sockets that break or fall silent. */
import {
  NetworkError,
  type Http,
  type HttpRequest,
  type HttpResponse,
  type SocketListener,
  type SocketPort,
} from '@cipherchat/client-sdk';
import { matchRoute, response } from '@cipherchat/client-sdk/testing';
import {
  authRoutes,
  clientFrames,
  conversationRoutes,
  keysRoutes,
  serverFrames,
  type Route,
} from '@cipherchat/protocol';
import type { GatewayWork, StoreWork } from './crash-points.js';
import type { Process } from './process.js';
import { SocketPair } from './socket-pair.js';
import { gatewayNames, type System } from './system.js';

/** Each a probability from 0 to 1. */
export type NetworkFaults = {
  /** A request that never arrives. */
  readonly loseRequest: number;
  /** A request that was carried out, and whose answer is lost. */
  readonly loseResponse: number;
  /** A request that arrives twice. */
  readonly repeatRequest: number;
};
export const soundNetwork: NetworkFaults = { loseRequest: 0, loseResponse: 0, repeatRequest: 0 };

/** A client as the network knows it: one run of its program. */
export type Life = { readonly process: Process; isOnline: boolean; readonly sockets: Set<SocketPair> };

const maxLatencyMs = 8;
const timeoutMs = 2_000;

const storeWorkOf = new Map<Route, StoreWork>([
  [conversationRoutes.create, 'create'],
  [conversationRoutes.commit, 'commit'],
  [conversationRoutes.leave, 'leave'],
]);
const requestNames = new Map<Route, string>([
  ...(['create', 'commit', 'readPage', 'readGroupInfo', 'leave'] as const).map(
    (name) => [conversationRoutes[name] as Route, name] as const,
  ),
  [keysRoutes.claimKeyPackages, 'claimKeyPackages'],
  [keysRoutes.uploadKeyPackages, 'uploadKeyPackages'],
  [authRoutes.register, 'register'],
  [authRoutes.signIn, 'signIn'],
]);
const clientWork = new Map<number | undefined, Exclude<GatewayWork, 'live'>>([
  [clientFrames.authenticate.code, 'authenticate'],
  [clientFrames.append.code, 'append'],
  [clientFrames.acknowledge.code, 'acknowledge'],
  [clientFrames.resume.code, 'resume'],
  [clientFrames.signal.code, 'signal'],
]);
const serverWork = new Map<number | undefined, GatewayWork>([
  [serverFrames.ready.code, 'authenticate'],
  [serverFrames.appended.code, 'append'],
  [serverFrames.live.code, 'resume'],
  [serverFrames.deliver.code, 'live'],
]);

export class Network {
  faults: NetworkFaults = soundNetwork;

  constructor(private readonly system: System) {}

  portsFor(life: Life): { readonly http: Http; readonly socket: SocketPort } {
    return {
      http: (request) => this.exchange(life, request),
      socket: { open: ({ url, subprotocol, listener }) => this.open(life, { url, subprotocol, listener }) },
    };
  }

  cut(life: Life): void {
    life.isOnline = false;
    for (const socket of life.sockets) socket.cut();
  }

  /** The client is dead: what it had sent still arrives. */
  left(life: Life): void {
    for (const socket of life.sockets) socket.leave();
  }

  private async exchange(life: Life, request: HttpRequest): Promise<HttpResponse> {
    const route = matchRoute(request.method, new URL(request.url).pathname)?.route;
    const name = route === undefined ? undefined : requestNames.get(route);
    const answer = this.carry(life, request, route);
    answer.catch(() => undefined);
    if (name !== undefined) await life.process.at(name, 'asked');
    const result = await Promise.race([answer, this.timeout()]);
    if (!life.process.isAlive) return new Promise<never>(() => undefined);
    if (result === null || !life.isOnline) throw new NetworkError();
    if (name !== undefined) await life.process.at(name, 'answered');
    return result;
  }

  private async timeout(): Promise<null> {
    await this.system.params.clock.wait(timeoutMs);
    return null;
  }

  /** Resolves with the answer, with `null` when it was lost, or never. */
  private async carry(
    life: Life,
    request: HttpRequest,
    route: Route | undefined,
  ): Promise<HttpResponse | null> {
    const { clock, chance } = this.system.params;
    const { loseRequest, loseResponse, repeatRequest } = this.faults;
    await clock.wait(1 + chance.below(maxLatencyMs));
    if (!life.isOnline || chance.happens(loseRequest)) return null;
    if (route === authRoutes.discovery) return discovery();
    if (chance.happens(repeatRequest)) void this.serve(request, route).catch(() => undefined);
    const result = await this.serve(request, route);
    await clock.wait(1 + chance.below(maxLatencyMs));
    return !life.isOnline || chance.happens(loseResponse) ? null : result;
  }

  private serve(request: HttpRequest, route: Route | undefined): Promise<HttpResponse | null> {
    const { chance } = this.system.params;
    const stores = [...this.system.stores.values()];
    if (stores.length === 0) return Promise.resolve(null);
    const work = route === undefined ? undefined : storeWorkOf.get(route);
    return chance.pick(stores).service.handle(request, work ?? null);
  }

  private open(
    life: Life,
    params: { readonly url: string; readonly subprotocol: string; readonly listener: SocketListener },
  ): ReturnType<SocketPort['open']> {
    const { clock, chance } = this.system.params;
    const name = new URL(params.url).hostname.split('.')[0] ?? '';
    const { listener } = params;
    const alive = (): boolean => life.process.isAlive;
    let gateway: Process | null = null;
    const pair = new SocketPair({
      clock,
      chance,
      protocol: params.subprotocol,
      listener: {
        opened: () => (alive() ? listener.opened() : undefined),
        received: (frame) => (alive() ? listener.received(frame) : undefined),
        closed: (code) => {
          life.sockets.delete(pair);
          if (alive()) listener.closed(code);
        },
      },
      arrives: (frame) => gateway?.passes(clientWork.get(frame[0]) ?? 'authenticate', 'received') ?? false,
      left: (frame) => {
        const work = serverWork.get(frame[0]);
        if (work !== undefined) gateway?.passes(work, 'forwarded');
      },
    });
    life.sockets.add(pair);
    clock.setTimer(
      () => {
        const running = this.system.gateways.get(name);
        if (!pair.open) return;
        if (!life.isOnline || running === undefined) return pair.cut();
        gateway = running.process;
        running.sockets.add(pair);
        running.service.accept(pair.server);
        if (alive()) listener.opened();
      },
      1 + chance.below(maxLatencyMs),
    );
    const { client } = pair;
    return {
      send: (frame) => {
        client.send(frame);
        const work = clientWork.get(frame[0]);
        // Asynchronous processes die between two statements, not inside one: the rest of the turn is not seen anyway.
        if (work !== undefined) life.process.passes(work, 'sent');
      },
      close: () => client.close(),
    };
  }
}

function discovery(): HttpResponse {
  const base = 'http://services.test';
  const document = {
    authUrl: base,
    keysUrl: base,
    conversationsUrl: base,
    gatewayUrls: gatewayNames.map((name) => `ws://${name}.test/v1/socket`),
    registration: 'open',
    subprotocols: ['cipherchat.v1'],
  };
  return response({ status: 200, body: new TextEncoder().encode(JSON.stringify(document)) });
}
