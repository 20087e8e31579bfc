/** A member with a stolen build: she holds a valid token, is in a group, and stores there whatever she likes. */
import {
  commitBundle,
  encode,
  idFromRandom,
  type CommitBundle,
  type ConversationId,
  type EnvelopeId,
  type MemberDevice,
} from '@cipherchat/protocol';
import { tables } from '@cipherchat/client-sdk/testing';
import type { Run } from './run.js';

/** As in `client-sdk/src/inbox/apply-message.ts`. */
const doubtAfterFailures = 3;
/** Longer than who doubts asks the others. */
const unansweredMs = 30_000;

export class Mallory {
  private readonly forged = new Map<ConversationId, number>();

  constructor(private readonly run: Run) {}

  /** Messages of hers that nobody can read, and that may leave a mark each. */
  forgeriesIn(conversation: ConversationId): number {
    return this.forged.get(conversation) ?? 0;
  }

  attack(): void {
    const { chance, trace, origin } = this.run;
    const attack = chance.pick([
      'garbage commit',
      'garbage commit that leaves somebody out',
      'replayed commit',
      'garbage message',
      'garbage messages',
    ] as const);
    trace.note(`mallory: ${attack}`);
    const log = this.run.system.database.logs.get(origin.troubled);
    if (log === undefined) return;
    switch (attack) {
      case 'garbage commit':
        return this.commit(chance.bytes(100), log.current());
      case 'garbage commit that leaves somebody out': {
        const [first, ...others] = log.current().filter(({ device }) => device !== this.self.device);
        const left = chance.happens(0.5) ? others : first === undefined ? [] : [first];
        return this.commit(chance.bytes(100), [...left, this.self]);
      }
      case 'replayed commit': {
        const commits = log.entries.filter(({ kind }) => kind === 'commit');
        if (commits.length > 0) this.commit(chance.pick(commits).ciphertext, log.current());
        return;
      }
      case 'garbage message':
        return this.forge();
      case 'garbage messages':
        return this.raiseDoubt();
    }
  }

  /** So many in a row that readers doubt their own state, and ask the others. */
  private raiseDoubt(): void {
    for (let count = 0; count < doubtAfterFailures + 1; count++) this.forge();
  }

  /** Whoever doubts and hears nobody joins anew. */
  async raiseUnansweredDoubt(): Promise<void> {
    const { chance, clock, trace } = this.run;
    trace.note('mallory: garbage messages to somebody alone');
    const other = this.run.person(chance.pick(['ana', 'ben'] as const));
    other.goOffline();
    this.raiseDoubt();
    await clock.run(unansweredMs);
    other.goOnline();
  }

  private commit(commit: Uint8Array, devices: readonly MemberDevice[]): void {
    const { chance, origin, system } = this.run;
    const log = system.database.logs.get(origin.troubled);
    if (log === undefined) return;
    const bundle: CommitBundle = {
      envelope: idFromRandom<EnvelopeId>(chance.bytes),
      kind: 'commit',
      commitSeq: log.lastCommitSeq,
      commit,
      devices: devices.map(({ user, device }) => ({ user, device })),
      groupInfo: chance.bytes(50),
      welcome: new Uint8Array(0),
    };
    const [store] = system.stores.values();
    void store?.service
      .handle(
        {
          method: 'POST',
          url: `http://services.test/v1/conversations/${log.id}/commits`,
          headers: { authorization: `Bearer ${this.token}` },
          body: encode(commitBundle, bundle),
        },
        'commit',
      )
      .catch(() => undefined);
  }

  private forge(): void {
    const { origin, chance, system } = this.run;
    const log = system.database.logs.get(origin.troubled);
    const [store] = system.stores.values();
    if (log === undefined || store === undefined) return;
    this.forged.set(log.id, this.forgeriesIn(log.id) + 1);
    void store.service.params.database.append({
      items: [
        {
          ...this.self,
          conversation: log.id,
          envelope: idFromRandom<EnvelopeId>(chance.bytes),
          commitSeq: log.lastCommitSeq,
          ciphertext: chance.bytes(200),
        },
      ],
      rosters: new Map(),
    });
  }

  private get self() {
    const disk = this.run.origin.disks.get('mallory');
    const bytes = disk?.tables.get(tables.profile.name)?.get('only');
    if (bytes === undefined) throw new Error('mallory has no profile');
    const { user, device } = tables.profile.decode(bytes);
    return { user, device };
  }

  private get token(): string {
    const { device } = this.self;
    const { sessions } = this.run.origin.services;
    return [...sessions].find(([, who]) => who.device === device)?.[0] ?? '';
  }
}
