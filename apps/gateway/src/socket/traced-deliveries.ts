/**
 * The deliveries that are recorded, each from its arrival to the acknowledgement of one device. They are kept beside the
 * sessions, which know nothing of them, and bounded: what does not fit, or waits too long, is given up.
 */
import type { Position } from '@cipherchat/protocol';
import type { Span, Tracing } from '@cipherchat/telemetry';

type DeliverSpan = Span<'gateway deliver'>;
type Delivery = Position & { readonly span: DeliverSpan; readonly sinceMs: number };

export class TracedDeliveries<Socket> {
  private readonly open = new Map<Socket, Delivery[]>();
  private count = 0;

  constructor(
    private readonly tracing: Tracing,
    private readonly bounds: {
      readonly maxTracedDeliveries: number;
      readonly tracedDeliveryMs: number;
    },
  ) {}

  /** Null for a frame that is not recorded, or while too many are. */
  begin(traceparent: string | undefined): DeliverSpan | null {
    if (traceparent === undefined || this.count >= this.bounds.maxTracedDeliveries) return null;
    return this.tracing.continued('gateway deliver', traceparent);
  }

  /** It was put on the socket: now the device has to say something. */
  forwarded(socket: Socket, delivery: Delivery): void {
    const ofSocket = this.open.get(socket);
    if (ofSocket === undefined) this.open.set(socket, [delivery]);
    else ofSocket.push(delivery);
    this.count++;
  }

  /** The session was not ready for it, or has fallen behind. */
  dropped(span: DeliverSpan): void {
    end(span, 'dropped');
  }

  acknowledged(socket: Socket, positions: readonly Position[]): void {
    if (this.count === 0) return;
    this.endThose(socket, 'acknowledged', ({ conversation, seq }) =>
      positions.some((place) => place.conversation === conversation && place.seq >= seq),
    );
  }

  closed(socket: Socket): void {
    this.endThose(socket, 'closed', () => true);
  }

  /** Gives up what waits too long: whoever it is for fetches it when it can. */
  clock(nowMs: number): void {
    for (const socket of this.open.keys())
      this.endThose(socket, 'timed-out', ({ sinceMs }) => nowMs - sinceMs >= this.bounds.tracedDeliveryMs);
  }

  private endThose(socket: Socket, outcome: Outcome, isAmong: (delivery: Delivery) => boolean): void {
    const ofSocket = this.open.get(socket);
    if (ofSocket === undefined) return;
    const left = ofSocket.filter((delivery) => !isAmong(delivery));
    if (left.length === ofSocket.length) return;
    for (const delivery of ofSocket) if (isAmong(delivery)) end(delivery.span, outcome);
    this.count -= ofSocket.length - left.length;
    if (left.length === 0) this.open.delete(socket);
    else this.open.set(socket, left);
  }
}

type Outcome = 'acknowledged' | 'closed' | 'timed-out' | 'dropped';

function end(span: DeliverSpan, outcome: Outcome): void {
  span.set({ 'cipherchat.outcome': outcome });
  span.end();
}
