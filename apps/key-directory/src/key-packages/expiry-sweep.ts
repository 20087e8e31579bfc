import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { EventLog } from '@cipherchat/service-kit';
import { bounds } from '../bounds.js';
import { KeyPackageService } from './key-package.service.js';

/** Deletes expired key packages now and then. Every replica does: they skip each other's rows. */
@Injectable()
export class ExpirySweep implements OnApplicationBootstrap, OnModuleDestroy {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    @Inject(KeyPackageService) private readonly keyPackages: KeyPackageService,
    @Inject(EventLog) private readonly log: EventLog,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.sweep(), bounds.expirySweepMs);
    this.timer.unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  private async sweep(): Promise<void> {
    try {
      await this.keyPackages.deleteExpired();
    } catch (error) {
      // The next sweep finds the same rows.
      this.log.unexpected(error, { phase: 'expiry-sweep' });
    }
  }
}
