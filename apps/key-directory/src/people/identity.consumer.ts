import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import {
  eraseIdentity,
  publishManifest,
  queueGroups,
  registerIdentity,
  subjects,
} from '@cipherchat/protocol';
import { Nats } from '@cipherchat/service-kit';
import { ManifestService } from '../manifests/manifest.service.js';
import { IdentityService } from './identity.service.js';

/** Commands of auth over NATS. */
@Injectable()
export class IdentityConsumer implements OnApplicationBootstrap {
  constructor(
    @Inject(Nats) private readonly nats: Nats,
    @Inject(IdentityService) private readonly identities: IdentityService,
    @Inject(ManifestService) private readonly manifests: ManifestService,
  ) {}

  onApplicationBootstrap(): void {
    const queue = queueGroups.keyDirectory;
    this.nats.serveCommand({
      subject: subjects.registerIdentity,
      queue,
      question: registerIdentity,
      handle: ({ user, username, manifest }) => this.identities.register({ user, username, bytes: manifest }),
    });
    this.nats.serveCommand({
      subject: subjects.publishManifest,
      queue,
      question: publishManifest,
      handle: async ({ user, manifest }) => {
        await this.manifests.publish({ user, bytes: manifest });
      },
    });
    this.nats.serveCommand({
      subject: subjects.eraseIdentity,
      queue,
      question: eraseIdentity,
      handle: ({ user }) => this.identities.erase(user),
    });
  }
}
