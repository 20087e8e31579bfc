/** The way up: what a client's frame does. */
import {
  decodeClientFrame,
  encodeServerFrame,
  isAppendFrame,
  limits,
  MalformedError,
  problem,
  type ClientFrame,
  type ProblemError,
} from '@cipherchat/protocol';
import type { CurrentDevice } from '@cipherchat/service-kit';
import { bounds } from '../bounds.js';
import { acknowledge, startResume } from './session-live.js';
import {
  close,
  problemFrame,
  send,
  stay,
  type AppendResult,
  type SessionSettings,
  type SessionState,
  type Step,
} from './session-state.js';
import { takeToken } from './token-bucket.js';

/** Code, request, conversation, envelope and commit seq of an `append`; the ciphertext follows. */
const appendHeaderBytes = 45;
const appendRequestOffset = 1;

export function receive(
  settings: SessionSettings,
  before: SessionState,
  { frame, atMs }: { readonly frame: Uint8Array; readonly atMs: number },
): Step {
  const { bucket: frames, waitMs } = takeToken(before.frames, settings.frames, atMs);
  if (waitMs > 0) return close(before, 'rateLimited');
  const state = { ...before, frames, unansweredPings: 0 };
  if (frame.length > limits.maxFrameBytes) return close(state, 'malformed');
  if (state.caller === null) return receiveFirst(state, frame);
  if (isAppendFrame(frame)) return receiveAppend(settings, state, { caller: state.caller, frame, atMs });
  const decoded = decodedOrNull(frame);
  if (decoded === null) return close(state, 'malformed');
  return receiveDecoded(settings, state, { caller: state.caller, frame: decoded, atMs });
}

function decodedOrNull(frame: Uint8Array): ClientFrame | null {
  try {
    return decodeClientFrame(frame);
  } catch (error) {
    if (error instanceof MalformedError) return null;
    throw error;
  }
}

/** Only `authenticate` may come before `ready`, and only once. */
function receiveFirst(state: SessionState, frame: Uint8Array): Step {
  const decoded = decodedOrNull(frame);
  if (decoded === null) return close(state, 'malformed');
  if (state.phase === 'waiting' && decoded.type === 'authenticate') {
    return {
      state: { ...state, phase: 'checking' },
      effects: [{ kind: 'check-token', token: decoded.token }],
    };
  }
  return close(state, 'unauthenticated', {
    kind: 'send',
    frame: problemFrame(problem('socket/authenticate-first'), 0),
  });
}

function receiveDecoded(
  settings: SessionSettings,
  state: SessionState,
  params: { readonly caller: CurrentDevice; readonly frame: ClientFrame; readonly atMs: number },
): Step {
  const { caller, frame, atMs } = params;
  switch (frame.type) {
    case 'authenticate':
      // A second renewal while one is checked would race with it; the client has one token at a time.
      if (state.isRenewing) return close(state, 'malformed');
      return {
        state: { ...state, isRenewing: true },
        effects: [{ kind: 'check-token', token: frame.token }],
      };
    case 'append':
      throw new RangeError('append frames are passed on unread');
    case 'acknowledge':
      return acknowledge(state, caller, frame.positions);
    case 'signal': {
      const { state: next, refusal } = takeSend(settings, state, atMs);
      if (refusal !== null) return send(next, problemFrame(refusal, 0));
      return { state: next, effects: [{ kind: 'signal', caller, signal: frame }] };
    }
    case 'resume': {
      const { state: next, refusal } = takeSend(settings, state, atMs);
      if (refusal !== null) return send(next, problemFrame(refusal, 0));
      if (next.resume !== 'none') return stay({ ...next, resume: 'again' });
      return startResume(next, caller);
    }
    case 'report': {
      if (atMs < state.nextReportAtMs) return stay(state);
      const nextReportAtMs = atMs + limits.failureReportIntervalMs - bounds.reportToleranceMs;
      return { state: { ...state, nextReportAtMs }, effects: [{ kind: 'report', failures: frame.failures }] };
    }
    case 'ping':
      return send(state, encodeServerFrame({ type: 'pong', nonce: frame.nonce }));
  }
}

function takeSend(
  settings: SessionSettings,
  state: SessionState,
  atMs: number,
): { readonly state: SessionState; readonly refusal: ProblemError | null } {
  const { bucket: sends, waitMs } = takeToken(state.sends, settings.sends, atMs);
  const retryAfterMs = Math.max(waitMs, state.userLimitedUntilMs - atMs);
  return {
    state: { ...state, sends },
    refusal: retryAfterMs > 0 ? problem('request/rate-limited', { retryAfterMs }) : null,
  };
}

function receiveAppend(
  settings: SessionSettings,
  before: SessionState,
  params: { readonly caller: CurrentDevice; readonly frame: Uint8Array; readonly atMs: number },
): Step {
  const { caller, frame, atMs } = params;
  if (frame.length < appendHeaderBytes) return close(before, 'malformed');
  const request = new DataView(frame.buffer, frame.byteOffset, frame.byteLength).getUint32(
    appendRequestOffset,
  );
  const { state, refusal } = takeSend(settings, before, atMs);
  if (refusal !== null) return send(state, problemFrame(refusal, request));
  if (state.unansweredAppends >= bounds.maxUnansweredAppends) {
    return send(
      state,
      problemFrame(problem('request/rate-limited', { retryAfterMs: bounds.busyRetryMs }), request),
    );
  }
  return {
    state: { ...state, unansweredAppends: state.unansweredAppends + 1 },
    effects: [{ kind: 'append', caller, request, frame }],
  };
}

export function answerAppend(
  before: SessionState,
  { request, result }: { readonly request: number; readonly result: AppendResult },
): Step {
  const state = { ...before, unansweredAppends: before.unansweredAppends - 1 };
  switch (result.outcome) {
    case 'accepted':
    case 'duplicate':
      return send(
        state,
        encodeServerFrame({ type: 'appended', request, seq: result.seq, atMs: result.atMs }),
      );
    case 'not-member':
      return send(state, problemFrame(problem('conversation/unknown'), request));
    case 'stale-commit':
      return send(
        state,
        problemFrame(problem('conversation/stale-commit', { lastCommitSeq: result.seq }), request),
      );
    case 'busy':
      return send(
        state,
        problemFrame(problem('service/unavailable', { retryAfterMs: result.atMs }), request),
      );
    case 'closed':
      return send(state, problemFrame(problem('conversation/closed'), request));
    case 'malformed':
      return close(state, 'malformed');
  }
}
