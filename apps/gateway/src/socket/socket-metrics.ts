import { Inject, Injectable } from '@nestjs/common';
import { closeCodes, type AppendResults, type CloseReason } from '@cipherchat/protocol';
import { Metrics } from '@cipherchat/service-kit';

type Outcome = AppendResults['results'][number]['outcome'];

const outcomes = [
  'accepted',
  'duplicate',
  'not-member',
  'stale-commit',
  'busy',
  'malformed',
  'closed',
] as const satisfies readonly Outcome[];

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
    const open = metrics.gauge({
      name: 'sockets_open',
      help: 'Sockets that are open, authenticated or not.',
      labels: {},
    });
    const closed = metrics.counter({
      name: 'sockets_closed_total',
      help: 'Sockets that the gateway closed, by the reason told to the client.',
      labels: { reason: Object.keys(closeCodes) as CloseReason[] },
    });
    const appended = metrics.counter({
      name: 'appends_total',
      help: 'Appends by what the store said of them.',
      labels: { outcome: outcomes },
    });
    const duration = metrics.histogram({
      name: 'append_duration_seconds',
      help: 'From an append’s arrival on the socket to the store’s answer.',
      labels: {},
    });
    this.open = (count) => open({}, count);
    this.closed = (reason) => closed({ reason });
    this.appended = (outcome, durationMs) => {
      appended({ outcome });
      duration({}, durationMs / 1_000);
    };
  }
}
