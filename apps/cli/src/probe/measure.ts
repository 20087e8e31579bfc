/** What the probe measures, as metrics: the one place where delivery is seen as people see it. */
import { Metrics } from '@cipherchat/telemetry';
import type { Outcome } from './deliveries.js';

export class ProbeMeasures {
  readonly metrics = new Metrics('probe');
  private readonly countMessage = this.metrics.counter('cipherchat_probe_messages_total');
  private readonly observeDelay = this.metrics.histogram('cipherchat_probe_delivery_duration_seconds');
  private readonly countFailure = this.metrics.counter('cipherchat_probe_failures_total');
  private readonly showLive = this.metrics.gauge('cipherchat_probe_live_ratio');
  private readonly showExpiry = this.metrics.gauge('cipherchat_probe_certificate_expiry_timestamp_seconds');

  sent(): void {
    this.countMessage({ outcome: 'sent' });
  }

  /** A late one has its delay too: that of all that arrived is what people wait. */
  ended(outcome: Outcome, delayMs: number | null): void {
    this.countMessage({ outcome });
    if (delayMs !== null) this.observeDelay(delayMs / 1_000);
  }

  failed(at: 'begin' | 'send'): void {
    this.countFailure({ at });
  }

  live(ratio: number): void {
    this.showLive(ratio);
  }

  certificateEnds(expiryMs: number): void {
    this.showExpiry(expiryMs / 1_000);
  }
}
