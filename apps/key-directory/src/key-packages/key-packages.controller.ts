import { Body, Controller, Inject, Query } from '@nestjs/common';
import { keysRoutes } from '@cipherchat/protocol';
import {
  CurrentDevice,
  RateLimiter,
  RouteOf,
  type QueryOf,
  type RequestOf,
  type ResponseOf,
} from '@cipherchat/service-kit';
import {
  claimsPerPair,
  claimsPerRequester,
  claimsPerTarget,
  findsPerUser,
  uploadsPerDevice,
} from '../bounds.js';
import { KeyPackageService } from './key-package.service.js';

@Controller()
export class KeyPackagesController {
  constructor(
    @Inject(KeyPackageService) private readonly keyPackages: KeyPackageService,
    @Inject(RateLimiter) private readonly limiter: RateLimiter,
  ) {}

  @RouteOf(keysRoutes.uploadKeyPackages, { limiters: [uploadsPerDevice] })
  async upload(
    @CurrentDevice() caller: CurrentDevice,
    @Body() body: RequestOf<typeof keysRoutes.uploadKeyPackages>,
  ): Promise<ResponseOf<typeof keysRoutes.uploadKeyPackages>> {
    const { suite, singleUse, lastResort } = body;
    return { singleUseCount: await this.keyPackages.upload({ caller, suite, singleUse, lastResort }) };
  }

  @RouteOf(keysRoutes.countKeyPackages, { limiters: [findsPerUser] })
  count(
    @CurrentDevice() caller: CurrentDevice,
    @Query() query: QueryOf<typeof keysRoutes.countKeyPackages>,
  ): Promise<ResponseOf<typeof keysRoutes.countKeyPackages>> {
    return this.keyPackages.count({ device: caller.device, suite: query.suite });
  }

  /** Whoever is signed in may claim, but from those who blocked them; the limits hinder draining somebody's stock. */
  @RouteOf(keysRoutes.claimKeyPackages, { limiters: [claimsPerRequester] })
  async claim(
    @CurrentDevice() caller: CurrentDevice,
    @Body() body: RequestOf<typeof keysRoutes.claimKeyPackages>,
  ): Promise<ResponseOf<typeof keysRoutes.claimKeyPackages>> {
    const { user, suite, devices } = body;
    await this.limiter.enforce(claimsPerPair, { address: '', user: `${caller.user}:${user}` });
    const waitMs = await this.limiter.take(claimsPerTarget, { address: '', user });
    const { claimed, exhausted } = await this.keyPackages.claim({
      caller,
      user,
      suite,
      only: devices,
      from: waitMs === 0 ? 'all' : 'last-resort',
    });
    return { claimed: [...claimed], exhausted: [...exhausted] };
  }
}
