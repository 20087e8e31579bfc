/** Bodies of the NATS commands and events of `subjects.ts`. */
import { bytes, choice, id, list, record, text, u32, u53, type Infer } from './codec.js';
import { position, signalKind } from './frames.js';
import type { ConversationId, DeviceId, SessionId, UserId } from './ids.js';
import { limits } from './limits.js';

const user = id<UserId>('user id');
const device = id<DeviceId>('device id');
const conversation = id<ConversationId>('conversation id');

/** Who sent it, as the gateway read it from the access token; `frame` is the client's `append` frame, untouched. */
export const appendBatch = record({
  items: list(record({ user, device, frame: bytes({ lengthBytes: 4, maxBytes: limits.maxFrameBytes }) }), {
    maxItems: limits.maxAppendBatchItems,
  }),
});
export type AppendBatch = Infer<typeof appendBatch>;

export const appendOutcome = choice({
  accepted: 0,
  /** Seen before: `seq` and `atMs` are those of its first acceptance. Answered to the client like `accepted`. */
  duplicate: 1,
  'not-member': 2,
  /** `seq` is the last commit's. */
  'stale-commit': 3,
  /** The store's queue is full; `atMs` is how long to wait. */
  busy: 4,
  malformed: 5,
  /** After a restore, until a member re-anchors the group. */
  closed: 6,
});
/** One result for each item, in the order of the batch. */
export const appendResults = record({
  results: list(record({ outcome: appendOutcome, seq: u53, atMs: u53 }), {
    maxItems: limits.maxAppendBatchItems,
  }),
});
export type AppendResults = Infer<typeof appendResults>;

/** Cursors of many devices in one request, merged by the gateway since its last one. */
export const acknowledgeBatch = record({
  items: list(
    record({ user, device, positions: list(position, { maxItems: limits.maxAcknowledgePositions }) }),
    {
      maxItems: limits.maxAcknowledgeBatchItems,
    },
  ),
});
export type AcknowledgeBatch = Infer<typeof acknowledgeBatch>;
export const signalCommand = record({
  user,
  device,
  conversation,
  kind: signalKind,
  ciphertext: bytes({ lengthBytes: 2, maxBytes: limits.maxSignalBytes }),
});
/** Commands without data answer with this; a refusal names a problem code of `errors.ts`. */
export const commandResult = record({
  /** Empty when it was done. */
  problem: text({ maxBytes: 64 }),
  retryAfterMs: u32,
  /** The JSON of the code's data, as in the `problem` frame; empty when it was done. */
  detail: text({ maxBytes: 1024 }),
});

/** Gateways ask at their start and now and then, since `ready` names the generation. */
export const generationQuery = record({});
export const generationResult = record({ generation: u32 });

export const resumeCommand = record({ user, device });
export const resumeResult = record({
  generation: u32,
  /** Newest first. The store gives at most this many; a client that has drained them asks again. */
  conversations: list(record({ conversation, headSeq: u53, cursorSeq: u53 }), {
    maxItems: 16_384,
  }),
});

/** Those with a greater order than `after` that are not older than `sinceMs` (0: all), ascending. */
export const revocationsQuery = record({ after: u53, sinceMs: u53 });
export const revocationKind = choice({
  /** The device may never again do anything: its sockets close, its conversations remove it. `session` is all zeros. */
  device: 0,
  /** Only tokens and sockets of this session end (sign-out, reuse of a refresh token, disabled user); the device stays a member. */
  session: 1,
});
/** `order` grows with each, without gaps in what is answered, and never repeats. */
export const revocation = record({
  order: u53,
  kind: revocationKind,
  user,
  device,
  session: id<SessionId>('session id'),
  atMs: u53,
});
export const revocationsResult = record({ revocations: list(revocation, { maxItems: 1000 }) });
export type Revocation = Infer<typeof revocation>;

/** auth → key-directory. The manifest is checked again there. */
export const registerIdentity = record({
  user,
  username: text({ maxBytes: limits.maxUsernameLength }),
  manifest: bytes({ lengthBytes: 4, maxBytes: limits.maxManifestBytes }),
});
export const publishManifest = record({
  user,
  manifest: bytes({ lengthBytes: 4, maxBytes: limits.maxManifestBytes }),
});
export const eraseIdentity = record({ user });

/** `socket` is random; `atMs` is when it was accepted. The socket with the greater (atMs, socket) stays. */
export const deviceConnected = record({ socket: text({ maxBytes: 64 }), atMs: u53 });
