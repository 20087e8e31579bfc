import { Inject, Injectable } from '@nestjs/common';
import { bytesToBase64url } from '@cipherchat/protocol';
import { CLOCK, RANDOM_BYTES, type Clock, type RandomBytes } from '@cipherchat/service-kit';
import { bounds } from '../bounds.js';
import { PrismaClient, type Prisma } from '../generated/prisma/client.js';
import { hashOf } from '../sessions/refresh-token.js';

@Injectable()
export class InviteService {
  constructor(
    @Inject(PrismaClient) private readonly prisma: PrismaClient,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(RANDOM_BYTES) private readonly random: RandomBytes,
  ) {}

  async create(params: {
    readonly uses: number;
    readonly expiresInS: number;
  }): Promise<{ readonly invite: string; readonly expiresAtMs: number }> {
    const invite = bytesToBase64url(this.random(bounds.inviteBytes));
    const expiresAtMs = this.clock.nowMs() + params.expiresInS * 1_000;
    await this.prisma.invite.create({
      data: { inviteHash: hashOf(invite), usesLeft: params.uses, expiresAt: new Date(expiresAtMs) },
    });
    return { invite, expiresAtMs };
  }

  /** Takes one use, if there is one; the hash to give it back by, or `null`. The row lock makes the last use go once. */
  async take(transaction: Prisma.TransactionClient, invite: string): Promise<Uint8Array<ArrayBuffer> | null> {
    const inviteHash = hashOf(invite);
    const { count } = await transaction.invite.updateMany({
      where: { inviteHash, usesLeft: { gt: 0 }, expiresAt: { gt: new Date(this.clock.nowMs()) } },
      data: { usesLeft: { decrement: 1 } },
    });
    return count === 1 ? inviteHash : null;
  }

  /** An invite that has expired and was cleared away meanwhile stays gone. */
  async giveBack(transaction: Prisma.TransactionClient, inviteHash: Uint8Array | null): Promise<void> {
    if (inviteHash === null) return;
    await transaction.invite.updateMany({
      where: { inviteHash: Uint8Array.from(inviteHash) },
      data: { usesLeft: { increment: 1 } },
    });
  }
}
