import type { AppendResults } from '@cipherchat/protocol';
import type { Span, Tracing } from '@cipherchat/telemetry';

/** An append that is recorded, from its arrival to its answer. */
export type AppendTrace = {
  readonly span: Span<'gateway append'>;
  /** By this, and nothing else, its delivery can be found, which is a trace of its own (docs/tracing.md). */
  readonly hop: string;
};

/** Null for all that the coin leaves out. */
export function beginAppendTrace(tracing: Tracing): AppendTrace | null {
  const span = tracing.root('gateway append');
  if (span === null) return null;
  const hop = span.newHop();
  span.set({ 'cipherchat.hop': hop });
  return { span, hop };
}

export function endAppendTrace(
  { span }: AppendTrace,
  outcome: AppendResults['results'][number]['outcome'],
): void {
  span.set({ 'cipherchat.outcome': outcome });
  span.end();
}

/** The request that carries a batch: a part of the first trace in it, and linked with the others, which can wait for the same. */
export function beginRequestSpan(traces: readonly AppendTrace[], items: number): Span<'nats request'> | null {
  const [first, ...others] = traces;
  if (first === undefined) return null;
  const request = first.span.child('nats request');
  request.set({ 'messaging.destination.name': 'command.messages.append', 'cipherchat.items': items });
  for (const { span } of others) {
    request.link(span);
    span.link(request);
  }
  return request;
}
