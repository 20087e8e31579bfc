import {
  encodeServerFrame,
  subjects,
  type ConversationId,
  type ServerFrame,
  type UserId,
} from '@cipherchat/protocol';

/** Publishes, in order and perhaps in vain: NATS may lose anything. */
export type Publish = (subject: string, payload: Uint8Array) => void;

/** Sends server frames to users: encoded once, forwarded untouched by the gateways. */
export class LivePublisher {
  constructor(private readonly publish: Publish) {}

  tell(users: Iterable<UserId>, frame: ServerFrame): void {
    const payload = encodeServerFrame(frame);
    for (const user of users) this.publish(subjects.live(user), payload);
  }

  /** Something stands at this place: fetch it. */
  announce(
    users: Iterable<UserId>,
    place: { readonly conversation: ConversationId; readonly seq: number; readonly sizeBytes: number },
  ): void {
    this.tell(users, { type: 'announce', ...place });
  }
}
