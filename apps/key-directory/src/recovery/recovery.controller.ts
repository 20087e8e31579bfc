import { Body, Controller, Inject } from '@nestjs/common';
import { keysRoutes } from '@cipherchat/protocol';
import { CurrentDevice, RouteOf, type RequestOf, type ResponseOf } from '@cipherchat/service-kit';
import { findsPerUser, recoveriesPerAddress, recoveryRecordsPerUser } from '../bounds.js';
import { RecoveryService } from './recovery.service.js';

@Controller()
export class RecoveryController {
  constructor(@Inject(RecoveryService) private readonly recoveries: RecoveryService) {}

  @RouteOf(keysRoutes.publishRecovery, { limiters: [recoveryRecordsPerUser] })
  publish(
    @CurrentDevice() caller: CurrentDevice,
    @Body() body: RequestOf<typeof keysRoutes.publishRecovery>,
  ): Promise<ResponseOf<typeof keysRoutes.publishRecovery>> {
    return this.recoveries.publish({ user: caller.user, bytes: body.record });
  }

  @RouteOf(keysRoutes.readRecovery, { limiters: [findsPerUser] })
  async read(@CurrentDevice() caller: CurrentDevice): Promise<ResponseOf<typeof keysRoutes.readRecovery>> {
    return { record: await this.recoveries.read(caller.user) };
  }

  @RouteOf(keysRoutes.findRecovery, { limiters: [recoveriesPerAddress] })
  find(
    @Body() body: RequestOf<typeof keysRoutes.findRecovery>,
  ): Promise<ResponseOf<typeof keysRoutes.findRecovery>> {
    return this.recoveries.find(body);
  }
}
