import type { IncomingMessage, ServerResponse } from 'node:http';
import { Body, Controller, Inject, Req, Res } from '@nestjs/common';
import { authRoutes } from '@cipherchat/protocol';
import { CurrentDevice, RouteOf, type RequestOf, type ResponseOf } from '@cipherchat/service-kit';
import { limiters } from '../bounds.js';
import { BrowserMark } from '../browser-mark/browser-mark.js';
import { SessionService } from './session.service.js';

@Controller()
export class SessionsController {
  constructor(
    @Inject(SessionService) private readonly sessions: SessionService,
    @Inject(BrowserMark) private readonly mark: BrowserMark,
  ) {}

  @RouteOf(authRoutes.signIn, { limiters: [limiters.signIn] })
  async signIn(
    @Body() body: RequestOf<typeof authRoutes.signIn>,
    @Req() request: IncomingMessage,
    @Res({ passthrough: true }) response: ServerResponse,
  ): Promise<ResponseOf<typeof authRoutes.signIn>> {
    const tokens = await this.sessions.signIn(body);
    this.mark.leave(request, response);
    return tokens;
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
