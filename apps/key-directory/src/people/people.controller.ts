import { Body, Controller, Inject, Param } from '@nestjs/common';
import { peopleRoutes, problem, type UserId } from '@cipherchat/protocol';
import { RouteOf, type RequestOf, type ResponseOf } from '@cipherchat/service-kit';
import { findsPerUser, lookupsPerUser } from '../bounds.js';
import { PrismaClient } from '../generated/prisma/client.js';

@Controller()
export class PeopleController {
  constructor(@Inject(PrismaClient) private readonly prisma: PrismaClient) {}

  @RouteOf(peopleRoutes.findByUsername, { limiters: [lookupsPerUser] })
  async findByUsername(
    @Param('username') username: string,
  ): Promise<ResponseOf<typeof peopleRoutes.findByUsername>> {
    const row = await this.prisma.username.findUnique({ where: { username } });
    if (row === null || row.userId === null) throw problem('directory/user-unknown');
    return { user: row.userId as UserId, username };
  }

  @RouteOf(peopleRoutes.findUsernames, { limiters: [findsPerUser] })
  async findUsernames(
    @Body() body: RequestOf<typeof peopleRoutes.findUsernames>,
  ): Promise<ResponseOf<typeof peopleRoutes.findUsernames>> {
    const rows = await this.prisma.username.findMany({ where: { userId: { in: body.users } } });
    return {
      people: rows.flatMap(({ userId, username }) =>
        userId === null ? [] : [{ user: userId as UserId, username }],
      ),
    };
  }
}
