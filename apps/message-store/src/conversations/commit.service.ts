/**
 * Commits: everything that becomes true with one is stored in one transaction, under the same lock as
 * appends. What holds here:
 *
 * 1. The conversation's row is locked first; every later statement sees what was committed before the lock
 *    was ours (Note [Two statements, two snapshots] in the migration of the append functions).
 * 2. Deduplication comes before every check, so that a resend gets its first answer.
 * 3. Compare-and-set is on the seq of the last commit: of two commits on one seq, one is stored.
 * 4. Answered after the commit, and after it was announced to the users of before and after.
 * 5. After a restore, or a reset by an administrator, a conversation is closed until a member anchors it: with its own
 *    next commit, whatever that builds on, or with the first of a group that it founds anew, which has a Welcome for all. Which of two anchors is right the members decide, by their epochs; the store only keeps them in line.
 */
import { Inject, Injectable } from '@nestjs/common';
import {
  problem,
  type CommitBundle,
  type ConversationId,
  type DeviceId,
  type MemberDevice,
  type NewConversation,
  type UserId,
} from '@cipherchat/protocol';
import type { CurrentDevice } from '@cipherchat/service-kit';
import { Prisma, PrismaClient } from '../generated/prisma/client.js';
import { firstGeneration, noteRestoredHead, openIn } from '../generations/restored-heads.js';
import { LivePublisher } from '../live/live-publisher.js';
import { newRosterVersion } from '../live/roster-version.js';
import { StoreMetrics } from '../store-metrics.js';
import { insertEnvelope, storedBefore, type Accepted } from './commit-envelope.js';
import { windowAfter } from './commit-window.js';
import {
  changeOfDevices,
  directKeyOf,
  pairOf,
  pairOfDirectKey,
  withAllAnew,
  withReadd,
  type DeviceListChange,
} from './device-list.js';
import { appealsSince, changeStays, rightToCommit, takeAppeal } from './stays.js';

export type Created = Accepted | { readonly kind: 'exists'; readonly conversation: ConversationId };

/** What the sender of a commit says of those before it, and of a device that begins anew; see the route. */
export type CommitClaims = {
  readonly epochSeq?: number | undefined;
  readonly readds?: DeviceId | undefined;
};

type Transaction = Prisma.TransactionClient;
type ConversationRow = Prisma.ConversationModel;
/** What a transaction decided, and what to publish once it has committed. */
type Stored = {
  readonly accepted: Accepted;
  /** Whether now, or by an earlier sending of the same. */
  readonly when: 'now' | 'before';
  readonly announceTo: readonly UserId[];
  readonly departing: readonly MemberDevice[];
  readonly sizeBytes: number;
};

const kinds = { direct: 1, group: 2 } as const;
/** A commit of 1,000 devices writes 4 MB and 1,000 rows. */
const transactionOptions = { maxWait: 5_000, timeout: 10_000 };

@Injectable()
export class CommitService {
  constructor(
    @Inject(PrismaClient) private readonly prisma: PrismaClient,
    @Inject(LivePublisher) private readonly live: LivePublisher,
    @Inject(StoreMetrics) private readonly metrics: StoreMetrics,
  ) {}

