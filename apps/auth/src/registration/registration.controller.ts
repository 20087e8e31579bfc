import type { IncomingMessage, ServerResponse } from 'node:http';
import { Body, Controller, Inject, Req, Res } from '@nestjs/common';
import { authRoutes } from '@cipherchat/protocol';
import { RouteOf, type RequestOf, type ResponseOf } from '@cipherchat/service-kit';
import { limiters } from '../bounds.js';
import { BrowserMark } from '../browser-mark/browser-mark.js';
import { RegistrationService } from './registration.service.js';

@Controller()
export class RegistrationController {
  constructor(
    @Inject(RegistrationService) private readonly registrations: RegistrationService,
    @Inject(BrowserMark) private readonly mark: BrowserMark,
  ) {}

  @RouteOf(authRoutes.register, { limiters: [limiters.register] })
  async register(
    @Body() body: RequestOf<typeof authRoutes.register>,
    @Req() request: IncomingMessage,
    @Res({ passthrough: true }) response: ServerResponse,
  ): Promise<ResponseOf<typeof authRoutes.register>> {
    const tokens = await this.registrations.register(body);
    this.mark.leave(request, response);
    return tokens;
  }
}
