import type { IncomingMessage, ServerResponse } from 'node:http';
import { Body, Controller, Inject, Param, Req, Res } from '@nestjs/common';
import { authRoutes, type DeviceId } from '@cipherchat/protocol';
import { CurrentDevice, RouteOf, type RequestOf, type ResponseOf } from '@cipherchat/service-kit';
import { limiters } from '../bounds.js';
import { BrowserMark } from '../browser-mark/browser-mark.js';
import { DeviceService } from './device.service.js';

@Controller()
export class DevicesController {
  constructor(
    @Inject(DeviceService) private readonly devices: DeviceService,
    @Inject(BrowserMark) private readonly mark: BrowserMark,
  ) {}

  @RouteOf(authRoutes.addDevice, { limiters: [limiters.addDevice] })
  async add(
    @Body() body: RequestOf<typeof authRoutes.addDevice>,
    @Req() request: IncomingMessage,
    @Res({ passthrough: true }) response: ServerResponse,
  ): Promise<ResponseOf<typeof authRoutes.addDevice>> {
    const tokens = await this.devices.add(body);
    this.mark.leave(request, response);
    return tokens;
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
