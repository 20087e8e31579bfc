/** The session alone: events in, effects out. */
import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  decodeServerFrame,
  encodeClientFrame,
  encodeServerFrame,
  limits,
  problem,
  type ClientFrame,
  type ConversationId,
  type DeviceId,
  type EnvelopeId,
  type ServerFrame,
  type SessionId,
  type UserId,
} from '@cipherchat/protocol';
import type { CurrentDevice } from '@cipherchat/service-kit';
import { bounds } from '../bounds.js';
import {
  openSession,
  type SessionEffect,
  type SessionEvent,
  type SessionSettings,
  type SessionState,
} from './session-state.js';
import { step } from './socket-session.js';

const id = <Id extends string>(number: number): Id =>
  `00000000-0000-4000-8000-${String(number).padStart(12, '0')}` as Id;
const caller: CurrentDevice = {
  user: id<UserId>(1),
  device: id<DeviceId>(2),
  session: id<SessionId>(3),
  role: 'member',
};
const conversation = id<ConversationId>(4);
const settings: SessionSettings = {
  gateway: 'here',
  sends: { perSecond: 10, burst: 400 },
  frames: { perSecond: 100, burst: 1_000 },
};
const startMs = 1_000_000;
const expiresAtMs = startMs + 600_000;

let state: SessionState;
let nowMs: number;

beforeEach(() => {
  nowMs = startMs;
  state = openSession(settings, nowMs);
});

function happen(event: SessionEvent): readonly SessionEffect[] {
  const next = step(settings, state, event);
  state = next.state;
  return next.effects;
}
const receive = (frame: ClientFrame): readonly SessionEffect[] =>
  happen({ kind: 'frame', frame: encodeClientFrame(frame), atMs: nowMs });
const live = (frame: ServerFrame, queuedBytes = 0): readonly SessionEffect[] =>
  happen({ kind: 'live', frame: encodeServerFrame(frame), queuedBytes });
const clock = (atMs: number, queuedBytes = 0): readonly SessionEffect[] =>
  happen({ kind: 'clock', atMs: (nowMs = atMs), queuedBytes });
const frames = (effects: readonly SessionEffect[]): readonly ServerFrame[] =>
  effects.flatMap((effect) => (effect.kind === 'send' ? [decodeServerFrame(effect.frame)] : []));
const closing = (effects: readonly SessionEffect[]): string | null =>
  effects.flatMap((effect) => (effect.kind === 'close' ? [effect.reason] : []))[0] ?? null;
const valid = (changes: Partial<CurrentDevice> = {}, untilMs = expiresAtMs): SessionEvent => ({
  kind: 'token-checked',
  check: { kind: 'valid', caller: { ...caller, ...changes }, expiresAtMs: untilMs },
  generation: 1,
  atMs: nowMs,
});
const deliver = (seq: number): ServerFrame => ({
  type: 'deliver',
  conversation,
  seq,
  envelope: id<EnvelopeId>(seq),
  atMs: 1,
  ciphertext: Uint8Array.of(1, 2, 3),
});
const append = (request = 1): ClientFrame => ({
  type: 'append',
  request,
  conversation,
  envelope: id<EnvelopeId>(9),
  commitSeq: 1,
  ciphertext: Uint8Array.of(1),
});

function makeReady(): void {
  receive({ type: 'authenticate', token: 'token' });
  happen(valid());
}

