/** What the services do, without their network: routes and frames over `ModelConversation`. */
import {
  authRoutes,
  commitBundle,
  conversationRoutes,
  decode,
  encode,
  keysRoutes,
  logPage,
  newConversation,
  peopleRoutes,
  problem,
  problemBody,
  ProblemError,
  type ClientFrame,
  type ConversationId,
  type DeviceId,
  type MemberDevice,
  type Route,
  type ServerFrame,
  type UserId,
} from '@cipherchat/protocol';
import type { HttpRequest, HttpResponse } from '../ports/http.js';
import { ModelConversation } from './model-log.js';
import { ModelDirectory } from './model-directory.js';

type Ports = {
  readonly nowMs: () => number;
  readonly publish: (users: ReadonlySet<UserId>, frame: ServerFrame) => void;
  /** Sees every ciphertext that arrives. */
  readonly observe: (ciphertext: Uint8Array) => void;
};
type Call = { readonly who: MemberDevice | null; readonly path: Readonly<Record<string, string>>; readonly query: URLSearchParams; readonly json: never; readonly binary: Uint8Array };
type Handler = (call: Call) => unknown;

const routes: readonly Route[] = [...Object.values(authRoutes), ...Object.values(keysRoutes), ...Object.values(peopleRoutes), ...Object.values(conversationRoutes)];

export class ModelServer {
  readonly conversations = new Map<ConversationId, ModelConversation>();
  readonly directory = new ModelDirectory();
  private readonly sessions = new Map<string, MemberDevice>();
  private tokens = 0;

  constructor(private readonly ports: Ports) {}

  whoHas(token: string): MemberDevice | null {
    return this.sessions.get(token) ?? null;
  }

  /** Ends every session: the next use of any token is refused. */
  forgetTokens(): void {
    this.sessions.clear();
  }

  handle(request: HttpRequest): HttpResponse {
    try {
      return this.dispatch(request);
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      return response({ status: error.status, body: new TextEncoder().encode(JSON.stringify(problemBody(error))) });
    }
  }

  receive(who: MemberDevice, frame: ClientFrame): readonly ServerFrame[] {
    switch (frame.type) {
      case 'append':
        return [this.append(who, frame)];
      case 'acknowledge':
        for (const { conversation, seq } of frame.positions) this.acknowledge(who, conversation, seq);
        return [];
      case 'resume':
        return this.resume(who);
      case 'signal':
        return this.signal(who, frame);
      case 'ping':
        return [{ type: 'pong', nonce: frame.nonce }];
      case 'authenticate':
        return [];
    }
  }

  private append(who: MemberDevice, frame: Extract<ClientFrame, { type: 'append' }>): ServerFrame {
    const { request, conversation, envelope, commitSeq, ciphertext } = frame;
    this.ports.observe(ciphertext);
    const log = this.conversations.get(conversation);
    const verdict = log?.append({ from: who, envelope, commitSeq, ciphertext, atMs: this.ports.nowMs() }) ?? { kind: 'not-member' as const };
    switch (verdict.kind) {
      case 'accepted':
        this.publishTo(conversation, { type: 'deliver', conversation, seq: verdict.seq, envelope, atMs: verdict.atMs, ciphertext });
        return { type: 'appended', request, seq: verdict.seq, atMs: verdict.atMs };
      case 'duplicate':
        this.publishTo(conversation, { type: 'announce', conversation, seq: verdict.seq, sizeBytes: ciphertext.length });
        return { type: 'appended', request, seq: verdict.seq, atMs: verdict.atMs };
      case 'not-member':
        return refusal(request, problem('conversation/unknown'));
      case 'stale-commit':
        return refusal(request, problem('conversation/stale-commit', { lastCommitSeq: verdict.lastCommitSeq }));
    }
  }

  private acknowledge(who: MemberDevice, conversation: ConversationId, seq: number): void {
    const member = this.conversations.get(conversation)?.memberOf(who.device);
    if (member === undefined || seq <= member.cursorSeq) return;
    member.cursorSeq = seq;
    this.publishTo(conversation, { type: 'delivered', conversation, user: who.user, device: who.device, seq });
  }

  private resume(who: MemberDevice): readonly ServerFrame[] {
    const behind = [...this.conversations.values()].flatMap((log) => {
      const member = log.memberOf(who.device);
      const headSeq = Math.min(log.headSeq, member?.leftSeq ?? Infinity);
      return member !== undefined && headSeq > member.cursorSeq ? [{ conversation: log.id, headSeq, cursorSeq: member.cursorSeq }] : [];
    });
    const pending: ServerFrame[] = behind.length === 0 ? [] : [{ type: 'pending', conversations: behind.reverse() }];
    return [...pending, { type: 'live', serverTimeMs: this.ports.nowMs() }];
  }

