/** The message store of the model: what frames and requests do to the logs, and who is told. */
import {
  commitBundle,
  decode,
  encode,
  logPage,
  newConversation,
  problem,
  type ClientFrame,
  type ConversationId,
  type DeviceId,
  type EnvelopeId,
  type MemberDevice,
  type ServerFrame,
  type UserId,
} from '@cipherchat/protocol';
import { isSameSet, refusal } from './model-http.js';
import { ModelConversation, type CommitClaims } from './model-log.js';
import type { ModelMember } from './model-stay.js';

export type ModelPorts = {
  readonly nowMs: () => number;
  readonly publish: (users: ReadonlySet<UserId>, frame: ServerFrame) => void;
  /** Sees every ciphertext that arrives. */
  readonly observe: (ciphertext: Uint8Array) => void;
};

export class ModelConversations {
  /** `logs`, and which restore was the last one, outlive the process that serves them. */
  constructor(
    private readonly ports: ModelPorts,
    readonly logs: Map<ConversationId, ModelConversation>,
    private readonly restores: { readonly generation: number },
  ) {}

  get generation(): number {
    return this.restores.generation;
  }

  append(who: MemberDevice, frame: Extract<ClientFrame, { type: 'append' }>): ServerFrame {
    const { request, conversation, envelope, commitSeq, ciphertext } = frame;
    this.ports.observe(ciphertext);
    const log = this.logs.get(conversation);
    const verdict = log?.append({
      from: who,
      envelope,
      commitSeq,
      ciphertext,
      atMs: this.ports.nowMs(),
      generation: this.generation,
    }) ?? {
      kind: 'not-member' as const,
    };
    switch (verdict.kind) {
      case 'accepted':
        this.publishTo(conversation, {
          type: 'deliver',
          conversation,
          seq: verdict.seq,
          envelope,
          atMs: verdict.atMs,
          ciphertext,
        });
        return { type: 'appended', request, seq: verdict.seq, atMs: verdict.atMs };
      case 'duplicate':
        this.publishTo(conversation, {
          type: 'announce',
          conversation,
          seq: verdict.seq,
          sizeBytes: ciphertext.length,
        });
        return { type: 'appended', request, seq: verdict.seq, atMs: verdict.atMs };
      case 'not-member':
        return refusal(request, problem('conversation/unknown'));
      case 'closed':
        return refusal(request, problem('conversation/closed'));
      case 'stale-commit':
        return refusal(
          request,
          problem('conversation/stale-commit', { lastCommitSeq: verdict.lastCommitSeq }),
        );
    }
  }

  acknowledge(who: MemberDevice, conversation: ConversationId, seq: number): void {
    const member = this.logs.get(conversation)?.memberOf(who.device);
    if (member === undefined || seq <= member.cursorSeq) return;
    member.cursorSeq = seq;
    this.publishTo(conversation, {
      type: 'delivered',
      conversation,
      user: who.user,
      device: who.device,
      seq,
    });
  }

  resume(who: MemberDevice): readonly ServerFrame[] {
    const behind = [...this.logs.values()].flatMap((log) => {
      const member = log.memberOf(who.device);
      const headSeq = Math.min(log.headSeq, member?.leftSeq ?? Infinity);
      return member !== undefined && headSeq > member.cursorSeq
        ? [{ conversation: log.id, headSeq, cursorSeq: member.cursorSeq }]
        : [];
    });
    const pending: ServerFrame[] =
      behind.length === 0 ? [] : [{ type: 'pending', conversations: behind.reverse() }];
    return [...pending, { type: 'live', serverTimeMs: this.ports.nowMs() }];
  }

  signal(who: MemberDevice, frame: Extract<ClientFrame, { type: 'signal' }>): readonly ServerFrame[] {
    const member = this.logs.get(frame.conversation)?.memberOf(who.device);
    if (member !== undefined && frame.kind === 'read') member.readMark = frame.ciphertext;
    if (member !== undefined) this.publishTo(frame.conversation, { ...frame, ...who });
    return [];
  }

  private publishTo(conversation: ConversationId, frame: ServerFrame, alsoTo: readonly UserId[] = []): void {
    const users = new Set([
      ...(this.logs
        .get(conversation)
        ?.current()
        .map(({ user }) => user) ?? []),
      ...alsoTo,
    ]);
    this.ports.publish(users, frame);
  }

  /** Those who share a conversation with the user are told, and their own devices. */
  tellManifest(user: UserId, version: number): void {
    this.ports.publish(new Set([user]), { type: 'manifest', user, version });
  }

  logOf(path: Readonly<Record<string, string>>): ModelConversation {
    const log = this.logs.get(path['conversation'] as ConversationId);
    if (log === undefined) throw problem('conversation/unknown');
    return log;
  }

  create(who: MemberDevice, binary: Uint8Array) {
    const { conversation, kind, first } = decode(newConversation, binary);
    this.ports.observe(first.commit);
    const users = new Set(first.devices.map(({ user }) => user));
    const twin = [...this.logs.values()].find(
      (log) =>
        log.kind === 'direct' &&
        kind === 'direct' &&
        isSameSet(users, new Set(log.current().map(({ user }) => user))),
    );
    if (twin !== undefined && twin.id !== conversation) return { kind: 'exists', conversation: twin.id };
    const log = this.logs.get(conversation) ?? new ModelConversation(conversation, kind, this.generation);
    this.logs.set(conversation, log);
    const verdict = log.commit({ from: who, bundle: { ...first, commitSeq: 0 }, atMs: this.ports.nowMs() });
    if (verdict.kind !== 'accepted' && verdict.kind !== 'duplicate') throw problem('conversation/id-taken');
    this.publishTo(conversation, {
      type: 'announce',
      conversation,
      seq: verdict.seq,
      sizeBytes: first.commit.length,
    });
    return { kind: 'accepted', seq: verdict.seq, atMs: verdict.atMs };
  }

