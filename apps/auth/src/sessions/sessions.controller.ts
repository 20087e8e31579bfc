import { Body, Controller, Inject } from '@nestjs/common';
import { authRoutes } from '@cipherchat/protocol';
import { CurrentDevice, RouteOf, type RequestOf, type ResponseOf } from '@cipherchat/service-kit';
import { limiters } from '../bounds.js';
import { SessionService } from './session.service.js';

@Controller()
export class SessionsController {
  constructor(@Inject(SessionService) private readonly sessions: SessionService) {}

  @RouteOf(authRoutes.signIn, { limiters: [limiters.signIn] })
  signIn(@Body() body: RequestOf<typeof authRoutes.signIn>): Promise<ResponseOf<typeof authRoutes.signIn>> {
    return this.sessions.signIn(body);
  }

  @RouteOf(authRoutes.refresh, { limiters: [limiters.refresh] })
  refresh(
    @Body() body: RequestOf<typeof authRoutes.refresh>,
  ): Promise<ResponseOf<typeof authRoutes.refresh>> {
    return this.sessions.refresh(body);
  }

  @RouteOf(authRoutes.signOut, { limiters: [limiters.manage] })
  signOut(@CurrentDevice() caller: CurrentDevice): Promise<void> {
    return this.sessions.signOut(caller);
  }
}
