/** What a NATS connection and its commands show. */
import { subjects, type ProblemCode } from '@cipherchat/protocol';
import { metricCatalogue, type Metrics } from '@cipherchat/telemetry';
import type { NatsConnection } from '@nats-io/transport-node';
import { systemMonotonicMs } from './clock.js';

type CommandLabels = (typeof metricCatalogue)['cipherchat_command_duration_seconds']['labels'];
type RequestLabels = (typeof metricCatalogue)['cipherchat_request_duration_seconds']['labels'];
type Command = CommandLabels['command'][number];
export type CommandOutcome = CommandLabels['outcome'][number];
export type RequestOutcome = RequestLabels['outcome'][number];

const commands = metricCatalogue.cipherchat_command_duration_seconds.labels.command;
const bySubject = new Map<string, Command>(
  Object.entries(subjects).flatMap(([name, subject]) => {
    const command = commands.find((known) => known === name);
    return command === undefined || typeof subject !== 'string' ? [] : [[subject, command]];
  }),
);

export class NatsMetrics {
  /** A publish was dropped, since NATS is away. */
  readonly dropped: () => void;
  readonly reconnected: () => void;
  /** A command was answered with this problem. */
  readonly refused: (code: ProblemCode) => void;
  private readonly commandDuration;
  private readonly requestDuration;

  constructor(private readonly metrics: Metrics) {
    this.dropped = metrics.counter('cipherchat_nats_dropped_publishes_total');
    this.reconnected = metrics.counter('cipherchat_nats_reconnects_total');
    const problems = metrics.counter('cipherchat_problems_total');
    this.refused = (code) => problems({ code, via: 'nats' });
    this.commandDuration = metrics.histogram('cipherchat_command_duration_seconds');
    this.requestDuration = metrics.histogram('cipherchat_request_duration_seconds');
  }

  watch(connection: NatsConnection, isConnected: () => boolean): void {
    this.metrics.sampled('cipherchat_nats_connected')(() => (isConnected() ? 1 : 0));
    const messages = this.metrics.sampled('cipherchat_nats_messages_total');
    messages({ direction: 'in' }, () => connection.stats().inMsgs);
    messages({ direction: 'out' }, () => connection.stats().outMsgs);
    const bytes = this.metrics.sampled('cipherchat_nats_bytes_total');
    bytes({ direction: 'in' }, () => connection.stats().inBytes);
    bytes({ direction: 'out' }, () => connection.stats().outBytes);
  }

  /** A command that is served begins. */
  serve(subject: string): (outcome: CommandOutcome) => void {
    const startedAt = systemMonotonicMs();
    const command = bySubject.get(subject) ?? 'other';
    return (outcome) => this.commandDuration({ command, outcome }, secondsSince(startedAt));
  }

  /** A request that is made begins. */
  ask(subject: string): (outcome: RequestOutcome) => void {
    const startedAt = systemMonotonicMs();
    const command = bySubject.get(subject) ?? 'other';
    return (outcome) => this.requestDuration({ command, outcome }, secondsSince(startedAt));
  }
}

function secondsSince(startedAt: number): number {
  return (systemMonotonicMs() - startedAt) / 1_000;
}