  commit(
    who: MemberDevice,
    log: ModelConversation,
    { binary, claims }: { readonly binary: Uint8Array; readonly claims: CommitClaims },
  ) {
    const bundle = decode(commitBundle, binary);
    this.ports.observe(bundle.commit);
    const before = log.current().map(({ user }) => user);
    const verdict = log.commit({
      from: who,
      bundle,
      claims,
      atMs: this.ports.nowMs(),
      generation: this.generation,
    });
    if (verdict.kind === 'not-member') throw problem('conversation/unknown');
    if (verdict.kind === 'closed') throw problem('conversation/closed');
    if (verdict.kind === 'stale-commit')
      throw problem('conversation/stale-commit', { lastCommitSeq: verdict.lastCommitSeq });
    this.publishTo(
      log.id,
      { type: 'announce', conversation: log.id, seq: verdict.seq, sizeBytes: bundle.commit.length },
      before,
    );
    return { kind: 'accepted', seq: verdict.seq, atMs: verdict.atMs };
  }

  list(who: MemberDevice, since: number) {
    const own = [...this.logs.values()].filter((log) =>
      log.current().some(({ user, departing }) => user === who.user && !departing),
    );
    const conversations = own.map((log) => ({
      conversation: log.id,
      kind: log.kind,
      headSeq: log.headSeq,
      sameUntilSeq: log.sameUntilSeq(since),
      joined: log.current().some(({ device }) => device === who.device),
    }));
    return { conversations, more: false };
  }

  readPage(who: MemberDevice, log: ModelConversation, after: number): Uint8Array {
    const page = log.page(who.device, after);
    if (page === null) throw problem('conversation/unknown');
    return encode(logPage, { conversation: log.id, ...page });
  }

  readGroupInfo(who: MemberDevice, log: ModelConversation) {
    if (!log.current().some(({ user, departing }) => user === who.user && !departing))
      throw problem('conversation/unknown');
    return log.groupInfo;
  }

  read(who: MemberDevice, log: ModelConversation) {
    const isKnown = log.members.some(({ device }) => device === who.device);
    const isOfUser = log.current().some(({ user, departing }) => user === who.user && !departing);
    if (!isKnown && !isOfUser) throw problem('conversation/unknown');
    const members = log.current().map(({ user, device, joinedSeq, cursorSeq, departing, readMark }) => ({
      user,
      device,
      joinedSeq,
      cursorSeq,
      departing,
      readMark,
    }));
    return {
      conversation: log.id,
      kind: log.kind,
      headSeq: log.headSeq,
      lastCommitSeq: log.lastCommitSeq,
      minCommitSeq: 0,
      members,
    };
  }

  /** Keeps what a device states, asks the others, and tells what they stated. */
  compare(
    who: MemberDevice,
    log: ModelConversation,
    request: {
      readonly purpose: 'ask' | 'answer';
      readonly commitSeq: number;
      readonly statement: Uint8Array;
    },
  ) {
    const member = log.current().find(({ device }) => device === who.device);
    if (member === undefined || member.departing) throw problem('conversation/unknown');
    member.statement = request.statement;
    if (request.purpose === 'answer') return { statements: [] };
    const { commitSeq } = request;
    this.publishTo(log.id, { type: 'compare', conversation: log.id, user: who.user, commitSeq });
    return {
      statements: log
        .current()
        .flatMap(({ user, device, statement }) =>
          statement === null || device === who.device ? [] : [{ user, device, statement }],
        ),
    };
  }

  /** Whoever asks: the model has no administrators. */
  reset(log: ModelConversation): { readonly seq: number } {
    const envelope = `00000000-0000-4000-8000-${String(log.headSeq).padStart(12, '0')}` as EnvelopeId;
    const seq = log.reset({ envelope, atMs: this.ports.nowMs(), generation: this.generation });
    this.publishTo(log.id, { type: 'announce', conversation: log.id, seq, sizeBytes: 0 });
    return { seq };
  }

  requestReadd(who: MemberDevice, log: ModelConversation, envelope: EnvelopeId) {
    const verdict = log.requestReadd({
      from: who,
      envelope,
      atMs: this.ports.nowMs(),
      generation: this.generation,
    });
    if (verdict.kind !== 'accepted' && verdict.kind !== 'duplicate') throw problem('conversation/unknown');
    this.publishTo(log.id, { type: 'announce', conversation: log.id, seq: verdict.seq, sizeBytes: 0 });
    return { kind: 'accepted', seq: verdict.seq, atMs: verdict.atMs };
  }

  leave(who: MemberDevice, log: ModelConversation): void {
    for (const member of log.current().filter(({ user }) => user === who.user)) this.departFrom(log, member);
  }

  /** The device was revoked. */
  depart(device: DeviceId): void {
    for (const log of this.logs.values())
      for (const member of log.current().filter((each) => each.device === device))
        this.departFrom(log, member);
  }

  private departFrom(log: ModelConversation, member: ModelMember): void {
    member.departing = true;
    const { user, device } = member;
    this.publishTo(log.id, { type: 'departure', conversation: log.id, user, device });
  }
}
