import { Inject, Injectable, Optional, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { problem } from '@cipherchat/protocol';
import { AccessStrategy, type BearerRequest } from './access-strategy.js';
import type { CurrentDevice } from './access-token.js';
import { RateLimiter, type LimitedBy, type Limiter } from './rate-limiter.js';
import { routeMetadataKey, type AuthenticatedRequest, type RouteMetadata } from './route-of.js';

type GuardedRequest = BearerRequest & AuthenticatedRequest & { readonly ip?: string };

/** Limits per address, then the token, then the role, then limits per device and user. */
@Injectable()
export class RouteGuard implements CanActivate {
  constructor(
    @Inject(Reflector) private readonly reflector: Reflector,
    @Optional() @Inject(AccessStrategy) private readonly access: AccessStrategy | undefined,
    @Optional() @Inject(RateLimiter) private readonly limiter: RateLimiter | undefined,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const metadata = this.reflector.get<RouteMetadata | undefined>(routeMetadataKey, context.getHandler());
    if (metadata === undefined) return true; // health and metrics
    const request = context.switchToHttp().getRequest<GuardedRequest>();
    const { route, settings } = metadata;
    const limiters = settings.limiters ?? [];
    const address = request.ip ?? '';
    await this.enforce(
      limiters.filter(({ per }) => per === 'address'),
      { address },
    );
    if (route.access === 'public') return true;
    const caller = await this.authenticate(request);
    if (route.access === 'admin' && caller.role !== 'admin') throw problem('auth/forbidden');
    await this.enforce(
      limiters.filter(({ per }) => per !== 'address'),
      { address, device: caller.device, user: caller.user },
    );
    return true;
  }

  private async authenticate(request: GuardedRequest): Promise<CurrentDevice> {
    if (this.access === undefined)
      throw new Error('a route needs a device, and the service does not import AccessModule');
    const caller = await this.access.authenticate(request);
    request.currentDevice = caller;
    return caller;
  }

  private async enforce(limiters: readonly Limiter[], by: LimitedBy): Promise<void> {
    for (const limiter of limiters) {
      if (this.limiter === undefined)
        throw new Error('a route has a limiter, and the service does not import RedisModule');
      await this.limiter.enforce(limiter, by);
    }
  }
}
