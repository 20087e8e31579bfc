/** What a member can do with its own group state and its own credentials, and honest clients never do. */
import { pad, type CipherSuite, type GroupState, type MlsEngine } from '@cipherchat/crypto';
import {
  encode,
  encodeContent,
  commitBundle,
  idFromRandom,
  type Content,
  type MessageId,
  type CommitBundle,
  type ConversationId,
  type EnvelopeId,
  type MemberDevice,
} from '@cipherchat/protocol';
import { fromJson, toJson } from './fake-bytes.js';
import { createFakeEngine } from './fake-engine.js';
import type { Commit, GroupInfo } from './fake-group.js';
import type { CommitClaims, ModelConversation } from './model-log.js';
import type { ModelPerson, ModelWorld } from './model-world.js';

const suite: CipherSuite = 0x004e;
const noBytes = new Uint8Array(0);

export class MaliciousMember {
  private readonly engine: MlsEngine;
  readonly self: MemberDevice;

  constructor(
    private readonly world: ModelWorld,
    private readonly person: ModelPerson,
    private readonly conversation: ConversationId,
  ) {
    this.engine = createFakeEngine({ universe: world.universe, random: world.random });
    const { user, device } = person.client.self;
    this.self = { user, device };
  }

  get log(): ModelConversation {
    const log = this.world.network.server.conversations.get(this.conversation);
    if (log === undefined) throw new Error('there is no such conversation');
    return log;
  }

  /** Its client stops; what it does from now on it does by hand. */
  takeOver(): this {
    this.person.crash();
    return this;
  }

  /** Bytes that are no commit, with any device list; the seq at which the store took them. */
  commitNonsense(devices: readonly MemberDevice[], claims: CommitClaims = {}): number {
    return this.post({ commit: Uint8Array.of(1, 2, 3), devices, groupInfo: Uint8Array.of(4), claims });
  }

  /** An update that is right for all but these devices: for them its path does not decrypt (RFC 9420 §16.12). */
  commitBrokenFor(devices: readonly string[], groupInfo: 'right' | 'garbage' = 'right'): number {
    const { user, device } = this.self;
    const keys = { user, device, leafKey: noBytes, leafSecret: noBytes };
    const made = this.engine.commit({ state: this.state(), keys, add: [], remove: [], nowS: 0 });
    if (made.kind === 'failure') throw new Error(made.code);
    const commit = fromJson<Commit>(made.commit);
    if (commit === null) throw new Error('not a commit');
    return this.post({
      commit: toJson({ ...commit, brokenFor: devices } satisfies Commit),
      devices: made.summary.membersAfter.map(({ user, device }) => ({ user, device }) as MemberDevice),
      groupInfo: groupInfo === 'right' ? made.groupInfo : Uint8Array.of(4),
      claims: {},
    });
  }

  /** Messages that nobody can read. */
  sendNonsense(count: number): void {
    for (let sent = 0; sent < count; sent++) this.append(Uint8Array.of(sent));
  }

  /** A genuine message of the group, once: what is inside is no content. */
  sendMalformed(): void {
    this.sendPlaintext(Uint8Array.of(1, 2, 3));
  }

  /** A genuine message of the group, once, with what an honest client would refuse to say. */
  sendBody({ counter, body }: Pick<Content, 'counter' | 'body'>): void {
    const message = idFromRandom<MessageId>(this.world.random);
    this.sendPlaintext(pad(encodeContent({ message, counter, sentAtMs: 0, body })));
  }

  private sendPlaintext(plaintext: Uint8Array): void {
    const { user, device } = this.self;
    const keys = { user, device, leafKey: noBytes, leafSecret: noBytes };
    const made = this.engine.encrypt({ state: this.state(), keys, plaintext });
    if (made.kind === 'failure') throw new Error(made.code);
    this.append(made.ciphertext);
  }

  /** Says that it merged a commit. */
  lieToHaveMerged(seq: number, statementOf: (seq: number) => Uint8Array): void {
    this.world.network.server.store.compare(this.self, this.log, {
      purpose: 'answer',
      commitSeq: seq,
      statement: statementOf(seq),
    });
  }

  private append(ciphertext: Uint8Array): void {
    this.world.network.server.store.append(this.self, {
      type: 'append',
      request: 1,
      conversation: this.conversation,
      envelope: idFromRandom<EnvelopeId>(this.world.random),
      commitSeq: this.log.lastCommitSeq,
      ciphertext,
    });
  }

  private state(): GroupState {
    const table = this.person.disk.tables.get('groups');
    const prefix = `${this.conversation}/`;
    const records = [...(table ?? [])].filter(([key]) => key.startsWith(prefix));
    return {
      group: this.conversation,
      suite,
      records: new Map(records.map(([key, bytes]) => [key.slice(prefix.length), bytes])),
    };
  }

  private post(params: {
    readonly commit: Uint8Array;
    readonly devices: readonly MemberDevice[];
    readonly groupInfo: Uint8Array;
    readonly claims: CommitClaims;
  }): number {
    const { claims, ...made } = params;
    const bundle: CommitBundle = {
      envelope: idFromRandom<EnvelopeId>(this.world.random),
      kind: 'commit',
      commitSeq: this.log.lastCommitSeq,
      welcome: noBytes,
      ...made,
    };
    const binary = encode(commitBundle, bundle);
    return this.world.network.server.store.commit(this.self, this.log, { binary, claims }).seq;
  }
}

/** Whether what the server keeps for joiners is a GroupInfo at all. */
export function isGroupInfo(bytes: Uint8Array): boolean {
  return fromJson<GroupInfo>(bytes)?.type === 'group-info';
}
