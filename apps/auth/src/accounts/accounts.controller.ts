import { Controller, Inject, Param } from '@nestjs/common';
import { authRoutes, type UserId } from '@cipherchat/protocol';
import { CurrentDevice, RouteOf } from '@cipherchat/service-kit';
import { limiters } from '../bounds.js';
import { AccountService } from './account.service.js';

@Controller()
export class AccountsController {
  constructor(@Inject(AccountService) private readonly accounts: AccountService) {}

  @RouteOf(authRoutes.deleteAccount, { limiters: [limiters.manage] })
  delete(@CurrentDevice() caller: CurrentDevice): Promise<void> {
    return this.accounts.delete(caller.user);
  }

  @RouteOf(authRoutes.disableUser, { limiters: [limiters.manage] })
  disable(@CurrentDevice() caller: CurrentDevice, @Param('user') user: UserId): Promise<void> {
    return this.accounts.disable({ caller, user });
  }

  @RouteOf(authRoutes.enableUser, { limiters: [limiters.manage] })
  enable(@Param('user') user: UserId): Promise<void> {
    return this.accounts.enable(user);
  }
}
