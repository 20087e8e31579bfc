/**
 * Requests to the store over one reply inbox. The NATS client's own `request` makes two error objects with stack
 * traces for each request before anything has failed, which the profile showed as a tenth of the gateway's time.
 */
import {
  appendBatch,
  appendResults,
  decode,
  encode,
  encodeTracedItems,
  problem,
  subjects,
  tracedItemsHeader,
  type AppendBatch,
  type AppendResults,
} from '@cipherchat/protocol';
import { traceHeaders, type Nats } from '@cipherchat/service-kit';
import type { Span } from '@cipherchat/telemetry';
import { createInbox } from '@nats-io/transport-node';
import type { BatchTrace } from './append-batcher.js';
import { beginRequestSpan } from './append-trace.js';

export type AppendRequestsParams = {
  readonly nats: Nats;
  readonly timeoutMs: number;
  readonly retryAfterMs: number;
};

type Waiting = {
  readonly resolve: (results: AppendResults) => void;
  readonly reject: (error: unknown) => void;
  readonly timer: NodeJS.Timeout;
  readonly span: Span<'nats request'> | null;
};

/** NATS answers with this status and no body when nobody listens. */
const noResponders = 503;

export class AppendRequests {
  private readonly inbox = createInbox();
  private readonly waiting = new Map<string, Waiting>();
  private sent = 0;

  constructor(private readonly params: AppendRequestsParams) {
    params.nats.connection.subscribe(`${this.inbox}.*`, {
      callback: (_error, message) => {
        if (
          message.headers !== undefined &&
          (message.headers.code === noResponders || message.data.length === 0)
        )
          this.giveUp(message.subject);
        else this.answer(message.subject, message.data);
      },
    });
    // NATS keeps nothing for us: an answer that was under way is lost. Waiting for it until its time is up would
    // hold up everything behind it, since only so many requests are under way at once.
    params.nats.onStatus((status) => {
      if (status !== 'disconnected') return;
      for (const reply of [...this.waiting.keys()]) this.giveUp(reply);
    });
  }

  /** @throws ProblemError `service/unavailable` when NATS was lost, there was no answer in time, or a refusal */
  send(batch: AppendBatch, traces: readonly BatchTrace[]): Promise<AppendResults> {
    const { nats, timeoutMs } = this.params;
    if (!nats.connected) return Promise.reject(this.unavailable());
    const reply = `${this.inbox}.${this.sent++}`;
    const span = beginRequestSpan(traces, batch.items.length);
    const headers =
      span === null ? null : traceHeaders(span, { [tracedItemsHeader]: encodeTracedItems(traces) });
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.giveUp(reply), timeoutMs);
      this.waiting.set(reply, { resolve, reject, timer, span });
      nats.connection.publish(
        subjects.append,
        encode(appendBatch, batch),
        headers === null ? { reply } : { reply, headers },
      );
    });
  }

  private answer(reply: string, data: Uint8Array): void {
    const waiting = this.take(reply);
    waiting?.span?.end();
    try {
      waiting?.resolve(decode(appendResults, data));
    } catch (error) {
      waiting?.reject(error);
    }
  }

  private giveUp(reply: string): void {
    const waiting = this.take(reply);
    const error = this.unavailable();
    waiting?.span?.fail(error);
    waiting?.span?.end();
    waiting?.reject(error);
  }

  private take(reply: string): Waiting | undefined {
    const waiting = this.waiting.get(reply);
    this.waiting.delete(reply);
    clearTimeout(waiting?.timer);
    return waiting;
  }

  private unavailable() {
    return problem('service/unavailable', { retryAfterMs: this.params.retryAfterMs });
  }
}