  /** @throws ProblemError those of `conversationRoutes.create` */
  async create(caller: CurrentDevice, request: NewConversation): Promise<Created> {
    const { conversation, kind, first } = request;
    if (first.kind !== 'commit' || first.commitSeq !== 0) throw problem('request/malformed', { at: 'first' });
    const pair = kind === 'direct' ? pairOf(first.devices) : null;
    const change = changeOfDevices({ before: [], after: first.devices, sender: caller, pair });
    const outcome = await this.prisma.$transaction(async (tx): Promise<Stored | Created> => {
      await holdRevocations(tx);
      const created = await tx.$executeRaw`
        INSERT INTO conversations (id, kind, direct_key, head_seq, last_commit_seq, min_commit_seq, open_commit_seqs, roster_version, generation, head_at, created_at)
        SELECT ${conversation}::uuid, ${kinds[kind]}, ${pair === null ? null : directKeyOf(pair)}, 0, 0, 0, '{}', 0, s.generation, clock_timestamp(), clock_timestamp()
        FROM store_state s WHERE s.id = 1
        ON CONFLICT DO NOTHING`;
      if (created === 0) return existing(tx, request, pair);
      const row = await lockConversation(tx, conversation);
      if (row === null) throw new Error('a conversation vanished in the transaction that made it');
      // A restore may have lost one of this id: with that one's log this one's has nothing in common.
      if (row.generation !== firstGeneration) await noteRestoredHead(tx, row);
      return storeCommit(tx, {
        row,
        bundle: first,
        before: [],
        change,
        rosterBefore: [],
        epochSeq: 0,
        readds: undefined,
      });
    }, transactionOptions);
    return 'kind' in outcome ? outcome : this.publish({ conversation, bundle: first, stored: outcome });
  }

  /** @throws ProblemError those of `conversationRoutes.commit` */
  async commit(
    caller: CurrentDevice,
    conversation: ConversationId,
    bundle: CommitBundle,
    { epochSeq = bundle.commitSeq, readds }: CommitClaims = {},
  ): Promise<Accepted> {
    const stored = await this.prisma.$transaction(async (tx): Promise<Stored> => {
      await holdRevocations(tx);
      const row = await lockConversation(tx, conversation);
      if (row === null) throw problem('conversation/unknown');
      const rosterBefore = await currentRoster(tx, conversation);
      const repeated = await storedBefore(tx, conversation, bundle);
      if (repeated !== null)
        return {
          accepted: repeated,
          when: 'before',
          announceTo: rosterBefore,
          departing: [],
          sizeBytes: bundle.commit.length,
        };
      const members = await tx.member.findMany({ where: { conversationId: conversation, leftSeq: null } });
      const right = rightToCommit({ caller, members, kind: bundle.kind });
      const isAllowed =
        right === 'member' ||
        (right === 'appeal' &&
          (await takeAppeal(tx, { conversation, caller, epochSeq, sinceSeq: appealsSince(row, bundle) })));
      if (!isAllowed) throw problem('conversation/unknown');
      const { generation } = await tx.storeState.findUniqueOrThrow({ where: { id: 1 } });
      if (bundle.kind === 'anchor' && generation === firstGeneration && row.resetSeq === null)
        throw problem('request/malformed', { at: 'kind' });
      if (bundle.kind !== 'anchor' && row.generation !== generation) throw problem('conversation/closed');
      if (row.lastCommitSeq !== BigInt(bundle.commitSeq)) {
        this.metrics.epochConflict('commit');
        throw problem('conversation/stale-commit', { lastCommitSeq: Number(row.lastCommitSeq) });
      }
      const before = members.map(
        ({ userId, deviceId }) => ({ user: userId, device: deviceId }) as MemberDevice,
      );
      const change = changeOfDevices({
        before,
        after: bundle.devices,
        sender: caller,
        pair: pairOfDirectKey(row.directKey),
      });
      if (row.generation !== generation) await openIn(tx, { row, generation });
      return storeCommit(tx, { row, bundle, before, change, rosterBefore, epochSeq, readds });
    }, transactionOptions);
    return this.publish({ conversation, bundle, stored });
  }

  private publish(params: {
    readonly conversation: ConversationId;
    readonly bundle: CommitBundle;
    readonly stored: Stored;
  }): Accepted {
    const { conversation, bundle, stored } = params;
    const { accepted, when, announceTo, departing, sizeBytes } = stored;
    if (when === 'now') this.metrics.commit(bundle.kind);
    else this.metrics.duplicate('commit');
    this.live.announce(announceTo, { conversation, seq: accepted.seq, sizeBytes });
    for (const member of departing)
      this.live.tell(announceTo, { type: 'departure', conversation, ...member });
    return accepted;
  }
}

/**
 * A revocation that is being applied looks for the device's memberships; a commit that is adding the device
 * looks for its revocation. Neither may miss the other, so they take turns (many commits at once, or one revocation).
 */
