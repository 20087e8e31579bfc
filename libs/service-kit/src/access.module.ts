import {
  Module,
  type DynamicModule,
  type InjectionToken,
  type ModuleMetadata,
  type Provider,
} from '@nestjs/common';
import { createRemoteJWKSet, type JWTVerifyGetKey } from 'jose';
import { AccessStrategy } from './access-strategy.js';
import { AccessTokens } from './access-token.js';
import { CLOCK, type Clock } from './clock.js';
import { CONFIG } from './config.js';
import { EventLog } from './event-log.js';
import { Nats } from './nats.js';
import { Revocations } from './revocations.js';
import type { AccessConfig } from './variables.js';

/** How `AccessTokens` finds the public key of a token. */
const ACCESS_KEYS = Symbol('ACCESS_KEYS');

/** Fetched again when older than this, so that a retired key stops being accepted. */
const keysMaxAgeMs = 10 * 60_000;
/** An unknown key id makes us fetch at once, but not more often than this. */
const keysCooldownMs = 5_000;
const keysTimeoutMs = 3_000;

function remoteKeys(config: AccessConfig): JWTVerifyGetKey {
  return createRemoteJWKSet(new URL(config.authJwksUrl), {
    cacheMaxAge: keysMaxAgeMs,
    cooldownDuration: keysCooldownMs,
    timeoutDuration: keysTimeoutMs,
  });
}

function accessModule(keys: Provider, imports: ModuleMetadata['imports'] = []): DynamicModule {
  return {
    module: AccessModule,
    global: true,
    imports,
    providers: [
      keys,
      {
        provide: Revocations,
        useFactory: (nats: Nats, clock: Clock, log: EventLog) => new Revocations(nats, clock, log),
        inject: [Nats, CLOCK, EventLog],
      },
      {
        provide: AccessTokens,
        useFactory: (resolve: JWTVerifyGetKey, revocations: Revocations, clock: Clock) =>
          new AccessTokens(resolve, revocations, clock),
        inject: [ACCESS_KEYS, Revocations, CLOCK],
      },
      {
        provide: AccessStrategy,
        useFactory: (tokens: AccessTokens) => new AccessStrategy(tokens),
        inject: [AccessTokens],
      },
    ],
    exports: [AccessTokens, AccessStrategy, Revocations],
  };
}

/** Gives `AccessTokens` and `Revocations`, and lets routes ask for a device. Needs `NatsModule`. */
@Module({})
export class AccessModule {
  /** With the public keys at AUTH_JWKS_URL. */
  static remote(): DynamicModule {
    return accessModule({ provide: ACCESS_KEYS, useFactory: remoteKeys, inject: [CONFIG] });
  }

  /** For auth, which has the keys itself. */
  static local(params: {
    readonly imports: NonNullable<ModuleMetadata['imports']>;
    readonly inject: readonly InjectionToken[];
    readonly keys: (...injected: never[]) => JWTVerifyGetKey | Promise<JWTVerifyGetKey>;
  }): DynamicModule {
    return accessModule(
      {
        provide: ACCESS_KEYS,
        useFactory: params.keys as (...injected: unknown[]) => unknown,
        inject: [...params.inject],
      },
      params.imports,
    );
  }
}
