import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { generationQuery, generationResult, subjects } from '@cipherchat/protocol';
import { describeError, EventLog, Nats } from '@cipherchat/service-kit';
import { bounds } from './bounds.js';

/** The store's generation, which `ready` names. It changes only with a restore from backup. */
@Injectable()
export class GenerationWatch implements OnApplicationBootstrap, OnModuleDestroy {
  private known: number | null = null;
  private timer: NodeJS.Timeout | undefined;
  private onChange: () => void = () => {};

  constructor(
    @Inject(Nats) private readonly nats: Nats,
    @Inject(EventLog) private readonly log: EventLog,
  ) {}

  /** Null until the store has answered once. */
  get generation(): number | null {
    return this.known;
  }

  /** Called when it is another than the one told to sockets so far. */
  whenChanged(listener: () => void): void {
    this.onChange = listener;
  }

  /** Any answer of the store that names it. */
  saw(generation: number): void {
    const before = this.known;
    this.known = generation;
    if (before !== null && before !== generation) this.onChange();
  }

  /** The gateway listens after the first try: a client that comes at once would be sent away for nothing. */
  async onApplicationBootstrap(): Promise<void> {
    this.nats.onStatus((status) => {
      if (status === 'reconnected') void this.ask();
    });
    await this.askAgain();
  }

  onModuleDestroy(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private async askAgain(): Promise<void> {
    await this.ask();
    this.timer = setTimeout(
      () => void this.askAgain(),
      this.known === null ? bounds.generationRetryMs : bounds.generationPollMs,
    );
    this.timer.unref();
  }

  private async ask(): Promise<void> {
    try {
      const { generation } = await this.nats.request({
        subject: subjects.generation,
        question: generationQuery,
        answer: generationResult,
        body: {},
      });
      this.saw(generation);
    } catch (error) {
      this.log.event('gateway.store-unavailable', describeError(error));
    }
  }
}