  private signal(who: MemberDevice, frame: Extract<ClientFrame, { type: 'signal' }>): readonly ServerFrame[] {
    const member = this.conversations.get(frame.conversation)?.memberOf(who.device);
    if (member !== undefined && frame.kind === 'read') member.readMark = frame.ciphertext;
    if (member !== undefined) this.publishTo(frame.conversation, { ...frame, ...who });
    return [];
  }

  private publishTo(conversation: ConversationId, frame: ServerFrame, alsoTo: readonly UserId[] = []): void {
    const users = new Set([...(this.conversations.get(conversation)?.current().map(({ user }) => user) ?? []), ...alsoTo]);
    this.ports.publish(users, frame);
  }

  private dispatch(request: HttpRequest): HttpResponse {
    const url = new URL(request.url);
    const found = matchRoute(request.method, url.pathname);
    if (found === null) throw problem('request/not-found');
    const who = this.whoHas(request.headers['authorization']?.replace('Bearer ', '') ?? '');
    if (who === null && found.route.access !== 'public') throw problem('auth/unauthenticated');
    const binary = request.body ?? new Uint8Array(0);
    const json = (found.route.request === undefined ? null : found.route.request.parse(JSON.parse(new TextDecoder().decode(binary)))) as never;
    const handler = this.handlers.get(found.route);
    if (handler === undefined) throw problem('request/not-found');
    const answer = handler({ who, path: found.path, query: url.searchParams, json, binary });
    if (answer instanceof Uint8Array) return response({ status: 200, body: answer });
    if (isGroupInfo(answer)) return response({ status: 200, body: answer.bytes, headers: { 'cipherchat-commit-seq': String(answer.commitSeq) } });
    const encoded: unknown = found.route.response === undefined ? {} : found.route.response.encode(answer as never);
    return response({ status: 200, body: new TextEncoder().encode(JSON.stringify(encoded)) });
  }

  private readonly handlers = new Map<Route, Handler>([
    [
      authRoutes.discovery,
      () => ({ authUrl: base, keysUrl: base, conversationsUrl: base, gatewayUrls: ['ws://model.test/v1/socket'], registration: 'open', subprotocols: ['cipherchat.v1'] }),
    ],
    [authRoutes.createChallenge, () => ({ challenge: new Uint8Array(32).fill(1), expiresAtMs: this.ports.nowMs() + 60_000 })],
    [authRoutes.register, ({ json }) => this.register(json)],
    [authRoutes.signIn, ({ json }) => this.signIn((json as { readonly device: DeviceId }).device)],
    // Not modelled: clients sign in instead.
    [
      authRoutes.refresh,
      () => {
        throw problem('auth/refresh-invalid');
      },
    ],
    [keysRoutes.findManifests, ({ json }) => this.directory.findManifests(json)],
    [keysRoutes.uploadKeyPackages, ({ who, json }) => this.directory.upload(knownDevice(who), json)],
    [keysRoutes.countKeyPackages, ({ who }) => this.directory.count(knownDevice(who))],
    [keysRoutes.claimKeyPackages, ({ json }) => this.directory.claim(json)],
    [peopleRoutes.findByUsername, ({ path }) => this.directory.findByUsername(path['username'] ?? '')],
    [peopleRoutes.findUsernames, ({ json }) => this.directory.findUsernames(json)],
    [conversationRoutes.create, ({ who, binary }) => this.create(knownDevice(who), binary)],
    [conversationRoutes.commit, ({ who, path, binary }) => this.commit(knownDevice(who), this.logOf(path), binary)],
    [conversationRoutes.readPage, ({ who, path, query }) => this.readPage(knownDevice(who), this.logOf(path), Number(query.get('after')))],
    [conversationRoutes.readGroupInfo, ({ who, path }) => this.readGroupInfo(knownDevice(who), this.logOf(path))],
    [conversationRoutes.read, ({ who, path }) => this.read(knownDevice(who), this.logOf(path))],
    [conversationRoutes.leave, ({ who, path }) => this.leave(knownDevice(who), this.logOf(path))],
  ]);

  private register({ user, username, manifest, proof }: { readonly user: UserId; readonly username: string; readonly manifest: Uint8Array; readonly proof: { readonly device: DeviceId } }) {
    this.directory.register({ user, username, manifest, device: proof.device });
    return this.session({ user, device: proof.device });
  }

  private signIn(device: DeviceId) {
    return this.session({ user: this.directory.userOf(device), device });
  }

  private session(who: MemberDevice) {
    const accessToken = `access-${++this.tokens}`;
    this.sessions.set(accessToken, who);
    const session = who.device;
    return { ...who, session, accessToken, accessTokenExpiresAtMs: this.ports.nowMs() + 600_000, refreshToken: `refresh-token-number-${this.tokens}`, role: 'member' };
  }

  private logOf(path: Readonly<Record<string, string>>): ModelConversation {
    const log = this.conversations.get(path['conversation'] as ConversationId);
    if (log === undefined) throw problem('conversation/unknown');
    return log;
  }

