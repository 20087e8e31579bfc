/**
 * A tab's view of the client that one of the tabs hosts.
 *
 * Invariants:
 * - A call settles once, by the host's answer; while there is no host it waits.
 * - When another host takes over, every call that is not settled is asked again, in order, and listeners of
 *   `host` are told: what the tab shows may have missed events, and is read anew.
 * - Events of a host that was replaced are not looked at.
 */
import { fromTabError } from './tab-errors.js';
import type { ToHost, ToViews } from './tab-messages.js';
import type { TabChannel } from './tab-ports.js';

/** The tab closes its view, or too many calls wait for a host. */
export class ViewEndedError extends Error {
  override readonly name = 'ViewEndedError';
  constructor(readonly reason: 'closed' | 'too-many-waiting') {
    super(`the view of the client ended: ${reason}`);
  }
}

const maxWaiting = 1_000;

type Waiting = {
  readonly name: string;
  readonly params: unknown;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
};

/** What a tab is told. */
export type ViewListeners = {
  /** A host serves, from now on or for the first time that this tab hears of. */
  readonly host: () => void;
  readonly event: (event: unknown) => void;
  /** No tab can open the client at the moment. */
  readonly failed: (error: Error) => void;
};

/** Calls by name. */
export type Calls = {
  readonly [name: string]: { readonly params: unknown; readonly result: unknown };
};

/** Calls the hosted client, by the calls that it knows (`ClientCalls`). */
export class TabView<Known extends Calls> {
  private host: string | null = null;
  private isClosed = false;
  private readonly waiting = new Map<string, Waiting>();

  constructor(
    private readonly params: {
      readonly channel: TabChannel;
      readonly newId: () => string;
      readonly listeners: ViewListeners;
    },
  ) {
    params.channel.listen((message) => {
      if (isToViews(message) && !this.isClosed) this.receive(message);
    });
    this.post({ to: 'host', type: 'ask' });
  }

  /** Whether a tab hosts the client now, as far as this one knows. */
  get isHosted(): boolean {
    return this.host !== null;
  }

  /** @throws ViewEndedError, and what the call throws */
  call<Name extends keyof Known & string>(
    name: Name,
    params: Known[Name]['params'],
  ): Promise<Known[Name]['result']> {
    if (this.isClosed) return Promise.reject(new ViewEndedError('closed'));
    if (this.waiting.size >= maxWaiting) return Promise.reject(new ViewEndedError('too-many-waiting'));
    const call = this.params.newId();
    return new Promise((resolve, reject) => {
      this.waiting.set(call, { name, params, resolve, reject });
      this.ask(call);
    });
  }

  close(): void {
    this.isClosed = true;
    for (const { reject } of this.waiting.values()) reject(new ViewEndedError('closed'));
    this.waiting.clear();
    this.params.channel.close();
  }

  private receive(message: ToViews): void {
    const { listeners } = this.params;
    switch (message.type) {
      case 'host':
        return this.hosted(message.host);
      case 'failed':
        this.host = null;
        return listeners.failed(fromTabError(message.error));
      case 'answer':
        return this.answered(message);
      case 'event':
        if (message.host === this.host) listeners.event(message.event);
    }
  }

  private hosted(host: string): void {
    if (host === this.host) return;
    this.host = host;
    for (const call of this.waiting.keys()) this.ask(call);
    this.params.listeners.host();
  }

  private ask(call: string): void {
    const waiting = this.waiting.get(call);
    if (waiting === undefined || this.host === null) return;
    const { name, params } = waiting;
    this.post({ to: 'host', type: 'call', host: this.host, call, name, params });
  }

  private answered({ call, outcome }: Extract<ToViews, { type: 'answer' }>): void {
    const waiting = this.waiting.get(call);
    if (waiting === undefined) return;
    this.waiting.delete(call);
    if (outcome.kind === 'done') waiting.resolve(outcome.result);
    else waiting.reject(fromTabError(outcome.error));
  }

  private post(message: ToHost): void {
    this.params.channel.post(message);
  }
}

function isToViews(message: unknown): message is ToViews {
  return typeof message === 'object' && message !== null && 'to' in message && message.to === 'views';
}
