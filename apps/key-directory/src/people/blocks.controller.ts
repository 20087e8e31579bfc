import { Controller, Inject, Param } from '@nestjs/common';
import { peopleRoutes, type UserId } from '@cipherchat/protocol';
import { CurrentDevice, RouteOf, type ResponseOf } from '@cipherchat/service-kit';
import { blocksPerUser, findsPerUser } from '../bounds.js';
import { BlockService } from './block.service.js';

@Controller()
export class BlocksController {
  constructor(@Inject(BlockService) private readonly blocks: BlockService) {}

  @RouteOf(peopleRoutes.listBlocks, { limiters: [findsPerUser] })
  async list(@CurrentDevice() caller: CurrentDevice): Promise<ResponseOf<typeof peopleRoutes.listBlocks>> {
    return { users: [...(await this.blocks.list(caller.user))] };
  }

  @RouteOf(peopleRoutes.block, { limiters: [blocksPerUser] })
  block(@CurrentDevice() caller: CurrentDevice, @Param('user') user: UserId): Promise<void> {
    return this.blocks.block({ user: caller.user, other: user });
  }

  @RouteOf(peopleRoutes.unblock, { limiters: [blocksPerUser] })
  unblock(@CurrentDevice() caller: CurrentDevice, @Param('user') user: UserId): Promise<void> {
    return this.blocks.unblock({ user: caller.user, other: user });
  }
}