async function holdRevocations(tx: Transaction): Promise<void> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock_shared(hashtext('messages.revocations'))`;
}

async function lockConversation(
  tx: Transaction,
  conversation: ConversationId,
): Promise<ConversationRow | null> {
  await tx.$executeRaw`SELECT 1 FROM conversations WHERE id = ${conversation}::uuid FOR UPDATE`;
  return tx.conversation.findUnique({ where: { id: conversation } });
}

async function currentRoster(tx: Transaction, conversation: ConversationId): Promise<readonly UserId[]> {
  const rows = await tx.$queryRaw<
    readonly { readonly roster: readonly UserId[] }[]
  >`SELECT current_roster(${conversation}::uuid) AS roster`;
  return rows[0]?.roster ?? [];
}

/** The conversation could not be inserted: this very request did it before, or its id or its pair of users is taken. */
async function existing(
  tx: Transaction,
  request: NewConversation,
  pair: readonly UserId[] | null,
): Promise<Stored | Created> {
  const { conversation, first } = request;
  const repeated = await storedBefore(tx, conversation, first);
  if (repeated !== null)
    return {
      accepted: repeated,
      when: 'before',
      announceTo: await currentRoster(tx, conversation),
      departing: [],
      sizeBytes: first.commit.length,
    };
  const winner =
    pair === null
      ? null
      : await tx.conversation.findUnique({ where: { directKey: directKeyOf(pair) }, select: { id: true } });
  if (winner === null || winner.id === conversation) throw problem('conversation/id-taken');
  return { kind: 'exists', conversation: winner.id as ConversationId };
}

/** The writes of a commit, in a transaction that holds the conversation's lock and has found it right. */
async function storeCommit(
  tx: Transaction,
  params: {
    readonly row: ConversationRow;
    readonly bundle: CommitBundle;
    /** The member devices so far. */
    readonly before: readonly MemberDevice[];
    readonly change: DeviceListChange;
    readonly rosterBefore: readonly UserId[];
    readonly epochSeq: number;
    readonly readds: DeviceId | undefined;
  },
): Promise<Stored> {
  const { row, bundle, before, change, rosterBefore, epochSeq, readds } = params;
  const conversationId = row.id;
  const seq = row.headSeq + 1n;
  const changesMembers = change.added.length + change.removed.length > 0 || readds !== undefined;
  const window = windowAfter({
    before: row,
    seq,
    changesReaders: changesMembers || bundle.kind !== 'commit',
  });
  const atMs = await insertEnvelope(tx, { conversationId, seq, bundle });
  await tx.commit.create({
    data: {
      conversationId,
      seq,
      userIds: bundle.devices.map(({ user }) => user),
      deviceIds: bundle.devices.map(({ device }) => device),
      welcome: bundle.welcome.length === 0 ? null : Uint8Array.from(bundle.welcome),
    },
  });
  const groupInfo = { commitSeq: seq, groupInfo: Uint8Array.from(bundle.groupInfo) };
  await tx.groupInfo.upsert({
    where: { conversationId },
    create: { conversationId, ...groupInfo },
    update: groupInfo,
  });
  const departing = await changeStays(tx, {
    conversationId,
    seq,
    epochSeq,
    change: withAllAnew({ bundle, before, change: withReadd(bundle, change, readds) }),
  });
  await tx.conversation.update({
    where: { id: conversationId },
    data: {
      headSeq: seq,
      headAt: new Date(atMs),
      lastCommitSeq: seq,
      minCommitSeq: window.minCommitSeq,
      openCommitSeqs: [...window.openCommitSeqs],
      ...(changesMembers ? { rosterVersion: newRosterVersion() } : {}),
    },
  });
  return {
    accepted: { kind: 'accepted', seq: Number(seq), atMs },
    when: 'now',
    announceTo: [...new Set([...rosterBefore, ...bundle.devices.map(({ user }) => user)])],
    departing,
    sizeBytes: bundle.commit.length,
  };
}