describe('a session before it is ready', () => {
  it('checks the token of its first frame, then enrols, then says that it is ready', () => {
    expect(receive({ type: 'authenticate', token: 'token' })).toEqual([
      { kind: 'check-token', token: 'token' },
    ]);
    const effects = happen(valid());
    expect(effects.map(({ kind }) => kind)).toEqual(['enrol', 'send']);
    expect(frames(effects)).toEqual([
      {
        type: 'ready',
        gateway: 'here',
        generation: 1,
        serverTimeMs: nowMs,
        heartbeatMs: limits.heartbeatMs,
        accessTokenExpiresAtMs: expiresAtMs,
      },
    ]);
  });

  it('is closed when the first frame is another, and when one comes while the token is checked', () => {
    for (const first of [append(), { type: 'ping', nonce: 1 }, { type: 'resume', generation: 1 }] as const) {
      state = openSession(settings, nowMs);
      const effects = receive(first);
      expect(frames(effects)).toMatchObject([{ type: 'problem', problem: 'socket/authenticate-first' }]);
      expect(closing(effects)).toBe('unauthenticated');
    }
    state = openSession(settings, nowMs);
    receive({ type: 'authenticate', token: 'token' });
    expect(closing(receive({ type: 'authenticate', token: 'token' }))).toBe('unauthenticated');
  });

  it('is closed when it does not authenticate within 5 s, also when the check takes that long', () => {
    expect(clock(startMs + limits.authenticateWithinMs - 1)).toEqual([]);
    receive({ type: 'authenticate', token: 'token' });
    expect(closing(clock(startMs + limits.authenticateWithinMs))).toBe('unauthenticated');
    expect(happen(valid())).toEqual([]);
  });

  it('is closed when the token is not valid, and asked to come back when that cannot be told', () => {
    for (const [kind, reason, code] of [
      ['invalid', 'unauthenticated', 'auth/unauthenticated'],
      ['device-revoked', 'unauthenticated', 'auth/device-revoked'],
      ['keys-unavailable', 'draining', 'service/unavailable'],
    ] as const) {
      state = openSession(settings, nowMs);
      receive({ type: 'authenticate', token: 'token' });
      const effects = happen({ kind: 'token-checked', check: { kind }, generation: 1, atMs: nowMs });
      expect([closing(effects), frames(effects)]).toEqual([
        reason,
        [expect.objectContaining({ problem: code })],
      ]);
    }
    state = openSession(settings, nowMs);
    receive({ type: 'authenticate', token: 'token' });
    const unknownGeneration = happen({
      ...(valid() as Extract<SessionEvent, { kind: 'token-checked' }>),
      generation: null,
    });
    expect([closing(unknownGeneration), unknownGeneration.some(({ kind }) => kind === 'enrol')]).toEqual([
      'draining',
      false,
    ]);
  });

  it('is given no live frames', () => {
    expect(live(deliver(1))).toEqual([]);
  });
});

