import { Body, Controller, Inject } from '@nestjs/common';
import { authRoutes } from '@cipherchat/protocol';
import { RouteOf, type RequestOf, type ResponseOf } from '@cipherchat/service-kit';
import { limiters } from '../bounds.js';
import { RegistrationService } from './registration.service.js';

@Controller()
export class RegistrationController {
  constructor(@Inject(RegistrationService) private readonly registrations: RegistrationService) {}

  @RouteOf(authRoutes.register, { limiters: [limiters.register] })
  register(
    @Body() body: RequestOf<typeof authRoutes.register>,
  ): Promise<ResponseOf<typeof authRoutes.register>> {
    return this.registrations.register(body);
  }
}
