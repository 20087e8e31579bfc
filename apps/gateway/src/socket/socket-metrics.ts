import { Inject, Injectable } from '@nestjs/common';
import type { AppendResults, CloseReason } from '@cipherchat/protocol';
import { Metrics } from '@cipherchat/telemetry';

type Outcome = AppendResults['results'][number]['outcome'];

/** What an operator sees of the sockets. */
@Injectable()
export class SocketMetrics {
  /** Sockets that are open, authenticated or not. */
  readonly open: (count: number) => void;
  /** The gateway closed a socket. */
  readonly closed: (reason: CloseReason) => void;
  /** The store's answer to an append, and how long it took from the socket to it. */
  readonly appended: (outcome: Outcome, durationMs: number) => void;

  constructor(@Inject(Metrics) metrics: Metrics) {
    const closed = metrics.counter('cipherchat_sockets_closed_total');
    const appended = metrics.counter('cipherchat_appends_total');
    const duration = metrics.histogram('cipherchat_append_duration_seconds');
    this.open = metrics.gauge('cipherchat_sockets_open');
    this.closed = (reason) => closed({ reason });
    this.appended = (outcome, durationMs) => {
      appended({ outcome });
      duration(durationMs / 1_000);
    };
  }
}
