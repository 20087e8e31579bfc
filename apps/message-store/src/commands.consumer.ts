/** The NATS commands of this service, each handed to the file that does it. */
import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import {
  acknowledgeBatch,
  appendBatch,
  appendResults,
  decodeTracedItems,
  generationQuery,
  generationResult,
  queueGroups,
  resumeCommand,
  resumeResult,
  signalCommand,
  subjects,
  tracedItemsHeader,
} from '@cipherchat/protocol';
import { Nats, POSTGRES } from '@cipherchat/service-kit';
import { Metrics } from '@cipherchat/telemetry';
import type { Pool } from 'pg';
import { AppendPath } from './append/append-path.js';
import { AcknowledgePath } from './cursors/acknowledge-path.js';
import { readPending } from './cursors/resume.js';
import { readGeneration } from './generations/read-generation.js';
import { HeadAnnouncer } from './live/head-announcer.js';
import { LivePublisher } from './live/live-publisher.js';
import { passSignal } from './signals/signals.js';
import { StoreMetrics } from './store-metrics.js';

/** The append path bounds its queue itself, and answers each item; this is only a bound on promises. */
const maxConcurrentBatches = 4_096;
const queue = queueGroups.messageStore;

@Injectable()
export class CommandsConsumer implements OnApplicationBootstrap {
  constructor(
    @Inject(Nats) private readonly nats: Nats,
    @Inject(POSTGRES) private readonly pool: Pool,
    @Inject(AppendPath) private readonly appendPath: AppendPath,
    @Inject(AcknowledgePath) private readonly acknowledgePath: AcknowledgePath,
    @Inject(LivePublisher) private readonly live: LivePublisher,
    @Inject(HeadAnnouncer) private readonly announcer: HeadAnnouncer,
    @Inject(StoreMetrics) private readonly storeMetrics: StoreMetrics,
    @Inject(Metrics) private readonly metrics: Metrics,
  ) {}

  /** A store that cannot reach its database takes no commands from those that can; one that can is found once it is ready. */
  async onApplicationBootstrap(): Promise<void> {
    await this.announcer.announceThen(() => this.serve());
    await this.nats.flush();
  }

  private serve(): void {
    const { nats, pool, live, metrics, storeMetrics } = this;
    metrics.sampled('cipherchat_append_queue_envelopes')(() => this.appendPath.queued);
    metrics.sampled('cipherchat_acknowledge_queue_positions')(() => this.acknowledgePath.queued);
    nats.serveInOneWrite({
      subject: subjects.append,
      queue,
      question: appendBatch,
      answer: appendResults,
      maxConcurrent: maxConcurrentBatches,
      spanName: 'message-store append',
      handle: ({ body: { items }, span, header }, answer) => {
        const hops = span === null ? null : decodeTracedItems(header(tracedItemsHeader));
        span?.set({ 'cipherchat.items': items.length });
        const trace = span === null || hops === null ? null : { span, hops };
        this.appendPath.submit({ items, trace }, answer);
      },
    });
    nats.serveCommand({
      subject: subjects.acknowledge,
      queue,
      question: acknowledgeBatch,
      maxConcurrent: maxConcurrentBatches,
      handle: (batch) => this.acknowledgePath.submit(batch),
    });
    nats.serve({
      subject: subjects.resume,
      queue,
      question: resumeCommand,
      answer: resumeResult,
      handle: async (caller) => {
        const generation = await readGeneration(pool);
        const conversations = await readPending(pool, caller);
        storeMetrics.resumed(conversations.length);
        return { generation, conversations };
      },
    });
    nats.serve({
      subject: subjects.generation,
      queue,
      question: generationQuery,
      answer: generationResult,
      handle: async () => ({ generation: await readGeneration(pool) }),
    });
    nats.serveCommand({
      subject: subjects.signal,
      queue,
      question: signalCommand,
      handle: async (signal) => {
        await passSignal({ pool, live, signal });
        storeMetrics.signalled(signal.kind);
      },
    });
  }
}
