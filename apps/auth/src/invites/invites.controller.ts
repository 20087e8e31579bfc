import { Body, Controller, Inject } from '@nestjs/common';
import { authRoutes } from '@cipherchat/protocol';
import { RouteOf, type RequestOf, type ResponseOf } from '@cipherchat/service-kit';
import { limiters } from '../bounds.js';
import { InviteService } from './invite.service.js';

@Controller()
export class InvitesController {
  constructor(@Inject(InviteService) private readonly invites: InviteService) {}

  @RouteOf(authRoutes.createInvite, { limiters: [limiters.manage] })
  create(
    @Body() body: RequestOf<typeof authRoutes.createInvite>,
  ): Promise<ResponseOf<typeof authRoutes.createInvite>> {
    return this.invites.create(body);
  }
}
