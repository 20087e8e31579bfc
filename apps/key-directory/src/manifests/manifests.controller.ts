import { Body, Controller, Inject } from '@nestjs/common';
import { keysRoutes } from '@cipherchat/protocol';
import { CurrentDevice, RouteOf, type RequestOf, type ResponseOf } from '@cipherchat/service-kit';
import { findsPerUser, manifestsPerUser } from '../bounds.js';
import { ManifestService } from './manifest.service.js';

@Controller()
export class ManifestsController {
  constructor(@Inject(ManifestService) private readonly manifests: ManifestService) {}

  @RouteOf(keysRoutes.publishManifest, { limiters: [manifestsPerUser] })
  publish(
    @CurrentDevice() caller: CurrentDevice,
    @Body() body: RequestOf<typeof keysRoutes.publishManifest>,
  ): Promise<ResponseOf<typeof keysRoutes.publishManifest>> {
    return this.manifests.publish({ user: caller.user, bytes: body.manifest });
  }

  @RouteOf(keysRoutes.findManifests, { limiters: [findsPerUser] })
  async find(
    @Body() body: RequestOf<typeof keysRoutes.findManifests>,
  ): Promise<ResponseOf<typeof keysRoutes.findManifests>> {
    const { manifests, unknown } = await this.manifests.find(body.users);
    return { manifests: [...manifests], unknown: [...unknown] };
  }
}
