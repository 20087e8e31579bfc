import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { generationHeader, problem } from '@cipherchat/protocol';
import { POSTGRES } from '@cipherchat/service-kit';
import type { IncomingMessage } from 'node:http';
import type { Pool } from 'pg';
import { readGeneration } from './read-generation.js';

/**
 * Refuses what speaks of the logs of another generation, before it is carried out and before anything of these logs is
 * shown: a device may reach the restored server by HTTP before its socket has told it of the restore. A device that no
 * socket has told anything yet names none, and knows nothing that could be mistaken.
 */
@Injectable()
export class GenerationGuard implements CanActivate {
  constructor(@Inject(POSTGRES) private readonly pool: Pool) {}

  /** @throws ProblemError `conversation/other-generation`, `request/malformed` */
  async canActivate(context: ExecutionContext): Promise<boolean> {
    const named = context.switchToHttp().getRequest<IncomingMessage>().headers[generationHeader];
    if (named === undefined) return true;
    if (typeof named !== 'string' || !/^[0-9]{1,10}$/.test(named))
      throw problem('request/malformed', { at: generationHeader });
    if (Number(named) !== (await readGeneration(this.pool))) throw problem('conversation/other-generation');
    return true;
  }
}
