import { Controller, Inject } from '@nestjs/common';
import { authRoutes, subprotocol } from '@cipherchat/protocol';
import { CONFIG, RouteOf, type ResponseOf } from '@cipherchat/service-kit';
import { limiters } from '../bounds.js';
import type { AuthConfig } from '../config.js';
import { SigningKeys } from '../signing-keys/signing-keys.js';

/** What anyone may know of this deployment. */
@Controller()
export class DiscoveryController {
  constructor(
    @Inject(CONFIG) private readonly config: AuthConfig,
    @Inject(SigningKeys) private readonly keys: SigningKeys,
  ) {}

  @RouteOf(authRoutes.discovery, { limiters: [limiters.discovery] })
  discovery(): ResponseOf<typeof authRoutes.discovery> {
    const { publicAuthUrl, publicKeysUrl, publicConversationsUrl, publicGatewayUrls, registration } =
      this.config;
    return {
      authUrl: publicAuthUrl,
      keysUrl: publicKeysUrl,
      conversationsUrl: publicConversationsUrl,
      gatewayUrls: [...publicGatewayUrls],
      registration,
      subprotocols: [subprotocol],
    };
  }

  @RouteOf(authRoutes.jwks, { limiters: [limiters.jwks] })
  jwks(): ResponseOf<typeof authRoutes.jwks> {
    return { keys: this.keys.publicKeys.map((key) => ({ ...key })) };
  }
}
