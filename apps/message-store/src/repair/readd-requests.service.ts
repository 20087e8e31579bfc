/**
 * A member device that cannot get back into its group says so in the log: durable, in order, and read by every member
 * whenever it comes. Answered after the commit, like everything.
 */
import { Inject, Injectable } from '@nestjs/common';
import { problem, type ConversationId, type EnvelopeId, type UserId } from '@cipherchat/protocol';
import type { CurrentDevice } from '@cipherchat/service-kit';
import type { Accepted } from '../conversations/commit-envelope.js';
import { Prisma, PrismaClient } from '../generated/prisma/client.js';
import { noteRestoredHead, resetIn } from '../generations/restored-heads.js';
import { LivePublisher } from '../live/live-publisher.js';

/** In `envelopes.kind`; the names are in libs/protocol, `envelopeKind`. */
const readdRequestKind = 5;

type StoredRow = { readonly seq: bigint; readonly created_at: Date };

@Injectable()
export class ReaddRequestsService {
  constructor(
    @Inject(PrismaClient) private readonly prisma: PrismaClient,
    @Inject(LivePublisher) private readonly live: LivePublisher,
  ) {}

  /** @throws ProblemError `conversation/unknown` for whoever is no member, or departs */
  async request(
    caller: CurrentDevice,
    conversation: ConversationId,
    envelope: EnvelopeId,
  ): Promise<Accepted> {
    const { accepted, users } = await this.prisma.$transaction(async (tx) => {
      await tx.$executeRaw`SELECT 1 FROM conversations WHERE id = ${conversation}::uuid FOR UPDATE`;
      const members = await tx.member.findMany({
        where: { conversationId: conversation, leftSeq: null, departingAt: null },
        select: { deviceId: true, userId: true },
      });
      const isMember = members.some(
        ({ deviceId, userId }) => deviceId === caller.device && userId === caller.user,
      );
      if (!isMember) throw problem('conversation/unknown');
      const first = await tx.$queryRaw<readonly StoredRow[]>`
        SELECT seq, created_at FROM envelopes WHERE conversation_id = ${conversation}::uuid AND envelope_id = ${envelope}::uuid`;
      if (first.length === 0) await noteHeadIfRestored(tx, conversation);
      const rows =
        first.length > 0
          ? first
          : await tx.$queryRaw<readonly StoredRow[]>`
        WITH moved AS (
          UPDATE conversations SET head_seq = head_seq + 1, head_at = clock_timestamp() WHERE id = ${conversation}::uuid
          RETURNING head_seq, head_at, last_commit_seq
        ), asked AS (
          INSERT INTO commits (conversation_id, seq, user_ids, device_ids)
          SELECT ${conversation}::uuid, head_seq, ARRAY[${caller.user}::uuid], ARRAY[${caller.device}::uuid] FROM moved
        )
        INSERT INTO envelopes (conversation_id, seq, envelope_id, kind, commit_seq, ciphertext, created_at)
        SELECT ${conversation}::uuid, head_seq, ${envelope}::uuid, ${readdRequestKind}, last_commit_seq, ''::bytea, head_at FROM moved
        RETURNING seq, created_at`;
      const [row] = rows;
      if (row === undefined) throw new Error('a request that was stored has no place');
      const { seq, created_at: createdAt } = row;
      const stored: Accepted = { kind: 'accepted', seq: Number(seq), atMs: createdAt.getTime() };
      return { accepted: stored, users: new Set(members.map(({ userId }) => userId as UserId)) };
    });
    this.live.announce(users, { conversation, seq: accepted.seq, sizeBytes: 0 });
    return accepted;
  }
}

/** It may be the first entry since a restore: the anchor, which notes the head as a rule, comes later. */
async function noteHeadIfRestored(tx: Prisma.TransactionClient, conversation: ConversationId): Promise<void> {
  const row = await tx.conversation.findUniqueOrThrow({ where: { id: conversation } });
  const { generation } = await tx.storeState.findUniqueOrThrow({ where: { id: 1 } });
  const isOfThisGeneration = row.generation === generation || row.generation === resetIn(generation);
  if (!isOfThisGeneration) await noteRestoredHead(tx, { ...row, generation });
}
