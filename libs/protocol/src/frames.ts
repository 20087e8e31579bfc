/**
 * Everything that travels on the socket `/v1/socket` (subprotocol `cipherchat.v1`). A frame is one
 * binary WebSocket message: one byte that names it, then its fields.
 *
 * A session: the client sends `authenticate` within 5 s and gets `ready`; it sends `resume` and gets
 * `pending` (newest conversation first, perhaps several frames, perhaps none) and then `live`. It
 * fetches pages of what is pending over HTTP. From `ready` on it also receives `deliver` and
 * `announce`, which are hints that may be lost, repeated or reordered: the log is the truth.
 */
import {
  bytes,
  choice,
  decode,
  encode,
  id,
  list,
  MalformedError,
  record,
  rest,
  text,
  u32,
  u53,
  type Infer,
  type Schema,
} from './codec.js';
import type { ConversationId, DeviceId, EnvelopeId, UserId } from './ids.js';
import { limits } from './limits.js';

export const socketPath = '/v1/socket';
export const subprotocol = 'cipherchat.v1';

const conversation = id<ConversationId>('conversation id');
const envelope = id<EnvelopeId>('envelope id');
const user = id<UserId>('user id');
const device = id<DeviceId>('device id');

/** A place in a conversation's log. */
export const position = record({ conversation, seq: u53 });
export type Position = Infer<typeof position>;

/**
 * `read` is stored, the latest per device; `momentary` never is. What it says is encrypted, and also of what sort it is:
 * that somebody types and that they are there look alike.
 */
export const signalKind = choice({ read: 1, momentary: 2 });
export type SignalKind = Infer<typeof signalKind>;

/**
 * Why a device could not read something, as it tells the operators: of all that may go wrong, what is nobody's wish.
 * `keys-gone`: encrypted under keys that it does not hold (any more). `not-authentic`: it does not decrypt.
 * `malformed`: it decrypted to nothing that can be read. `own-lost`: its own, of which it lost the plaintext.
 * `sender-not-verified`: of a device that its account does not name. `cannot-join`: a welcome that does not open.
 * `messages-missing`: a sender's counter jumped. `rejoined`: what came before it was a member again.
 */
export const failureCauses = {
  'keys-gone': 0,
  'not-authentic': 1,
  malformed: 2,
  'own-lost': 3,
  'sender-not-verified': 4,
  'cannot-join': 5,
  'messages-missing': 6,
  rejoined: 7,
} as const;
export type FailureCause = keyof typeof failureCauses;

/** What a client may send. `request` numbers are the client's own; an answer or a problem repeats them. */
export const clientFrames = {
  /** First frame, and again in-band before the token expires. */
  authenticate: { code: 0x01, body: record({ token: text({ maxBytes: limits.maxAccessTokenBytes }) }) },
  /**
   * One application message. `commitSeq` is the seq of the last commit its sender had processed.
   * Resent byte for byte, with the same envelope id, until it is answered.
   */
  append: {
    code: 0x02,
    body: record({
      request: u32,
      conversation,
      envelope,
      commitSeq: u53,
      ciphertext: rest({ maxBytes: limits.maxEnvelopeBytes }),
    }),
  },
  /** This device has durably stored everything up to these places. Cumulative. */
  acknowledge: {
    code: 0x03,
    body: record({ positions: list(position, { maxItems: limits.maxAcknowledgePositions }) }),
  },
  /** Passed on to all members, this device among them: by that it knows that a `read` is stored. Else it may be sent again. */
  signal: {
    code: 0x04,
    body: record({
      conversation,
      kind: signalKind,
      ciphertext: bytes({ lengthBytes: 2, maxBytes: limits.maxSignalBytes }),
    }),
  },
  /** Ask what lies past this device's cursors: at the start, after `resync`, and to compare heads now and then. */
  resume: { code: 0x05, body: record({ generation: u32 }) },
  /** Browsers cannot send WebSocket pings; a client that hears nothing sends this. */
  ping: { code: 0x06, body: record({ nonce: u32 }) },
  /**
   * How much this device could not read since its last report, by cause, and nothing of where, when or of whom. A
   * gateway adds it to its metrics, and keeps and answers nothing. One within `limits.failureReportIntervalMs` of
   * another counts nothing, and no more than `limits.maxReportedFailures` of a cause do.
   */
  report: {
    code: 0x07,
    body: record({
      failures: list(record({ cause: choice(failureCauses), count: u32 }), {
        maxItems: limits.maxReportedCauses,
      }),
    }),
  },
} as const;

