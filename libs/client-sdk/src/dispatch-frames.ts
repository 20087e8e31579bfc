/** Which part of the client each frame of the server is for. */
import type { ConversationId, MemberDevice, ServerFrame, UserId } from '@cipherchat/protocol';
import type { Inbox } from './inbox/inbox.js';
import type { Receipts } from './messages/receipts.js';
import type { Signals } from './messages/signals.js';
import type { Outbox } from './outbox/outbox.js';
import type { Comparisons } from './repair/comparisons.js';

type Parts = {
  readonly inbox: Inbox;
  readonly outbox: Outbox;
  readonly receipts: Receipts;
  readonly signals: Signals;
  readonly comparisons: Comparisons;
  readonly departing: (conversation: ConversationId, leaving: MemberDevice) => void;
  readonly manifestChanged: (user: UserId) => Promise<void>;
  /** Work that nobody waits for. */
  readonly inBackground: (during: string, work: () => Promise<void>) => void;
};

export function dispatchFrames(parts: Parts): (frame: ServerFrame) => void {
  const { inbox, outbox, receipts, signals, comparisons, departing, manifestChanged, inBackground } = parts;
  return (frame) => {
    switch (frame.type) {
      case 'deliver':
        return inbox.deliver(frame);
      case 'announce':
        return inbox.noteHead(frame.conversation, frame.seq);
      case 'pending':
        return inbox.notePending(frame);
      case 'appended':
      case 'problem':
        return outbox.answered(frame);
      case 'delivered':
        return receipts.noteDelivered(frame);
      case 'signal':
        return inBackground('signal', () => signals.receive(frame));
      case 'manifest':
        return inBackground('manifest', () => manifestChanged(frame.user));
      case 'compare':
        return comparisons.asked(frame);
      case 'departure':
        return departing(frame.conversation, { user: frame.user, device: frame.device });
      case 'ready':
      case 'live':
      case 'resync':
      case 'reconnect':
      case 'pong':
        // The connection's own.
        return;
    }
  };
}
