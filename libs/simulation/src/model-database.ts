/**
 * The statements of the message store over the model's log: what a store process asks of its database. The processes
 * that ask come and go; what is here stays. Each statement happens at once, as a transaction does.
 */
import type { HttpRequest, HttpResponse } from '@cipherchat/client-sdk';
import {
  ModelServer,
  type ModelBackup,
  type ModelConversation,
  type ModelServices,
} from '@cipherchat/client-sdk/testing';
import type {
  AppendStatement,
  AppendVerdict,
  CursorStatement,
  MovedCursor,
  Roster,
} from '@cipherchat/message-store/delivery';
import {
  problem,
  type ConversationId,
  type EnvelopeId,
  type Infer,
  type MemberDevice,
  type resumeResult,
  type ServerFrame,
  type signalCommand,
  type UserId,
} from '@cipherchat/protocol';
import { copyOf } from './copy-of.js';

export type Tell = (users: Iterable<UserId>, frame: ServerFrame) => void;
export type Head = Roster & { readonly conversation: ConversationId; readonly seq: number };

/** What a store process asks for. What is to be published comes back, or goes to `tell` once it is stored. */
export type Database = {
  readonly append: AppendStatement;
  /** What `append` would say, with nothing stored: for planted bugs. */
  readonly foretell: AppendStatement;
  readonly advance: CursorStatement;
  readonly pending: (caller: MemberDevice) => Promise<Infer<typeof resumeResult>['conversations']>;
  readonly signal: (signal: Infer<typeof signalCommand>, tell: Tell) => Promise<void>;
  readonly heads: () => Promise<readonly Head[]>;
  readonly http: (request: HttpRequest, tell: Tell) => Promise<HttpResponse>;
};

export type ModelDatabaseParams = {
  readonly services: ModelServices;
  readonly nowMs: () => number;
  /** Sees every ciphertext that arrives. */
  readonly observe: (ciphertext: Uint8Array) => void;
};

type Items = Parameters<AppendStatement>[0]['items'];
type Advance = Parameters<CursorStatement>[0]['advances'][number];

export class ModelDatabase implements Database {
  readonly logs: Map<ConversationId, ModelConversation>;
  private readonly auth: ModelServer;

  constructor(private readonly params: ModelDatabaseParams) {
    this.logs = params.services.logs;
    this.auth = this.serverThat(() => undefined);
  }

  readonly append: AppendStatement = ({ items }) => {
    for (const { ciphertext } of items) this.params.observe(ciphertext);
    return Promise.resolve(this.appendTo(this.logs, items));
  };

  readonly foretell: AppendStatement = ({ items }) =>
    Promise.resolve(this.appendTo(copyOf(this.logs), items));

  readonly advance: CursorStatement = ({ advances }) =>
    Promise.resolve(advances.flatMap((advance) => this.move(advance)));

  readonly pending: Database['pending'] = ({ device }) => {
    const pending = [...this.logs.values()].flatMap((log) => {
      const member = log.memberOf(device);
      if (member === undefined || (member.departing && member.leftSeq === null)) return [];
      const headSeq = Math.min(log.headSeq, member.leftSeq ?? Infinity);
      return headSeq > member.cursorSeq
        ? [{ conversation: log.id, headSeq, cursorSeq: member.cursorSeq }]
        : [];
    });
    return Promise.resolve(pending);
  };

  readonly signal: Database['signal'] = ({ user, device, conversation, kind, ciphertext }, tell) => {
    const log = this.logs.get(conversation);
    const member = log?.memberOf(device);
    if (log === undefined || member === undefined || member.leftSeq !== null || member.departing)
      return Promise.reject(problem('conversation/unknown'));
    if (kind === 'read') member.readMark = ciphertext;
    tell(rosterOf(log).users, { type: 'signal', conversation, user, device, kind, ciphertext });
    return Promise.resolve();
  };

  readonly heads: Database['heads'] = () =>
    Promise.resolve(
      [...this.logs.values()].map((log) => ({ ...rosterOf(log), conversation: log.id, seq: log.headSeq })),
    );

  readonly http: Database['http'] = (request, tell) => Promise.resolve(this.serverThat(tell).handle(request));

  get generation(): number {
    return this.params.services.restores.generation;
  }

  backup(): ModelBackup {
    return this.auth.backup();
  }

  /** Nothing may be asked of it meanwhile. */
  restore(backup: ModelBackup): void {
    this.auth.restore(backup);
  }

  whoHas(token: string): MemberDevice | null {
    return this.auth.whoHas(token);
  }

  /** A planted bug may judge otherwise. */
  protected judge(
    log: ModelConversation,
    append: {
      readonly from: MemberDevice;
      readonly envelope: EnvelopeId;
      readonly commitSeq: number;
      readonly ciphertext: Uint8Array;
    },
  ): ReturnType<ModelConversation['append']> {
    return log.append({ ...append, atMs: this.params.nowMs(), generation: this.generation });
  }

  private appendTo(logs: ReadonlyMap<ConversationId, ModelConversation>, items: Items): AppendVerdict[] {
    return items.map(({ conversation, user, device, envelope, commitSeq, ciphertext }): AppendVerdict => {
      const log = logs.get(conversation);
      if (log === undefined) return { kind: 'not-member' };
      const verdict = this.judge(log, { from: { user, device }, envelope, commitSeq, ciphertext });
      return 'seq' in verdict ? { ...verdict, roster: rosterOf(log) } : verdict;
    });
  }

  private move({ conversation, user, device, seq }: Advance): readonly MovedCursor[] {
    const log = this.logs.get(conversation);
    const member = log?.memberOf(device);
    if (log === undefined || member === undefined || member.user !== user) return [];
    if (member.departing && member.leftSeq === null) return [];
    const allowed = Math.min(seq, log.headSeq, member.leftSeq ?? Infinity);
    if (allowed <= member.cursorSeq) return [];
    member.cursorSeq = allowed;
    return [{ conversation, user, device, seq: allowed, roster: rosterOf(log) }];
  }

  private serverThat(publish: Tell): ModelServer {
    const { nowMs, observe, services } = this.params;
    return new ModelServer({ nowMs, publish, observe }, services);
  }
}

/** Retention (design.md §3): what every member device has loses its ciphertext, and keeps its place. */
export function clearDelivered(log: ModelConversation): void {
  for (const [index, entry] of log.entries.entries()) {
    if (entry.ciphertext.length === 0) continue;
    const waits = log
      .current()
      .some(({ joinedSeq, cursorSeq }) => joinedSeq <= entry.seq && cursorSeq < entry.seq);
    if (!waits) log.entries[index] = { ...entry, kind: 'tombstone', ciphertext: new Uint8Array(0) };
  }
}

/** Changes with each change of who is a member. */
function rosterOf(log: ModelConversation): Roster {
  const staying = log.current().filter(({ departing }) => !departing);
  const devices = new Map(staying.map(({ user, device }) => [device, user]));
  const version = log.members.reduce(
    (sum, { leftSeq, departing }) => sum + 1 + (leftSeq === null ? 0 : 1) + (departing ? 1 : 0),
    0,
  );
  return { version: String(version), devices, users: [...new Set(devices.values())] };
}