/** What a server may send. */
export const serverFrames = {
  /** Answers `authenticate`, the first and each renewal. */
  ready: {
    code: 0x81,
    body: record({
      /** Names the gateway process, for support and tests. */
      gateway: text({ maxBytes: 64 }),
      /** Counts restores from backup; a position is (generation, seq). */
      generation: u32,
      serverTimeMs: u53,
      heartbeatMs: u32,
      accessTokenExpiresAtMs: u53,
    }),
  },
  /**
   * Sent: the envelope is durable at this place. A resend gets its first answer again. It is the delivery, too: the socket
   * that sent an envelope gets no `deliver` of it, but this, in line with those of other envelopes.
   */
  appended: { code: 0x82, body: record({ request: u32, seq: u53, atMs: u53 }) },
  /** An application message, live. Its bytes are made once by the store and forwarded untouched. */
  deliver: {
    code: 0x83,
    body: record({
      conversation,
      seq: u53,
      envelope,
      atMs: u53,
      ciphertext: rest({ maxBytes: limits.maxEnvelopeBytes }),
    }),
  },
  /** A commit, or anything else that is fetched rather than pushed (also a resent message that was stored before), stands at this place. */
  announce: { code: 0x84, body: record({ conversation, seq: u53, sizeBytes: u32 }) },
  /** Conversations whose head lies past this device's cursor, newest first. */
  pending: {
    code: 0x85,
    body: record({
      conversations: list(record({ conversation, headSeq: u53, cursorSeq: u53 }), {
        maxItems: limits.maxPendingPerFrame,
      }),
    }),
  },
  /** All `pending` of this `resume` were sent, and live delivery has begun before they were read. */
  live: { code: 0x86, body: record({ serverTimeMs: u53 }) },
  /** A device of another member has durably stored everything up to this place. */
  delivered: { code: 0x87, body: record({ conversation, user, device, seq: u53 }) },
  signal: {
    code: 0x88,
    body: record({
      conversation,
      user,
      device,
      kind: signalKind,
      ciphertext: bytes({ lengthBytes: 2, maxBytes: limits.maxSignalBytes }),
    }),
  },
  /** `request` 0 concerns the connection. `detail` is the JSON of the code's data, see `errors.ts`. */
  problem: {
    code: 0x89,
    body: record({
      request: u32,
      problem: text({ maxBytes: 64 }),
      retryAfterMs: u32,
      detail: text({ maxBytes: 1024 }),
    }),
  },
  /** Live frames may have been lost: send `resume`. */
  resync: { code: 0x8a, body: record({ withinMs: u32 }) },
  /** The gateway drains: open a new socket within this time, then this one is closed with 1012. */
  reconnect: { code: 0x8b, body: record({ withinMs: u32 }) },
  pong: { code: 0x8c, body: record({ nonce: u32 }) },
  /** A newer manifest of this user is in the key directory. */
  manifest: { code: 0x8d, body: record({ user, version: u32 }) },
  /** A device of the conversation was revoked or is leaving: members commit its Remove. */
  departure: { code: 0x8e, body: record({ conversation, user, device }) },
  /** A device of this user doubts its group state: members who have processed that commit state theirs (`conversationRoutes.compare`). */
  compare: { code: 0x8f, body: record({ conversation, user, commitSeq: u53 }) },
} as const;

type FrameTable = Record<string, { readonly code: number; readonly body: Schema<never> }>;
type FrameOf<Table> = {
  [K in keyof Table & string]: { readonly type: K } & (Table[K] extends { readonly body: Schema<infer Body> }
    ? Body
    : never);
}[keyof Table & string];

export type ClientFrame = FrameOf<typeof clientFrames>;
export type ServerFrame = FrameOf<typeof serverFrames>;

export const encodeClientFrame = encoder<ClientFrame>(clientFrames as unknown as FrameTable);
export const encodeServerFrame = encoder<ServerFrame>(serverFrames as unknown as FrameTable);
/** @throws MalformedError */
export const decodeClientFrame = decoder<ClientFrame>(clientFrames as unknown as FrameTable);
/** @throws MalformedError */
export const decodeServerFrame = decoder<ServerFrame>(serverFrames as unknown as FrameTable);

function encoder<Frame extends { readonly type: string }>(
  table: FrameTable,
): (frame: Frame) => Uint8Array<ArrayBuffer> {
  const schemas = new Map(Object.entries(table).map(([type, entry]) => [type, framed(entry)]));
  return (frame) => {
    const schema = schemas.get(frame.type);
    if (schema === undefined) throw new RangeError('not a frame');
    const encoded = encode(schema, frame);
    if (encoded.length > limits.maxFrameBytes)
      throw new RangeError(`frame of more than ${limits.maxFrameBytes} bytes`);
    return encoded;
  };
}

/** The code byte and the body as one schema, so that encoding is one pass. Its shape is the body's. */
function framed(entry: FrameTable[string]): Schema<unknown> {
  return {
    write: (writer, value) => {
      writer.u8(entry.code);
      entry.body.write(writer, value as never);
    },
    read: (reader) => {
      reader.u8();
      return entry.body.read(reader);
    },
    shape: entry.body.shape,
  };
}

function decoder<Frame>(table: FrameTable): (input: Uint8Array) => Frame {
  const byCode = new Map(
    Object.entries(table).map(([type, entry]) => [entry.code, { type, schema: framed(entry) }]),
  );
  return (input) => {
    if (input.length > limits.maxFrameBytes) throw new MalformedError('frame length');
    const entry = byCode.get(input[0] ?? -1);
    if (entry === undefined) throw new MalformedError('frame code');
    return { type: entry.type, ...(decode(entry.schema, input) as object) } as Frame;
  };
}

/** The code byte alone: what a gateway looks at before it passes an `append` on untouched. */
export function isAppendFrame(input: Uint8Array): boolean {
  return input[0] === clientFrames.append.code;
}
