import { Controller, Get, Inject, Res } from '@nestjs/common';
import { HealthCheckService, HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import { Metrics } from '@cipherchat/telemetry';
import { Readiness } from './readiness.js';

type Answer = { readonly setHeader: (name: string, value: string) => void };

/** For the orchestrator and Prometheus; the ingress does not route these paths. */
@Controller()
export class HealthController {
  constructor(
    @Inject(HealthCheckService) private readonly checks: HealthCheckService,
    @Inject(HealthIndicatorService) private readonly indicators: HealthIndicatorService,
    @Inject(Readiness) private readonly readiness: Readiness,
    @Inject(Metrics) private readonly metrics: Metrics,
  ) {}

  /** The process answers. It looks at nothing else: restarting it would not heal a database. */
  @Get('/healthz/live')
  live(): { readonly status: 'ok' } {
    return { status: 'ok' };
  }

  @Get('/healthz/ready')
  ready(): Promise<unknown> {
    return this.checks.check([
      () => this.draining(),
      ...this.readiness.dependencies.map((dependency) => async (): Promise<HealthIndicatorResult> => {
        const indicator = this.indicators.check(dependency.name);
        const state = await dependency.check();
        switch (state) {
          case 'up':
            return indicator.up();
          case 'degraded':
            return indicator.degraded();
          case 'down':
            return indicator.down();
        }
      }),
    ]);
  }

  @Get('/metrics')
  async exposition(@Res({ passthrough: true }) response: Answer): Promise<string> {
    const { contentType, text } = await this.metrics.exposition();
    response.setHeader('content-type', contentType);
    return text;
  }

  private draining(): HealthIndicatorResult {
    const indicator = this.indicators.check('drain');
    return this.readiness.draining ? indicator.down() : indicator.up();
  }
}
