import { Inject, Injectable } from '@nestjs/common';
import { limits, problem, type UserId } from '@cipherchat/protocol';
import { PrismaClient } from '../generated/prisma/client.js';

/** `user` blocks, or is asked about whether it has blocked, `other`. */
type Pair = { readonly user: UserId; readonly other: UserId };

/** Who wants no new conversations from whom. */
@Injectable()
export class BlockService {
  constructor(@Inject(PrismaClient) private readonly prisma: PrismaClient) {}

  async list(user: UserId): Promise<readonly UserId[]> {
    const rows = await this.prisma.block.findMany({
      where: { userId: user },
      take: limits.maxBlocksPerUser,
    });
    return rows.map(({ blockedUserId }) => blockedUserId as UserId);
  }

  /**
   * Blocks of one account take turns at its manifest's row, so that the limit holds. Nobody waits for that but they
   * and a newer manifest.
   * @throws ProblemError `directory/user-unknown`, `directory/too-many-blocks`, `request/malformed` for oneself
   */
  async block({ user, other }: Pair): Promise<void> {
    if (user === other) throw problem('request/malformed', { at: 'path.user' });
    await this.prisma.$transaction(async (transaction) => {
      await transaction.$queryRaw`select 1 from manifests where user_id = ${user}::uuid for no key update`;
      // Held until the end: an account that is being deleted is there, or is not.
      const found = await transaction.$queryRaw<unknown[]>`
        select 1 from manifests where user_id = ${other}::uuid for key share`;
      if (found.length === 0) throw problem('directory/user-unknown');
      await transaction.block.createMany({
        data: [{ userId: user, blockedUserId: other }],
        skipDuplicates: true,
      });
      const count = await transaction.block.count({ where: { userId: user } });
      if (count > limits.maxBlocksPerUser)
        throw problem('directory/too-many-blocks', { max: limits.maxBlocksPerUser });
    });
  }

  async unblock({ user, other }: Pair): Promise<void> {
    await this.prisma.block.deleteMany({ where: { userId: user, blockedUserId: other } });
  }

  /** @throws ProblemError `directory/claim-refused` when `user` has blocked `other` */
  async refuseBlocked({ user, other }: Pair): Promise<void> {
    const found = await this.prisma.block.count({ where: { userId: user, blockedUserId: other } });
    if (found > 0) throw problem('directory/claim-refused');
  }
}
