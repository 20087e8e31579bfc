/**
 * The tab that hosts the client, for all tabs of a browser: only one may hold keys and move ratchets.
 *
 * waiting (for the lock) → opening → serving → … → waiting; the lock ends with its tab, however that ends.
 *
 * Invariants:
 * - Whoever does not hold the lock answers nothing. Whoever holds it serves only once the store is open, and the store
 *   itself refuses a writer that was superseded.
 * - A host carries out what it is asked by its own name, once and in the order of asking; what only reads may overtake. The next host may be asked the
 *   same, when the first died before its answer arrived: so every call that changes anything is one that is known when
 *   it comes again (`hosted-client.ts`).
 * - A host that can do no more (its store was taken over, it was closed) leaves calls unanswered: the next one gets them.
 */
import { HaltedError } from '../state/steps.js';
import type { Clock } from '../ports/clock.js';
import { toTabError } from './tab-errors.js';
import type { CallOutcome, ToHost, ToViews } from './tab-messages.js';
import type { TabChannel, TabLocks } from './tab-ports.js';

/** What is hosted: the client, behind calls and events that can be cloned. */
export type Hosted = {
  readonly call: (name: string, params: unknown) => Promise<unknown>;
  readonly listen: (listener: (event: unknown) => void) => void;
  /** Resolves when it can do no more, and rejects when it could not be opened to the end. */
  readonly ended: Promise<void>;
  readonly close: () => Promise<void>;
};

const reopenAfterMs = 1_000;

/** What a hosting tab stands on. */
export type HostParams = {
  /** Of the lock; tabs of the same client have the same. */
  readonly name: string;
  readonly channel: TabChannel;
  readonly locks: TabLocks;
  readonly clock: Clock;
  /** Names a host: another one each time. */
  readonly newId: () => string;
  readonly open: () => Promise<Hosted>;
};

/** Hosts whenever it is this tab's turn, until `stop`. */
export function hostClient(params: HostParams): { readonly stop: () => Promise<void> } {
  const stopping = new AbortController();
  const stopped = new Promise<void>((resolve) =>
    stopping.signal.addEventListener('abort', () => resolve(), { once: true }),
  );
  let serve: (message: ToHost) => void = () => undefined;
  params.channel.listen((message) => {
    if (isToHost(message)) serve(message);
  });
  const take = async (): Promise<void> => {
    const hosted = await params.open();
    const serving = new Serving(params, hosted);
    serve = (message) => serving.receive(message);
    serving.announce();
    try {
      await Promise.race([hosted.ended, stopped]);
    } finally {
      serve = () => undefined;
      serving.end();
      await hosted.close();
    }
  };
  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      try {
        await params.locks.hold(params.name, stopping.signal, take);
      } catch (error) {
        if (stopping.signal.aborted) return;
        post(params, { to: 'views', type: 'failed', error: toTabError(error) });
        await new Promise<void>((resolve) => {
          params.clock.setTimer(resolve, reopenAfterMs);
          void stopped.then(resolve);
        });
      }
    }
  };
  const running = run();
  return {
    stop: async () => {
      stopping.abort();
      await running;
      params.channel.close();
    },
  };
}

/** One stretch of hosting. */
class Serving {
  private readonly host: string;
  private isServing = true;

  constructor(
    private readonly params: HostParams,
    private readonly hosted: Hosted,
  ) {
    this.host = params.newId();
    hosted.listen((event) => this.post({ to: 'views', type: 'event', host: this.host, event }));
  }

  announce(): void {
    this.post({ to: 'views', type: 'host', host: this.host });
  }

  end(): void {
    this.isServing = false;
  }

  receive(message: ToHost): void {
    if (message.type === 'ask') return this.announce();
    const { host, call, name, params } = message;
    if (host !== this.host) return;
    void this.carryOut(name, params).then((outcome) => {
      if (outcome !== null) this.post({ to: 'views', type: 'answer', call, outcome });
    });
  }

  /** `null` when the client has ended: that is no answer. */
  private async carryOut(name: string, params: unknown): Promise<CallOutcome | null> {
    try {
      return { kind: 'done', result: await this.hosted.call(name, params) };
    } catch (error) {
      return error instanceof HaltedError ? null : { kind: 'failed', error: toTabError(error) };
    }
  }

  private post(message: ToViews): void {
    if (this.isServing) post(this.params, message);
  }
}

function post({ channel }: HostParams, message: ToViews): void {
  channel.post(message);
}

function isToHost(message: unknown): message is ToHost {
  return typeof message === 'object' && message !== null && 'to' in message && message.to === 'host';
}
