/** What the services do, without their network: routes and frames over `ModelConversation`. */
import {
  conversationRoutes,
  generationHeader,
  keysRoutes,
  peopleRoutes,
  problem,
  problemBody,
  ProblemError,
  type ClientFrame,
  type ConversationId,
  type EnvelopeId,
  type MemberDevice,
  type Route,
  type ServerFrame,
} from '@cipherchat/protocol';
import type { HttpRequest, HttpResponse } from '../ports/http.js';
import { isGroupInfo, knownDevice, matchRoute, response } from './model-http.js';
import { ModelAccounts } from './model-accounts.js';
import { ModelConversations, type ModelPorts } from './model-conversations.js';
import type { ModelConversation } from './model-log.js';
import { ModelDirectory } from './model-directory.js';

type Call = {
  readonly who: MemberDevice | null;
  readonly path: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly json: never;
  readonly binary: Uint8Array;
};
type Handler = (call: Call) => unknown;

/** What outlives the processes of the services. */
export type ModelServices = {
  readonly directory: ModelDirectory;
  readonly logs: Map<ConversationId, ModelConversation>;
  readonly sessions: Map<string, MemberDevice>;
  /** A token is never issued twice. */
  readonly tokens: { issued: number };
  /** Each restore from a backup begins another. */
  readonly restores: { generation: number };
};

export function newModelServices(): ModelServices {
  return {
    directory: new ModelDirectory(),
    logs: new Map(),
    sessions: new Map(),
    tokens: { issued: 0 },
    restores: { generation: 1 },
  };
}

type Report = Extract<ClientFrame, { readonly type: 'report' }>;

export type ModelBackup = {
  readonly logs: ReadonlyMap<ConversationId, ModelConversation>;
  readonly directory: ModelDirectory;
};

export class ModelServer {
  readonly store: ModelConversations;
  readonly directory: ModelDirectory;
  /** What devices said that they could not read. */
  readonly reports: { readonly who: MemberDevice; readonly failures: Report['failures'] }[] = [];
  private readonly accounts: ModelAccounts;

  /** `services`: those of a world that was; by default empty ones. */
  constructor(
    private readonly ports: ModelPorts,
    private readonly services: ModelServices = newModelServices(),
  ) {
    this.directory = services.directory;
    this.store = new ModelConversations(ports, services.logs, services.restores);
    this.accounts = new ModelAccounts({
      ...services,
      nowMs: ports.nowMs,
      depart: (device) => this.store.depart(device),
      manifestPublished: (user, version) => this.store.tellManifest(user, version),
    });
  }

  get conversations(): ReadonlyMap<ConversationId, ModelConversation> {
    return this.store.logs;
  }

  whoHas(token: string): MemberDevice | null {
    return this.services.sessions.get(token) ?? null;
  }

  /** Ends every session: the next use of any token is refused. */
  forgetTokens(): void {
    this.services.sessions.clear();
  }

  /** What an operator does now and then. */
  backup(): ModelBackup {
    return {
      logs: new Map([...this.store.logs].map(([id, log]) => [id, log.copy()])),
      directory: this.directory.copy(),
    };
  }

  /** The databases are what they were then: sessions and key packages are void, and the generation is a new one. */
  restore(backup: ModelBackup): void {
    this.goBack(backup);
    this.sayRestored();
  }

  /** The same, and nobody is told. */
  goBack(backup: ModelBackup): void {
    this.store.logs.clear();
    for (const [id, log] of backup.logs) this.store.logs.set(id, log.copy());
    this.directory.become(backup.directory);
    this.forgetTokens();
  }

  sayRestored(): void {
    this.services.restores.generation += 1;
  }

  handle(request: HttpRequest): HttpResponse {
    try {
      return this.dispatch(request);
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      return response({
        status: error.status,
        body: new TextEncoder().encode(JSON.stringify(problemBody(error))),
      });
    }
  }

  receive(who: MemberDevice, frame: ClientFrame): readonly ServerFrame[] {
    switch (frame.type) {
      case 'append':
        return [this.store.append(who, frame)];
      case 'acknowledge':
        for (const { conversation, seq } of frame.positions) this.store.acknowledge(who, conversation, seq);
        return [];
      case 'resume':
        return this.store.resume(who);
      case 'signal':
        return this.store.signal(who, frame);
      case 'ping':
        return [{ type: 'pong', nonce: frame.nonce }];
      case 'authenticate':
        return [];
      case 'report':
        this.reports.push({ who, failures: frame.failures });
        return [];
    }
  }

