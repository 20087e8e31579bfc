import { Body, Controller, Inject, Param } from '@nestjs/common';
import { authRoutes, type DeviceId } from '@cipherchat/protocol';
import { CurrentDevice, RouteOf, type RequestOf, type ResponseOf } from '@cipherchat/service-kit';
import { limiters } from '../bounds.js';
import { DeviceService } from './device.service.js';

@Controller()
export class DevicesController {
  constructor(@Inject(DeviceService) private readonly devices: DeviceService) {}

  @RouteOf(authRoutes.addDevice, { limiters: [limiters.addDevice] })
  add(
    @Body() body: RequestOf<typeof authRoutes.addDevice>,
  ): Promise<ResponseOf<typeof authRoutes.addDevice>> {
    return this.devices.add(body);
  }

  @RouteOf(authRoutes.listDevices, { limiters: [limiters.manage] })
  list(@CurrentDevice() caller: CurrentDevice): Promise<ResponseOf<typeof authRoutes.listDevices>> {
    return this.devices.list(caller);
  }

  @RouteOf(authRoutes.revokeDevice, { limiters: [limiters.manage] })
  revoke(@CurrentDevice() caller: CurrentDevice, @Param('device') device: DeviceId): Promise<void> {
    return this.devices.revoke({ user: caller.user, device });
  }
}
