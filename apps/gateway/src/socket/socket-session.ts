/**
 * One socket's session, as a pure state machine: `step(state, event)` gives the next state and the effects to
 * carry out. Time comes with the events; nothing here touches a socket, NATS or a clock.
 *
 *     waiting ──authenticate──▶ checking ──valid──▶ ready ──▶ closed
 *
 * What holds:
 * 1. Before `ready` nothing is forwarded in either direction; what takes longer than 5 s is closed 4401.
 * 2. After `close` there are no more effects, whatever comes.
 * 3. Each `append` is answered once, with `appended` or a `problem`, or the socket is closed.
 * 4. Live frames are forwarded untouched and in order, or dropped; a session that dropped some sends `resync`
 *    as soon as its client has caught up. At most `limits.maxUnacknowledgedEnvelopes` are delivered and not
 *    acknowledged, and nothing is sent on top of a queue of more than `limits.maxSocketQueueBytes`.
 * 5. No delivery state: what a client misses here it fetches from the log.
 */
import { encodeServerFrame, limits, problem } from '@cipherchat/protocol';
import { bounds } from '../bounds.js';
import { answerAppend, receive } from './session-receive.js';
import { behind, forward, refused, resumed } from './session-live.js';
import {
  close,
  problemFrame,
  send,
  stay,
  type SessionEffect,
  type SessionEvent,
  type SessionSettings,
  type SessionState,
  type Step,
} from './session-state.js';

export function step(settings: SessionSettings, state: SessionState, event: SessionEvent): Step {
  if (state.phase === 'closed') return { state, effects: [] };
  switch (event.kind) {
    case 'frame':
      return receive(settings, state, event);
    case 'text':
      return close(state, 'malformed');
    case 'pong':
      return state.unansweredPings === 0 ? stay(state) : stay({ ...state, unansweredPings: 0 });
    case 'token-checked':
      return tokenChecked(settings, state, event);
    case 'appended':
      return answerAppend(state, event);
    case 'resumed':
      return resumed(state, event);
    case 'refused':
      return refused(state, event);
    case 'live':
      return forward(state, event);
    case 'behind':
      return behind(state, event.withinMs);
    case 'user-limited':
      return stay({ ...state, userLimitedUntilMs: event.untilMs });
    case 'clock':
      return lookAtClock(state, event);
    case 'drain':
      return drain(state, event);
    case 'replaced':
      return close(state, 'replaced');
    case 'revoked':
      return close(state, 'unauthenticated');
    case 'gone':
      return stay({ ...state, phase: 'closed' });
  }
}

function tokenChecked(
  settings: SessionSettings,
  state: SessionState,
  event: Extract<SessionEvent, { readonly kind: 'token-checked' }>,
): Step {
  const { check, generation, atMs } = event;
  switch (check.kind) {
    case 'valid':
      break;
    case 'invalid':
      return close(state, 'unauthenticated', {
        kind: 'send',
        frame: problemFrame(problem('auth/unauthenticated'), 0),
      });
    case 'device-revoked':
      return close(state, 'unauthenticated', {
        kind: 'send',
        frame: problemFrame(problem('auth/device-revoked'), 0),
      });
    case 'keys-unavailable':
      return unavailable(state);
  }
  const { caller, expiresAtMs } = check;
  const { caller: known } = state;
  // A renewed token is of the same device: a socket never changes hands.
  if (known !== null && (known.user !== caller.user || known.device !== caller.device)) {
    return close(state, 'unauthenticated', {
      kind: 'send',
      frame: problemFrame(problem('auth/unauthenticated'), 0),
    });
  }
  if (generation === null) return unavailable(state);
  const ready = encodeServerFrame({
    type: 'ready',
    gateway: settings.gateway,
    generation,
    serverTimeMs: atMs,
    heartbeatMs: limits.heartbeatMs,
    accessTokenExpiresAtMs: expiresAtMs,
  });
  const next: SessionState = {
    ...state,
    phase: 'ready',
    caller,
    tokenExpiresAtMs: expiresAtMs,
    isRenewing: false,
  };
  const enrol: readonly SessionEffect[] =
    known === null || known.session !== caller.session ? [{ kind: 'enrol', caller }] : [];
  return { state: next, effects: [...enrol, { kind: 'send', frame: ready }] };
}

/** Something that we need is away: the client comes back, perhaps to another gateway. A renewal can wait. */
function unavailable(state: SessionState): Step {
  const frame = problemFrame(problem('service/unavailable', { retryAfterMs: bounds.busyRetryMs }), 0);
  if (state.isRenewing) return send({ ...state, isRenewing: false }, frame);
  return close(state, 'draining', { kind: 'send', frame });
}

function lookAtClock(
  state: SessionState,
  { atMs, queuedBytes }: { readonly atMs: number; readonly queuedBytes: number },
): Step {
  if (queuedBytes > limits.maxSocketQueueBytes) return close(state, 'slowConsumer');
  if (atMs >= state.closeAtMs) return close(state, 'draining');
  const deadlineMs =
    state.caller === null ? state.openedAtMs + limits.authenticateWithinMs : state.tokenExpiresAtMs;
  if (atMs >= deadlineMs) return close(state, 'unauthenticated');
  if (atMs < state.nextPingAtMs) return stay(state);
  if (state.unansweredPings >= bounds.maxUnansweredPings) return close(state, 'heartbeatMissed');
  return {
    state: { ...state, nextPingAtMs: atMs + limits.heartbeatMs, unansweredPings: state.unansweredPings + 1 },
    effects: [{ kind: 'ping' }],
  };
}

function drain(
  state: SessionState,
  { withinMs, atMs }: { readonly withinMs: number; readonly atMs: number },
): Step {
  if (state.phase !== 'ready') return close(state, 'draining');
  return send(
    { ...state, closeAtMs: Math.min(state.closeAtMs, atMs + withinMs) },
    encodeServerFrame({ type: 'reconnect', withinMs }),
  );
}
