import { Module } from '@nestjs/common';
import {
  AccessModule,
  NatsModule,
  PostgresModule,
  prismaProvider,
  RedisModule,
  type ServiceDefinition,
} from '@cipherchat/service-kit';
import { AccountService } from './accounts/account.service.js';
import { AccountsController } from './accounts/accounts.controller.js';
import { BrowserMark } from './browser-mark/browser-mark.js';
import { ChallengeService } from './challenges/challenge.service.js';
import { ChallengesController } from './challenges/challenges.controller.js';
import { authVariables } from './config.js';
import { DeviceService } from './devices/device.service.js';
import { DevicesController } from './devices/devices.controller.js';
import { DiscoveryController } from './discovery/discovery.controller.js';
import { migrations } from './generated/migrations.js';
import { PrismaClient } from './generated/prisma/client.js';
import { Housekeeping } from './housekeeping.js';
import { InviteService } from './invites/invite.service.js';
import { InvitesController } from './invites/invites.controller.js';
import { AdmissionService } from './registration/admission.service.js';
import { RegistrationController } from './registration/registration.controller.js';
import { RegistrationService } from './registration/registration.service.js';
import { RevocationService } from './revocations/revocation.service.js';
import { SessionService } from './sessions/session.service.js';
import { SessionsController } from './sessions/sessions.controller.js';
import { SigningKeys } from './signing-keys/signing-keys.js';
import { SigningKeysModule } from './signing-keys/signing-keys.module.js';

const schema = 'auth';

@Module({
  imports: [
    PostgresModule.forSchema({ schema, migrations }),
    NatsModule,
    RedisModule,
    SigningKeysModule,
    AccessModule.local({
      imports: [SigningKeysModule],
      inject: [SigningKeys],
      keys: (keys: SigningKeys) => keys.resolver(),
    }),
  ],
  controllers: [
    AccountsController,
    ChallengesController,
    DevicesController,
    DiscoveryController,
    InvitesController,
    RegistrationController,
    SessionsController,
  ],
  providers: [
    prismaProvider({ client: PrismaClient, schema }),
    AccountService,
    AdmissionService,
    ChallengeService,
    DeviceService,
    Housekeeping,
    InviteService,
    RegistrationService,
    RevocationService,
    SessionService,
    BrowserMark,
  ],
})
class AuthModule {}

/** Accounts, devices, sessions and tokens. Knows ids and public keys, no names. */
export const auth: ServiceDefinition<typeof authVariables> = {
  name: 'auth',
  variables: authVariables,
  module: AuthModule,
};
