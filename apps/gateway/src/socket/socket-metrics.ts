import { Inject, Injectable } from '@nestjs/common';
import {
  clientFrames,
  decodeServerFrame,
  isProblemCode,
  limits,
  serverFrames,
  type AppendResults,
  type CloseReason,
} from '@cipherchat/protocol';
import { CLOCK, systemMonotonicMs, type Clock } from '@cipherchat/service-kit';
import { Metrics } from '@cipherchat/telemetry';
import { isDeliverFrame, storedAtMs } from './deliver-frame.js';
import type { ReportFrame, ResyncCause } from './session-state.js';

type Outcome = AppendResults['results'][number]['outcome'];
export type HandshakeOutcome = 'accepted' | 'forbidden' | 'not-found' | 'rate-limited' | 'unavailable';

/** What of a socket is added up at each scrape. */
export type SocketLoad = {
  readonly unacknowledged: number;
  readonly queuedBytes: number;
  readonly isBehind: boolean;
};

/** What an operator sees of the sockets. What a frame counts as is settled here, once, and not for each. */
@Injectable()
export class SocketMetrics {
  /** A moment, for durations: it does not jump as a clock does. */
  readonly mark: () => number = systemMonotonicMs;
  /** Adds up all sockets whenever somebody looks. */
  readonly watch: (sockets: () => Iterable<SocketLoad>) => void;
  readonly handshake: (outcome: HandshakeOutcome) => void;
  /** The gateway closed a socket. */
  readonly closed: (reason: CloseReason) => void;
  readonly received: (frame: Uint8Array) => void;
  readonly sent: (frame: Uint8Array) => void;
  /** The store's answer to an append that arrived at that mark. */
  readonly appended: (outcome: Outcome, arrivedAt: number) => void;
  /** A device acknowledged an envelope this long after it was forwarded. */
  readonly acknowledged: (afterMs: number) => void;
  /** Live frames to a socket are dropped until its client has caught up. */
  readonly fellBehind: () => void;
  readonly resync: (cause: ResyncCause) => void;
  /** A device could not read this much. */
  readonly failuresReported: (failures: ReportFrame['failures']) => void;

  constructor(@Inject(Metrics) metrics: Metrics, @Inject(CLOCK) clock: Clock) {
    const handshakes = metrics.counter('cipherchat_socket_handshakes_total');
    this.handshake = (outcome) => handshakes({ outcome });
    const closed = metrics.counter('cipherchat_sockets_closed_total');
    this.closed = (reason) => closed({ reason });
    this.fellBehind = metrics.counter('cipherchat_sockets_fell_behind_total');
    const resyncs = metrics.counter('cipherchat_resyncs_total');
    this.resync = (cause) => resyncs({ cause });
    const failures = metrics.counter('cipherchat_client_decrypt_failures_total');
    this.failuresReported = (reported) => {
      for (const { cause, count } of reported)
        failures({ cause }, Math.min(count, limits.maxReportedFailures));
    };
    const acknowledged = metrics.histogram('cipherchat_delivery_acknowledge_seconds');
    this.acknowledged = (afterMs) => acknowledged(afterMs / 1_000);
    this.watch = (sockets) => watch(metrics, sockets);
    this.received = countReceived(metrics);
    this.sent = countSent(metrics, clock);
    this.appended = countAppends(metrics);
  }
}

function watch(metrics: Metrics, sockets: () => Iterable<SocketLoad>): void {
  const sum = (of: (load: SocketLoad) => number) => (): number => {
    let total = 0;
    for (const load of sockets()) total += of(load);
    return total;
  };
  metrics.sampled('cipherchat_sockets_open')(sum(() => 1));
  metrics.sampled('cipherchat_sockets_behind')(sum(({ isBehind }) => (isBehind ? 1 : 0)));
  metrics.sampled('cipherchat_socket_queue_bytes')(sum(({ queuedBytes }) => queuedBytes));
  metrics.sampled('cipherchat_unacknowledged_envelopes')(sum(({ unacknowledged }) => unacknowledged));
}

function countAppends(metrics: Metrics): SocketMetrics['appended'] {
  const appends = metrics.counter('cipherchat_appends_total');
  const duration = metrics.histogram('cipherchat_append_duration_seconds');
  return (outcome, arrivedAt) => {
    appends({ outcome });
    duration((systemMonotonicMs() - arrivedAt) / 1_000);
  };
}

function countReceived(metrics: Metrics): SocketMetrics['received'] {
  const frames = metrics.counter('cipherchat_frames_received_total');
  const typeOf = typesByCode(clientFrames);
  return (frame) => frames({ type: typeOf.get(frame[0] ?? -1) ?? 'unknown' });
}

function countSent(metrics: Metrics, clock: Clock): SocketMetrics['sent'] {
  const frames = metrics.counter('cipherchat_frames_sent_total');
  const forward = metrics.histogram('cipherchat_delivery_forward_seconds');
  const problems = metrics.counter('cipherchat_problems_total');
  const typeOf = typesByCode(serverFrames);
  return (frame) => {
    const type = typeOf.get(frame[0] ?? -1) ?? 'unknown';
    frames({ type });
    if (isDeliverFrame(frame)) forward(Math.max(0, clock.nowMs() - storedAtMs(frame)) / 1_000);
    else if (type === 'problem') {
      const sent = decodeServerFrame(frame);
      if (sent.type === 'problem' && isProblemCode(sent.problem))
        problems({ code: sent.problem, via: 'socket' });
    }
  };
}

function typesByCode<Type extends string>(
  table: Readonly<Record<Type, { readonly code: number }>>,
): ReadonlyMap<number, Type> {
  return new Map(
    Object.entries<{ readonly code: number }>(table).map(([type, { code }]) => [code, type as Type]),
  );
}
