/** Requests on the socket that await an answer: `append` out, `appended` or `problem` back. `appended` is the delivery, too. */
import { problemFrom, type ClientFrame, type ProblemError, type ServerFrame } from '@cipherchat/protocol';
import type { CancelTimer, Clock } from '../ports/clock.js';

export type AppendAnswer =
  | { readonly kind: 'appended'; readonly seq: number; readonly atMs: number }
  | { readonly kind: 'refused'; readonly problem: ProblemError; readonly retryAfterMs: number }
  /** The socket went, or nobody answered in time: whether it was stored is not known. */
  | { readonly kind: 'unanswered' };

/** A busy store answers within its queue's bound; past this the answer was lost. */
const answerWithinMs = 15_000;
const maxRequest = 0xffff_ffff;

type Append = Omit<Extract<ClientFrame, { type: 'append' }>, 'type' | 'request'>;
type Deliver = Extract<ServerFrame, { type: 'deliver' }>;
type Waiting = {
  readonly append: Append;
  readonly settle: (answer: AppendAnswer) => void;
  readonly cancel: CancelTimer;
};

export class Exchange {
  private readonly waiting = new Map<number, Waiting>();
  /** 0 is the connection's own. */
  private lastRequest = 0;

  constructor(
    private readonly ports: {
      readonly clock: Clock;
      readonly send: (frame: ClientFrame) => boolean;
      /** An envelope of ours has its place in the log. */
      readonly deliver: (frame: Deliver) => void;
    },
  ) {}

  append(append: Append): Promise<AppendAnswer> {
    const request = (this.lastRequest = (this.lastRequest % maxRequest) + 1);
    if (!this.ports.send({ type: 'append', request, ...append }))
      return Promise.resolve({ kind: 'unanswered' });
    return new Promise((resolve) => {
      const settle = (answer: AppendAnswer): void => {
        this.waiting.delete(request);
        cancel();
        resolve(answer);
      };
      const cancel = this.ports.clock.setTimer(() => settle({ kind: 'unanswered' }), answerWithinMs);
      this.waiting.set(request, { append, settle, cancel });
    });
  }

  answered(frame: Extract<ServerFrame, { type: 'appended' | 'problem' }>): void {
    const waiting = this.waiting.get(frame.request);
    if (waiting === undefined) return;
    if (frame.type === 'appended') {
      const { seq, atMs } = frame;
      const { conversation, envelope, ciphertext } = waiting.append;
      // At once, in line with what others' frames say: a place that is told late looks like a gap.
      this.ports.deliver({ type: 'deliver', conversation, seq, envelope, atMs, ciphertext });
      return waiting.settle({ kind: 'appended', seq, atMs });
    }
    waiting.settle({
      kind: 'refused',
      problem: problemFrom(frame.problem, parseDetail(frame.detail)),
      retryAfterMs: frame.retryAfterMs,
    });
  }

  /** The socket is gone: nothing that was sent on it will be answered. */
  disconnected(): void {
    for (const waiting of [...this.waiting.values()]) waiting.settle({ kind: 'unanswered' });
  }
}

function parseDetail(detail: string): unknown {
  try {
    return JSON.parse(detail) as unknown;
  } catch {
    // No data; the code's own schema then judges.
    return {};
  }
}
