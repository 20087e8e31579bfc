import { Body, Controller, Inject } from '@nestjs/common';
import { authRoutes } from '@cipherchat/protocol';
import { RouteOf, type RequestOf, type ResponseOf } from '@cipherchat/service-kit';
import { limiters } from '../bounds.js';
import { ChallengeService } from './challenge.service.js';

@Controller()
export class ChallengesController {
  constructor(@Inject(ChallengeService) private readonly challenges: ChallengeService) {}

  @RouteOf(authRoutes.createChallenge, { limiters: [limiters.challenge] })
  create(
    @Body() body: RequestOf<typeof authRoutes.createChallenge>,
  ): Promise<ResponseOf<typeof authRoutes.createChallenge>> {
    return this.challenges.create(body.device);
  }
}