  private dispatch(request: HttpRequest): HttpResponse {
    const url = new URL(request.url);
    const found = matchRoute(request.method, url.pathname);
    if (found === null) throw problem('request/not-found');
    const who = this.whoHas(request.headers['authorization']?.replace('Bearer ', '') ?? '');
    if (who === null && found.route.access !== 'public') throw problem('auth/unauthenticated');
    const named = request.headers[generationHeader];
    if (named !== undefined && Number(named) !== this.store.generation)
      throw problem('conversation/other-generation');
    const binary = request.body ?? new Uint8Array(0);
    const json = (
      found.route.request === undefined
        ? null
        : found.route.request.parse(JSON.parse(new TextDecoder().decode(binary)))
    ) as never;
    const handler =
      this.handlers.get(found.route) ??
      this.accounts.handlers.get(found.route) ??
      this.directory.blocks.handlers.get(found.route) ??
      this.directory.recovery.handlers.get(found.route);
    if (handler === undefined) throw problem('request/not-found');
    const answer = handler({ who, path: found.path, query: url.searchParams, json, binary });
    if (answer instanceof Uint8Array) return response({ status: 200, body: answer });
    if (isGroupInfo(answer))
      return response({
        status: 200,
        body: answer.bytes,
        headers: { 'cipherchat-commit-seq': String(answer.commitSeq) },
      });
    const encoded: unknown = found.route.response === undefined ? {} : found.route.response.encode(answer);
    return response({ status: 200, body: new TextEncoder().encode(JSON.stringify(encoded)) });
  }

  private readonly handlers = new Map<Route, Handler>([
    [keysRoutes.publishManifest, ({ who, json }) => this.publishManifest(knownDevice(who), json)],
    [keysRoutes.findManifests, ({ json }) => this.directory.findManifests(json)],
    [keysRoutes.uploadKeyPackages, ({ who, json }) => this.directory.upload(knownDevice(who), json)],
    [keysRoutes.countKeyPackages, ({ who }) => this.directory.count(knownDevice(who))],
    [keysRoutes.claimKeyPackages, ({ who, json }) => this.directory.claim(json, knownDevice(who))],
    [peopleRoutes.findByUsername, ({ path }) => this.directory.findByUsername(path['username'] ?? '')],
    [peopleRoutes.findUsernames, ({ json }) => this.directory.findUsernames(json)],
    [conversationRoutes.create, ({ who, binary }) => this.store.create(knownDevice(who), binary)],
    [
      conversationRoutes.list,
      ({ who, query }) => this.store.list(knownDevice(who), Number(query.get('since') ?? '0')),
    ],
    [
      conversationRoutes.commit,
      ({ who, path, query, binary }) => {
        const claims = conversationRoutes.commit.query.parse(Object.fromEntries(query));
        return this.store.commit(knownDevice(who), this.store.logOf(path), { binary, claims });
      },
    ],
    [
      conversationRoutes.readPage,
      ({ who, path, query }) =>
        this.store.readPage(knownDevice(who), this.store.logOf(path), Number(query.get('after'))),
    ],
    [
      conversationRoutes.readGroupInfo,
      ({ who, path }) => this.store.readGroupInfo(knownDevice(who), this.store.logOf(path)),
    ],
    [
      conversationRoutes.compare,
      ({ who, path, json }) => this.store.compare(knownDevice(who), this.store.logOf(path), json),
    ],
    [
      conversationRoutes.requestReadd,
      ({ who, path, json }) =>
        this.store.requestReadd(
          knownDevice(who),
          this.store.logOf(path),
          (json as { readonly envelope: EnvelopeId }).envelope,
        ),
    ],
    [conversationRoutes.reset, ({ path }) => this.store.reset(this.store.logOf(path))],
    [conversationRoutes.read, ({ who, path }) => this.store.read(knownDevice(who), this.store.logOf(path))],
    [conversationRoutes.leave, ({ who, path }) => this.store.leave(knownDevice(who), this.store.logOf(path))],
  ]);

  private publishManifest(who: MemberDevice, request: { readonly manifest: Uint8Array }) {
    const { version, isNew } = this.directory.publish(who, request);
    if (isNew) this.store.tellManifest(who.user, version);
    return { version };
  }
}
