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
  constructor(
    private readonly publish: Publish,
    /** For whoever counts: a frame went to this many users. */
    private readonly onTold: (type: ServerFrame['type'], users: number) => void = () => {},
  ) {}

  tell(users: Iterable<UserId>, frame: ServerFrame): void {
    const payload = encodeServerFrame(frame);
    let count = 0;
    for (const user of users) {
      this.publish(subjects.live(user), payload);
      count++;
    }
    this.onTold(frame.type, count);
  }

  /** Something stands at this place: fetch it. */
  announce(
    users: Iterable<UserId>,
    place: { readonly conversation: ConversationId; readonly seq: number; readonly sizeBytes: number },
  ): void {
    this.tell(users, { type: 'announce', ...place });
  }
}
