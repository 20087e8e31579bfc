/** The way down: live frames, resume, and what a client is told when it missed something. */
import { encodeServerFrame, limits, serverFrames, type Position } from '@cipherchat/protocol';
import type { CurrentDevice } from '@cipherchat/service-kit';
import { placeOf } from './deliver-frame.js';
import {
  close,
  problemFrame,
  send,
  stay,
  type PendingConversation,
  type SessionEffect,
  type SessionEvent,
  type SessionState,
  type Step,
} from './session-state.js';
import { acknowledged, delivered, nothingUnacknowledged } from './unacknowledged.js';

const caughtUp = limits.maxUnacknowledgedEnvelopes / 2;

export function forward(
  state: SessionState,
  { frame, queuedBytes }: { readonly frame: Uint8Array; readonly queuedBytes: number },
): Step {
  if (state.phase !== 'ready') return stay(state);
  if (queuedBytes > limits.maxSocketQueueBytes) return close(state, 'slowConsumer');
  switch (frame[0]) {
    case serverFrames.deliver.code: {
      if (state.live === 'dropped') return stay(state);
      const unacknowledged = delivered(state.unacknowledged, placeOf(frame));
      if (unacknowledged.count > limits.maxUnacknowledgedEnvelopes)
        return { state: { ...state, live: 'dropped' }, effects: [{ kind: 'fell-behind' }] };
      return send({ ...state, unacknowledged }, frame);
    }
    case serverFrames.announce.code:
      return state.live === 'dropped' ? stay(state) : send(state, frame);
    default:
      return send(state, frame);
  }
}

/** NATS was away: whatever the client has, it must look for more. */
export function behind(state: SessionState, withinMs: number): Step {
  if (state.phase !== 'ready') return stay(state);
  return { state: caughtUpNow(state), effects: [{ kind: 'resync', cause: 'nats-away', withinMs }] };
}

export function acknowledge(
  state: SessionState,
  caller: CurrentDevice,
  positions: readonly Position[],
): Step {
  const unacknowledged = acknowledged(state.unacknowledged, positions);
  const effects: readonly SessionEffect[] =
    positions.length === 0 ? [] : [{ kind: 'acknowledge', caller, positions }];
  if (state.live === 'on' || unacknowledged.count > caughtUp)
    return { state: { ...state, unacknowledged }, effects };
  return {
    state: caughtUpNow(state),
    effects: [...effects, { kind: 'resync', cause: 'behind', withinMs: 0 }],
  };
}

/** From here on the client fetches what it lacks: what was delivered before counts no more. */
export function startResume(state: SessionState, caller: CurrentDevice): Step {
  return { state: { ...caughtUpNow(state), resume: 'running' }, effects: [{ kind: 'resume', caller }] };
}

function caughtUpNow(state: SessionState): SessionState {
  return { ...state, unacknowledged: nothingUnacknowledged, live: 'on' };
}

export function resumed(
  before: SessionState,
  { conversations, atMs }: { readonly conversations: readonly PendingConversation[]; readonly atMs: number },
): Step {
  const frames: Uint8Array[] = [];
  for (let start = 0; start < conversations.length; start += limits.maxPendingPerFrame) {
    frames.push(
      encodeServerFrame({
        type: 'pending',
        conversations: conversations.slice(start, start + limits.maxPendingPerFrame),
      }),
    );
  }
  return afterResume(before, [...frames, encodeServerFrame({ type: 'live', serverTimeMs: atMs })]);
}

export function refused(
  state: SessionState,
  event: Extract<SessionEvent, { readonly kind: 'refused' }>,
): Step {
  const frame = problemFrame(event.problem, 0);
  return event.of === 'resume' ? afterResume(state, [frame]) : send(state, frame);
}

function afterResume(before: SessionState, frames: readonly Uint8Array[]): Step {
  const answered = send({ ...before, resume: 'none' }, ...frames);
  if (before.resume !== 'again' || before.caller === null) return answered;
  const { state, effects } = startResume(answered.state, before.caller);
  return { state, effects: [...answered.effects, ...effects] };
}
