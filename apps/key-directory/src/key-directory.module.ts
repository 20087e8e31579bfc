import { Module } from '@nestjs/common';
import {
  AccessModule,
  accessVariables,
  NatsModule,
  natsVariables,
  PostgresModule,
  postgresVariables,
  prismaProvider,
  RedisModule,
  redisVariables,
  type ServiceDefinition,
} from '@cipherchat/service-kit';
import { migrations } from './generated/migrations.js';
import { PrismaClient } from './generated/prisma/client.js';
import { ExpirySweep } from './key-packages/expiry-sweep.js';
import { KeyPackageService } from './key-packages/key-package.service.js';
import { KeyPackagesController } from './key-packages/key-packages.controller.js';
import { RevocationFollower } from './key-packages/revocation-follower.js';
import { ManifestService } from './manifests/manifest.service.js';
import { ManifestsController } from './manifests/manifests.controller.js';
import { BlockService } from './people/block.service.js';
import { BlocksController } from './people/blocks.controller.js';
import { IdentityConsumer } from './people/identity.consumer.js';
import { IdentityService } from './people/identity.service.js';
import { PeopleController } from './people/people.controller.js';
import { RecoveryController } from './recovery/recovery.controller.js';
import { RecoveryService } from './recovery/recovery.service.js';

const schema = 'directory';

@Module({
  imports: [PostgresModule.forSchema({ schema, migrations }), NatsModule, RedisModule, AccessModule.remote()],
  controllers: [
    ManifestsController,
    KeyPackagesController,
    PeopleController,
    BlocksController,
    RecoveryController,
  ],
  providers: [
    prismaProvider({ client: PrismaClient, schema }),
    ManifestService,
    IdentityService,
    IdentityConsumer,
    BlockService,
    KeyPackageService,
    RecoveryService,
    ExpirySweep,
    RevocationFollower,
  ],
})
class KeyDirectoryModule {}

const variables = { ...postgresVariables, ...natsVariables, ...redisVariables, ...accessVariables };

/** Manifests, key packages and usernames: public keys and names, all of it checked again by clients. */
export const keyDirectory: ServiceDefinition<typeof variables> = {
  name: 'key-directory',
  variables,
  module: KeyDirectoryModule,
};