  private create(who: MemberDevice, binary: Uint8Array) {
    const { conversation, kind, first } = decode(newConversation, binary);
    this.ports.observe(first.commit);
    const users = new Set(first.devices.map(({ user }) => user));
    const twin = [...this.conversations.values()].find((log) => log.kind === 'direct' && kind === 'direct' && isSameSet(users, new Set(log.current().map(({ user }) => user))));
    if (twin !== undefined && twin.id !== conversation) return { kind: 'exists', conversation: twin.id };
    const log = this.conversations.get(conversation) ?? new ModelConversation(conversation, kind);
    this.conversations.set(conversation, log);
    const verdict = log.commit({ from: who, bundle: { ...first, commitSeq: 0 }, atMs: this.ports.nowMs() });
    if (verdict.kind !== 'accepted' && verdict.kind !== 'duplicate') throw problem('conversation/id-taken');
    this.publishTo(conversation, { type: 'announce', conversation, seq: verdict.seq, sizeBytes: first.commit.length });
    return { kind: 'accepted', seq: verdict.seq, atMs: verdict.atMs };
  }

  private commit(who: MemberDevice, log: ModelConversation, binary: Uint8Array) {
    const bundle = decode(commitBundle, binary);
    this.ports.observe(bundle.commit);
    const before = log.current().map(({ user }) => user);
    const verdict = log.commit({ from: who, bundle, atMs: this.ports.nowMs() });
    if (verdict.kind === 'not-member') throw problem('conversation/unknown');
    if (verdict.kind === 'stale-commit') throw problem('conversation/stale-commit', { lastCommitSeq: verdict.lastCommitSeq });
    this.publishTo(log.id, { type: 'announce', conversation: log.id, seq: verdict.seq, sizeBytes: bundle.commit.length }, before);
    return { kind: 'accepted', seq: verdict.seq, atMs: verdict.atMs };
  }

  private readPage(who: MemberDevice, log: ModelConversation, after: number): Uint8Array {
    const page = log.page(who.device, after);
    if (page === null) throw problem('conversation/unknown');
    return encode(logPage, { conversation: log.id, ...page });
  }

  private readGroupInfo(who: MemberDevice, log: ModelConversation) {
    if (!log.current().some(({ user }) => user === who.user)) throw problem('conversation/unknown');
    return log.groupInfo;
  }

  private read(who: MemberDevice, log: ModelConversation) {
    if (!log.members.some(({ device }) => device === who.device)) throw problem('conversation/unknown');
    const members = log.current().map(({ user, device, joinedSeq, cursorSeq, departing, readMark }) => ({ user, device, joinedSeq, cursorSeq, departing, readMark }));
    return { conversation: log.id, kind: log.kind, headSeq: log.headSeq, lastCommitSeq: log.lastCommitSeq, minCommitSeq: 0, members };
  }

  private leave(who: MemberDevice, log: ModelConversation): void {
    for (const member of log.current().filter(({ user }) => user === who.user)) {
      member.departing = true;
      this.publishTo(log.id, { type: 'departure', conversation: log.id, user: member.user, device: member.device });
    }
  }
}

const base = 'http://model.test';

function response(params: { readonly status: number; readonly body: Uint8Array; readonly headers?: Readonly<Record<string, string>> }): HttpResponse {
  return { status: params.status, body: params.body, header: (name) => params.headers?.[name] ?? null };
}

function refusal(request: number, error: ProblemError): ServerFrame {
  return { type: 'problem', request, problem: error.code, retryAfterMs: error.retryAfterMs, detail: JSON.stringify(error.data) };
}

function knownDevice(who: MemberDevice | null): MemberDevice {
  if (who === null) throw problem('auth/unauthenticated');
  return who;
}

function isGroupInfo(answer: unknown): answer is { readonly bytes: Uint8Array; readonly commitSeq: number } {
  return typeof answer === 'object' && answer !== null && 'bytes' in answer && 'commitSeq' in answer;
}

function isSameSet<T>(left: ReadonlySet<T>, right: ReadonlySet<T>): boolean {
  return left.size === right.size && [...left].every((item) => right.has(item));
}

function matchRoute(method: string, pathname: string): { readonly route: Route; readonly path: Readonly<Record<string, string>> } | null {
  const parts = pathname.split('/');
  for (const route of routes) {
    const wanted = route.path.split('/');
    if (route.method !== method || wanted.length !== parts.length) continue;
    const isMatch = wanted.every((part, index) => part.startsWith(':') || part === parts[index]);
    if (isMatch) return { route, path: Object.fromEntries(wanted.flatMap((part, index) => (part.startsWith(':') ? [[part.slice(1), decodeURIComponent(parts[index] ?? '')]] : []))) };
  }
  return null;
}
