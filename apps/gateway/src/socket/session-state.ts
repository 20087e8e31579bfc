/** What a session knows, hears and does; the rules are in `socket-session.ts`. */
import {
  encodeServerFrame,
  limits,
  type AppendResults,
  type ClientFrame,
  type CloseReason,
  type ConversationId,
  type Position,
  type ProblemError,
} from '@cipherchat/protocol';
import type { CurrentDevice, TokenCheck } from '@cipherchat/service-kit';
import { fullBucket, type BucketRate, type TokenBucket } from './token-bucket.js';
import { nothingUnacknowledged, type Unacknowledged } from './unacknowledged.js';

export type AppendResult = AppendResults['results'][number];
export type SignalFrame = Extract<ClientFrame, { readonly type: 'signal' }>;
export type ReportFrame = Extract<ClientFrame, { readonly type: 'report' }>;
export type PendingConversation = {
  readonly conversation: ConversationId;
  readonly headSeq: number;
  readonly cursorSeq: number;
};

export type SessionSettings = {
  /** Names the gateway process in `ready`. */
  readonly gateway: string;
  /** What costs others something: appends, signals, resumes. Beyond it they are refused. */
  readonly sends: BucketRate;
  /** Every frame. Beyond it the socket is closed. */
  readonly frames: BucketRate;
};

export type SessionEvent =
  | { readonly kind: 'frame'; readonly frame: Uint8Array; readonly atMs: number }
  /** A text message: not of this protocol. */
  | { readonly kind: 'text' }
  | { readonly kind: 'pong' }
  /** `generation` is null while the store was never reached. */
  | {
      readonly kind: 'token-checked';
      readonly check: TokenCheck;
      readonly generation: number | null;
      readonly atMs: number;
    }
  | { readonly kind: 'appended'; readonly request: number; readonly result: AppendResult }
  | {
      readonly kind: 'resumed';
      readonly conversations: readonly PendingConversation[];
      readonly atMs: number;
    }
  /** A resume or signal was refused. */
  | { readonly kind: 'refused'; readonly problem: ProblemError; readonly of: 'resume' | 'signal' }
  | { readonly kind: 'live'; readonly frame: Uint8Array; readonly queuedBytes: number }
  /** Live frames may have been lost: NATS was away. */
  | { readonly kind: 'behind'; readonly withinMs: number }
  /** All devices of the user together send too much. */
  | { readonly kind: 'user-limited'; readonly untilMs: number }
  | { readonly kind: 'clock'; readonly atMs: number; readonly queuedBytes: number }
  | { readonly kind: 'drain'; readonly withinMs: number; readonly atMs: number }
  | { readonly kind: 'replaced' }
  | { readonly kind: 'revoked' }
  /** The connection is gone. */
  | { readonly kind: 'gone' };

export type ResyncCause = 'behind' | 'nats-away';

export type SessionEffect =
  | { readonly kind: 'send'; readonly frame: Uint8Array }
  /** Live frames are dropped from here on. */
  | { readonly kind: 'fell-behind' }
  /** Live frames were dropped, or may have been lost: the client is asked to look, within a time. */
  | { readonly kind: 'resync'; readonly cause: ResyncCause; readonly withinMs: number }
  | { readonly kind: 'ping' }
  | { readonly kind: 'check-token'; readonly token: string }
  /** From now on this socket is the device's, and gets its user's live frames. Comes before `ready` is sent. */
  | { readonly kind: 'enrol'; readonly caller: CurrentDevice }
  | {
      readonly kind: 'append';
      readonly caller: CurrentDevice;
      readonly request: number;
      readonly frame: Uint8Array;
    }
  | { readonly kind: 'acknowledge'; readonly caller: CurrentDevice; readonly positions: readonly Position[] }
  | { readonly kind: 'signal'; readonly caller: CurrentDevice; readonly signal: SignalFrame }
  | { readonly kind: 'resume'; readonly caller: CurrentDevice }
  /** A device tells how much it could not read; of which device is not passed on. */
  | { readonly kind: 'report'; readonly failures: ReportFrame['failures'] }
  | { readonly kind: 'close'; readonly reason: CloseReason };

export type SessionState = {
  readonly phase: 'waiting' | 'checking' | 'ready' | 'closed';
  readonly openedAtMs: number;
  /** Set once, with the first valid token. */
  readonly caller: CurrentDevice | null;
  readonly tokenExpiresAtMs: number;
  readonly isRenewing: boolean;
  readonly unacknowledged: Unacknowledged;
  /** `dropped`: live frames are not forwarded until the client has caught up. */
  readonly live: 'on' | 'dropped';
  readonly unansweredAppends: number;
  /** `again`: another resume was asked for while one was under way. */
  readonly resume: 'none' | 'running' | 'again';
  readonly nextPingAtMs: number;
  readonly unansweredPings: number;
  readonly sends: TokenBucket;
  readonly frames: TokenBucket;
  readonly userLimitedUntilMs: number;
  /** Reports before this time count nothing. */
  readonly nextReportAtMs: number;
  /** When the gateway drains: closed then, if the client has not gone by itself. */
  readonly closeAtMs: number;
};

export type Step = { readonly state: SessionState; readonly effects: readonly SessionEffect[] };

const noEffects: readonly SessionEffect[] = [];

export function openSession(settings: SessionSettings, atMs: number): SessionState {
  return {
    phase: 'waiting',
    openedAtMs: atMs,
    caller: null,
    tokenExpiresAtMs: 0,
    isRenewing: false,
    unacknowledged: nothingUnacknowledged,
    live: 'on',
    unansweredAppends: 0,
    resume: 'none',
    nextPingAtMs: atMs + limits.heartbeatMs,
    unansweredPings: 0,
    sends: fullBucket(settings.sends, atMs),
    frames: fullBucket(settings.frames, atMs),
    userLimitedUntilMs: 0,
    nextReportAtMs: 0,
    closeAtMs: Number.POSITIVE_INFINITY,
  };
}

export function stay(state: SessionState): Step {
  return { state, effects: noEffects };
}

export function send(state: SessionState, ...frames: readonly Uint8Array[]): Step {
  return { state, effects: frames.map((frame) => ({ kind: 'send', frame })) };
}

export function close(state: SessionState, reason: CloseReason, ...before: readonly SessionEffect[]): Step {
  return { state: { ...state, phase: 'closed' }, effects: [...before, { kind: 'close', reason }] };
}

export function problemFrame(error: ProblemError, request: number): Uint8Array {
  return encodeServerFrame({
    type: 'problem',
    request,
    problem: error.code,
    retryAfterMs: error.retryAfterMs,
    detail: JSON.stringify(error.data),
  });
}
