import {
  encodeServerFrame,
  subjects,
  type ConversationId,
  type ServerFrame,
  type UserId,
} from '@cipherchat/protocol';
import type { AnySpan, Tracing } from '@cipherchat/telemetry';

/** Publishes, in order and perhaps in vain: NATS may lose anything. A span goes on at the other end. */
export type Publish = (subject: string, payload: Uint8Array, span?: AnySpan) => void;

/** Of one message's deliveries, so many are recorded: a group of a thousand is not a trace of a thousand spans. */
const maxTracedUsers = 16;

/** Sends server frames to users: encoded once, forwarded untouched by the gateways. */
export class LivePublisher {
  constructor(
    private readonly publish: Publish,
    private readonly watch: {
      /** For whoever counts: a frame went to this many users. */
      readonly onTold?: (type: ServerFrame['type'], users: number) => void;
      readonly tracing?: Tracing;
    } = {},
  ) {}

  tell(users: Iterable<UserId>, frame: ServerFrame): void {
    const payload = encodeServerFrame(frame);
    let count = 0;
    for (const user of users) {
      this.publish(subjects.live(user), payload);
      count++;
    }
    this.watch.onTold?.(frame.type, count);
  }

  /** A message that is recorded: its delivery is a trace apart, so that none leads from the sender's socket to a receiver's. */
  tellTraced(params: {
    readonly users: readonly UserId[];
    readonly frame: ServerFrame;
    readonly hop: string;
  }): void {
    const { users, frame, hop } = params;
    const span = this.watch.tracing?.apart('message-store publish') ?? null;
    if (span === null) {
      this.tell(users, frame);
      return;
    }
    span.set({ 'cipherchat.hop': hop });
    const payload = encodeServerFrame(frame);
    for (const [index, user] of users.entries()) {
      if (index < maxTracedUsers) this.publish(subjects.live(user), payload, span);
      else this.publish(subjects.live(user), payload);
    }
    span.end();
    this.watch.onTold?.(frame.type, users.length);
  }

  /** Something stands at this place: fetch it. */
  announce(
    users: Iterable<UserId>,
    place: { readonly conversation: ConversationId; readonly seq: number; readonly sizeBytes: number },
  ): void {
    this.tell(users, { type: 'announce', ...place });
  }
}