describe('a session', () => {
  beforeEach(makeReady);

  it('is closed for what is malformed: text, unknown codes, wrong lengths, too much', () => {
    const wrong: readonly SessionEvent[] = [
      { kind: 'text' },
      ...[
        Uint8Array.of(),
        Uint8Array.of(0x7f),
        Uint8Array.of(0x06, 1),
        Uint8Array.of(2, 0, 0),
        new Uint8Array(limits.maxFrameBytes + 1).fill(2),
      ].map((frame) => ({ kind: 'frame', frame, atMs: nowMs }) as const),
    ];
    const before = state;
    for (const event of wrong) {
      state = before;
      expect(closing(happen(event))).toBe('malformed');
    }
  });

  it('does nothing more after it was closed', () => {
    expect(closing(happen({ kind: 'replaced' }))).toBe('replaced');
    for (const event of [
      { kind: 'revoked' },
      { kind: 'text' },
      { kind: 'behind', withinMs: 1 },
      { kind: 'drain', withinMs: 1, atMs: nowMs },
    ] as const)
      expect(happen(event)).toEqual([]);
    expect([receive(append()), live(deliver(1)), clock(expiresAtMs)]).toEqual([[], [], []]);
  });

  it('is closed when its token expires, unless it was renewed in time', () => {
    receive({ type: 'authenticate', token: 'next' });
    const renewed = happen(valid({}, expiresAtMs + 600_000));
    expect(renewed.map(({ kind }) => kind)).toEqual(['send']);
    expect(frames(renewed)).toMatchObject([{ type: 'ready', accessTokenExpiresAtMs: expiresAtMs + 600_000 }]);
    happen({ kind: 'pong' });
    expect(closing(clock(expiresAtMs))).toBeNull();
    happen({ kind: 'pong' });
    expect(closing(clock(expiresAtMs + 600_000))).toBe('unauthenticated');
  });

  it('enrols again when a renewed token is of another session of its device, and never changes hands', () => {
    receive({ type: 'authenticate', token: 'next' });
    expect(happen(valid({ session: id<SessionId>(33) })).map(({ kind }) => kind)).toEqual(['enrol', 'send']);
    for (const changes of [{ user: id<UserId>(11) }, { device: id<DeviceId>(22) }]) {
      const before = state;
      receive({ type: 'authenticate', token: 'next' });
      expect(closing(happen(valid(changes)))).toBe('unauthenticated');
      state = before;
    }
  });

  it('keeps a session whose renewal could not be checked, until it expires', () => {
    receive({ type: 'authenticate', token: 'next' });
    const effects = happen({
      kind: 'token-checked',
      check: { kind: 'keys-unavailable' },
      generation: 1,
      atMs: nowMs,
    });
    expect([closing(effects), frames(effects)]).toEqual([
      null,
      [expect.objectContaining({ problem: 'service/unavailable' })],
    ]);
    receive({ type: 'authenticate', token: 'next' });
    expect(frames(happen(valid()))).toMatchObject([{ type: 'ready' }]);
  });

  it('passes appends on untouched, and answers each by what the store said', () => {
    const frame = encodeClientFrame(append(7));
    const [effect] = happen({ kind: 'frame', frame, atMs: nowMs });
    expect(effect).toEqual({ kind: 'append', caller, request: 7, frame });
    expect(effect?.kind === 'append' && effect.frame).toBe(frame);
    const answers = [
      [
        { outcome: 'accepted', seq: 5, atMs: 6 },
        { type: 'appended', request: 7, seq: 5, atMs: 6 },
      ],
      [
        { outcome: 'duplicate', seq: 5, atMs: 6 },
        { type: 'appended', request: 7, seq: 5, atMs: 6 },
      ],
      [
        { outcome: 'not-member', seq: 0, atMs: 0 },
        { type: 'problem', request: 7, problem: 'conversation/unknown' },
      ],
      [
        { outcome: 'stale-commit', seq: 4, atMs: 0 },
        { type: 'problem', request: 7, problem: 'conversation/stale-commit', detail: '{"lastCommitSeq":4}' },
      ],
      [
        { outcome: 'busy', seq: 0, atMs: 900 },
        { type: 'problem', request: 7, problem: 'service/unavailable', retryAfterMs: 900 },
      ],
      [
        { outcome: 'closed', seq: 0, atMs: 0 },
        { type: 'problem', request: 7, problem: 'conversation/closed' },
      ],
    ] as const;
    for (const [result, expected] of answers)
      expect(frames(happen({ kind: 'appended', request: 7, result }))).toMatchObject([expected]);
    expect(
      closing(happen({ kind: 'appended', request: 7, result: { outcome: 'malformed', seq: 0, atMs: 0 } })),
    ).toBe('malformed');
  });

  it('takes so many unanswered appends, and more only after answers', () => {
    for (let request = 0; request < bounds.maxUnansweredAppends; request++)
      expect(receive(append(request))[0]?.kind).toBe('append');
    expect(frames(receive(append(999)))).toMatchObject([
      { type: 'problem', request: 999, problem: 'request/rate-limited' },
    ]);
    happen({ kind: 'appended', request: 0, result: { outcome: 'accepted', seq: 1, atMs: 1 } });
    expect(receive(append(999))[0]?.kind).toBe('append');
  });

  it('refuses what is sent too fast, with a time to wait, and takes it after that time', () => {
    for (let sent = 0; sent < settings.sends.burst; sent++) {
      receive(append());
      happen({ kind: 'appended', request: 1, result: { outcome: 'accepted', seq: 1, atMs: 1 } });
    }
    expect(frames(receive(append(5)))).toMatchObject([
      { type: 'problem', request: 5, problem: 'request/rate-limited', retryAfterMs: 100 },
    ]);
    expect(
      frames(receive({ type: 'signal', conversation, kind: 'momentary', ciphertext: Uint8Array.of(1) })),
    ).toMatchObject([{ problem: 'request/rate-limited' }]);
    expect(receive({ type: 'acknowledge', positions: [{ conversation, seq: 1 }] })).toHaveLength(1);
    nowMs += 100;
    expect(receive(append())[0]?.kind).toBe('append');
  });

  it('refuses sends while the devices of the user together send too much', () => {
    happen({ kind: 'user-limited', untilMs: nowMs + 500 });
    expect(frames(receive(append(5)))).toMatchObject([
      { request: 5, problem: 'request/rate-limited', retryAfterMs: 500 },
    ]);
    nowMs += 500;
    expect(receive(append())[0]?.kind).toBe('append');
  });

  it('is closed when it is flooded', () => {
    // `authenticate` was the first frame.
    for (let sent = 1; sent < settings.frames.burst; sent++)
      expect(closing(receive({ type: 'ping', nonce: sent }))).toBeNull();
    expect(closing(receive({ type: 'ping', nonce: 0 }))).toBe('rateLimited');
  });

  it('answers a ping with its nonce', () => {
    expect(frames(receive({ type: 'ping', nonce: 77 }))).toEqual([{ type: 'pong', nonce: 77 }]);
  });

  it('pings, is content with any sign of life, and is closed when two pings go unanswered', () => {
    const pingAt = (count: number): number => startMs + count * limits.heartbeatMs;
    expect(clock(pingAt(1) - 1)).toEqual([]);
    expect(clock(pingAt(1))).toEqual([{ kind: 'ping' }]);
    happen({ kind: 'pong' });
    expect(clock(pingAt(2))).toEqual([{ kind: 'ping' }]);
    receive({ type: 'ping', nonce: 1 });
    expect(clock(pingAt(3))).toEqual([{ kind: 'ping' }]);
    expect(clock(pingAt(4))).toEqual([{ kind: 'ping' }]);
    expect(closing(clock(pingAt(5)))).toBe('heartbeatMissed');
  });

  it('is closed when it reads too slowly, whether frames come or not', () => {
    const before = state;
    expect(closing(live(deliver(1), limits.maxSocketQueueBytes))).toBeNull();
    expect(closing(live(deliver(2), limits.maxSocketQueueBytes + 1))).toBe('slowConsumer');
    state = before;
    expect(closing(clock(nowMs, limits.maxSocketQueueBytes + 1))).toBe('slowConsumer');
  });

  it('forwards live frames untouched', () => {
    for (const frame of [
      deliver(2),
      { type: 'announce', conversation, seq: 3, sizeBytes: 1 },
      { type: 'departure', conversation, user: caller.user, device: caller.device },
    ] as const) {
      const encoded = encodeServerFrame(frame);
      const [effect] = happen({ kind: 'live', frame: encoded, queuedBytes: 0 });
      expect(effect?.kind === 'send' && effect.frame).toBe(encoded);
    }
  });

  it('stops delivering at 256 unacknowledged envelopes, and asks for a resync once half of them are acknowledged', () => {
    for (let seq = 1; seq <= limits.maxUnacknowledgedEnvelopes; seq++)
      expect(live(deliver(seq))).toHaveLength(1);
    expect([live(deliver(257)), live({ type: 'announce', conversation, seq: 258, sizeBytes: 1 })]).toEqual([
      [{ kind: 'fell-behind' }],
      [],
    ]);
    expect(
      live({ type: 'delivered', conversation, user: caller.user, device: caller.device, seq: 3 }),
    ).toHaveLength(1);
    const acknowledge = (seq: number): readonly SessionEffect[] =>
      receive({ type: 'acknowledge', positions: [{ conversation, seq }] });
    expect(acknowledge(127).map(({ kind }) => kind)).toEqual(['acknowledge']);
    expect(live(deliver(259))).toEqual([]);
    expect(acknowledge(128).slice(1)).toEqual([{ kind: 'resync', cause: 'behind', withinMs: 0 }]);
    expect(live(deliver(260))).toHaveLength(1);
  });

  it('counts a delivery once, and forgets the count with a resume', () => {
    for (let repeat = 0; repeat < 1_000; repeat++) expect(live(deliver(5))).toHaveLength(1);
    for (let seq = 6; seq <= 5 + limits.maxUnacknowledgedEnvelopes; seq++) live(deliver(seq));
    expect(live(deliver(500))).toEqual([]);
    receive({ type: 'resume', generation: 1 });
    expect(live(deliver(501))).toHaveLength(1);
  });

  it('answers a resume with all that is pending and then `live`, and one that came meanwhile with another', () => {
    expect(receive({ type: 'resume', generation: 1 })).toEqual([{ kind: 'resume', caller }]);
    expect([receive({ type: 'resume', generation: 1 }), receive({ type: 'resume', generation: 1 })]).toEqual([
      [],
      [],
    ]);
    const conversations = Array.from({ length: limits.maxPendingPerFrame + 1 }, (_, index) => ({
      conversation: id<ConversationId>(index),
      headSeq: 2,
      cursorSeq: 1,
    }));
    const effects = happen({ kind: 'resumed', conversations, atMs: 5 });
    const sent = frames(effects);
    expect(sent.map((frame) => (frame.type === 'pending' ? frame.conversations.length : frame.type))).toEqual(
      [limits.maxPendingPerFrame, 1, 'live'],
    );
    expect(effects.at(-1)).toEqual({ kind: 'resume', caller });
    const refused = happen({
      kind: 'refused',
      of: 'resume',
      problem: problem('service/unavailable', { retryAfterMs: 9 }),
    });
    expect([frames(refused), refused.length]).toEqual([
      [expect.objectContaining({ problem: 'service/unavailable', retryAfterMs: 9 })],
      1,
    ]);
    expect(receive({ type: 'resume', generation: 1 })).toEqual([{ kind: 'resume', caller }]);
  });

  it('says resync when live frames may have been lost', () => {
    expect(happen({ kind: 'behind', withinMs: 400 })).toEqual([
      { kind: 'resync', cause: 'nats-away', withinMs: 400 },
    ]);
  });

  it('takes what a device could not read once a minute, and says nothing to it', () => {
    const failures = [{ cause: 'not-authentic', count: 3 }] as const;
    const report = (): readonly SessionEffect[] => receive({ type: 'report', failures });
    expect(report()).toEqual([{ kind: 'report', failures }]);
    nowMs += limits.failureReportIntervalMs / 2;
    expect(report()).toEqual([]);
    nowMs += limits.failureReportIntervalMs / 2;
    expect(report()).toEqual([{ kind: 'report', failures }]);
  });

  it('is closed for a report with a cause that is none, or with more than there are', () => {
    const report = encodeClientFrame({ type: 'report', failures: [{ cause: 'rejoined', count: 1 }] });
    const unknown = Uint8Array.from(report);
    unknown[3] = 200;
    expect(closing(happen({ kind: 'frame', frame: unknown, atMs: nowMs }))).toBe('malformed');
  });

  it('asks its client to reconnect elsewhere when the gateway drains, and is closed when that time is over', () => {
    expect(frames(happen({ kind: 'drain', withinMs: 3_000, atMs: nowMs }))).toEqual([
      { type: 'reconnect', withinMs: 3_000 },
    ]);
    expect(receive(append())[0]?.kind).toBe('append');
    expect(clock(startMs + 2_999)).toEqual([]);
    expect(closing(clock(startMs + 3_000))).toBe('draining');
  });

  it('is closed when its device is revoked', () => {
    expect(closing(happen({ kind: 'revoked' }))).toBe('unauthenticated');
  });
});
