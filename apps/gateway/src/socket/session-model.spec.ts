/**
 * The rules of `socket-session.ts` over random histories: a small model says what must hold after each event, whatever
 * order, repetition or delay a client, the store and the clock come up with.
 */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  decodeServerFrame,
  encodeClientFrame,
  encodeServerFrame,
  limits,
  type ConversationId,
  type DeviceId,
  type EnvelopeId,
  type SessionId,
  type UserId,
} from '@cipherchat/protocol';
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
const settings: SessionSettings = {
  gateway: 'here',
  sends: { perSecond: 50, burst: 300 },
  frames: { perSecond: 20, burst: 500 },
};
const caller = {
  user: id<UserId>(1),
  device: id<DeviceId>(2),
  session: id<SessionId>(3),
  role: 'member',
} as const;
const conversationOf = (index: number): ConversationId => id<ConversationId>(100 + index);

type Move =
  | { readonly kind: 'pass'; readonly ms: number }
  | { readonly kind: 'authenticate' }
  | { readonly kind: 'check'; readonly result: 'valid' | 'invalid' | 'keys-unavailable' }
  | { readonly kind: 'append'; readonly count: number }
  | { readonly kind: 'answer'; readonly count: number }
  | { readonly kind: 'deliver'; readonly conversation: number; readonly count: number; readonly skip: number }
  | { readonly kind: 'acknowledge'; readonly conversation: number; readonly behind: number }
  | {
      readonly kind:
        | 'resume'
        | 'resumed'
        | 'report'
        | 'behind'
        | 'pong'
        | 'drain'
        | 'silence'
        | 'flood'
        | 'garbage'
        | 'gone';
    };

const often = { weight: 24 };
const move: fc.Arbitrary<Move> = fc.oneof(
  {
    ...often,
    arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 20_000 }) }),
  },
  {
    ...often,
    arbitrary: fc.record({
      kind: fc.constant('deliver' as const),
      conversation: fc.nat(2),
      count: fc.integer({ min: 1, max: 120 }),
      skip: fc.constantFrom(0, 0, 0, 1, 40),
    }),
  },
  {
    ...often,
    arbitrary: fc.record({
      kind: fc.constant('acknowledge' as const),
      conversation: fc.nat(2),
      behind: fc.constantFrom(0, 0, 1, 10, 200),
    }),
  },
  {
    ...often,
    arbitrary: fc.record({ kind: fc.constant('append' as const), count: fc.integer({ min: 1, max: 120 }) }),
  },
  {
    ...often,
    arbitrary: fc.record({ kind: fc.constant('answer' as const), count: fc.integer({ min: 1, max: 200 }) }),
  },
  {
    weight: 12,
    arbitrary: fc
      .constantFrom('resume' as const, 'resumed' as const, 'pong' as const)
      .map((kind) => ({ kind })),
  },
  {
    weight: 8,
    arbitrary: fc.constantFrom('authenticate' as const, 'behind' as const).map((kind) => ({ kind })),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('check' as const),
      result: fc.constantFrom('valid' as const, 'valid' as const, 'keys-unavailable' as const),
    }),
  },
  { weight: 4, arbitrary: fc.constant<Move>({ kind: 'report' }) },
  { weight: 2, arbitrary: fc.constantFrom<Move>({ kind: 'silence' }, { kind: 'flood' }) },
  // A drained session lives on for a while, in which most end of something else: with less, some surveys see none end.
  { weight: 3, arbitrary: fc.constant<Move>({ kind: 'drain' }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Move>(
      { kind: 'garbage' },
      { kind: 'gone' },
      { kind: 'check', result: 'invalid' },
    ),
  },
);

/** What the model remembers of a history; the session's own state is not looked at. */
class Model {
  nowMs = 1_000_000;
  readonly openedAtMs = this.nowMs;
  phase: 'waiting' | 'checking' | 'ready' | 'closed' = 'waiting';
  isRenewing = false;
  nextRequest = 1;
  readonly unanswered: number[] = [];
  readonly heads = [0, 0, 0];
  /** By conversation: the first and last place that were given out and not acknowledged. */
  readonly given = new Map<number, { from: number; to: number }>();
  hasDropped = false;
  resumesUnderWay = 0;
  resumeWaits = false;
  nextReportAtMs = 0;
  private state: SessionState = openSession(settings, this.nowMs);
  readonly closeReasons: string[] = [];

  event(event: SessionEvent): readonly SessionEffect[] {
    const wasClosed = this.phase === 'closed';
    const { state, effects } = step(settings, this.state, event);
    this.state = state;
    must(!wasClosed || effects.length === 0, 'nothing after the close');
    for (const [index, effect] of effects.entries()) {
      if (effect.kind !== 'close') continue;
      expect(index).toBe(effects.length - 1);
      this.phase = 'closed';
      this.closeReasons.push(effect.reason);
    }
    return effects;
  }

  get outstanding(): number {
    return [...this.given.values()].reduce((sum, { from, to }) => sum + to - from + 1, 0);
  }
}

/** As `expect`, for what is said a million times: that one costs more than all the rest. */
function must(holds: boolean, what: string): void {
  if (!holds) throw new Error(`did not hold: ${what}`);
}

const sent = (effects: readonly SessionEffect[]) =>
  effects.flatMap((effect) => (effect.kind === 'send' ? [decodeServerFrame(effect.frame)] : []));

function run(model: Model, next: Move): void {
  switch (next.kind) {
    case 'pass':
      passTime(model, next.ms);
      return;
    case 'authenticate': {
      const before = model.phase;
      const effects = model.event({
        kind: 'frame',
        frame: encodeClientFrame({ type: 'authenticate', token: 'token' }),
        atMs: model.nowMs,
      });
      if (before === 'waiting') model.phase = 'checking';
      else if (before === 'checking') expect(model.closeReasons).toEqual(['unauthenticated']);
      else if (before === 'ready')
        expect(effects.map(({ kind }) => kind)).toEqual([model.isRenewing ? 'close' : 'check-token']);
      if (before === 'ready') model.isRenewing = true;
      return;
    }
    case 'check':
      check(model, next.result);
      return;
    case 'append':
      for (let count = 0; count < next.count; count++) appendOne(model);
      return;
    case 'answer':
      for (let count = 0; count < next.count; count++) answerOne(model);
      return;
    case 'deliver':
      for (let count = 0; count < next.count; count++)
        deliverOne(model, next.conversation, count === 0 ? next.skip : 0);
      return;
    case 'acknowledge':
      acknowledge(model, next);
      return;
    case 'resume':
      resume(model);
      return;
    case 'resumed':
      resumed(model);
      return;
    case 'report':
      report(model);
      return;
    case 'behind': {
      const wasReady = model.phase === 'ready';
      expect(model.event({ kind: 'behind', withinMs: 5 })).toEqual(
        wasReady ? [{ kind: 'resync', cause: 'nats-away', withinMs: 5 }] : [],
      );
      if (wasReady) forgetGiven(model);
      return;
    }
    case 'pong':
      expect(model.event({ kind: 'pong' })).toEqual([]);
      return;
    case 'drain': {
      const before = model.phase;
      const effects = model.event({ kind: 'drain', withinMs: 1_000, atMs: model.nowMs });
      if (before === 'ready') expect(sent(effects).map(({ type }) => type)).toEqual(['reconnect']);
      return;
    }
    case 'silence':
      for (let passed = 0; passed < 5 * limits.heartbeatMs; passed += 10_000) passTime(model, 10_000);
      return;
    case 'flood':
      flood(model);
      return;
    case 'garbage':
      model.event({ kind: 'frame', frame: Uint8Array.of(0x7f, 1, 2), atMs: model.nowMs });
      expect(model.phase).toBe('closed');
      return;
    case 'gone':
      expect(model.event({ kind: 'gone' })).toEqual([]);
      model.phase = 'closed';
      return;
  }
}

function passTime(model: Model, ms: number): void {
  const before = model.phase;
  model.nowMs += ms;
  model.event({ kind: 'clock', atMs: model.nowMs, queuedBytes: 0 });
  // A session that has not authenticated never outlives its 5 s.
  if (before === 'waiting' || before === 'checking')
    expect(model.phase === 'closed').toBe(model.nowMs >= model.openedAtMs + limits.authenticateWithinMs);
}

/** More frames at once than any client has reason to send. */
function flood(model: Model): void {
  const before = model.phase;
  for (let nonce = 0; nonce <= settings.frames.burst && model.phase === 'ready'; nonce++) {
    const effects = model.event({
      kind: 'frame',
      frame: encodeClientFrame({ type: 'ping', nonce }),
      atMs: model.nowMs,
    });
    const [only] = sent(effects);
    must(model.phase !== 'ready' || (only?.type === 'pong' && only.nonce === nonce), 'answered');
  }
  if (before === 'ready') expect(model.phase).toBe('closed');
}

function check(model: Model, result: 'valid' | 'invalid' | 'keys-unavailable'): void {
  // Answers come only to questions.
  if (model.phase !== 'checking' && !(model.phase === 'ready' && model.isRenewing)) return;
  const isFirst = model.phase === 'checking';
  const outcome =
    result === 'valid'
      ? ({ kind: 'valid', caller, expiresAtMs: model.nowMs + 600_000 } as const)
      : { kind: result };
  const effects = model.event({ kind: 'token-checked', check: outcome, generation: 1, atMs: model.nowMs });
  if (result === 'valid') {
    expect(effects.map(({ kind }) => kind)).toEqual(isFirst ? ['enrol', 'send'] : ['send']);
    model.phase = 'ready';
  } else if (isFirst || result === 'invalid') expect(model.phase).toBe('closed');
  model.isRenewing = false;
}

function appendOne(model: Model): void {
  const request = model.nextRequest++;
  const before = model.phase;
  const frame = encodeClientFrame({
    type: 'append',
    request,
    conversation: conversationOf(0),
    envelope: id<EnvelopeId>(request),
    commitSeq: 1,
    ciphertext: Uint8Array.of(1),
  });
  const effects = model.event({ kind: 'frame', frame, atMs: model.nowMs });
  if (before !== 'ready') {
    expect(effects.some(({ kind }) => kind === 'append')).toBe(false);
    return;
  }
  if (model.phase === 'closed') return; // flooded
  // Either it is under way, or it was answered with a problem: never both, never neither.
  const [only] = effects;
  must(effects.length === 1, 'one effect');
  if (only?.kind === 'append') {
    must(only.frame === frame, 'passed on untouched');
    model.unanswered.push(request);
    must(model.unanswered.length <= bounds.maxUnansweredAppends, 'bounded');
  } else {
    expect(sent(effects)).toMatchObject([{ type: 'problem', request, problem: 'request/rate-limited' }]);
  }
}

function answerOne(model: Model): void {
  const request = model.unanswered.shift();
  if (request === undefined) return;
  const isOpen = model.phase === 'ready';
  const effects = model.event({
    kind: 'appended',
    request,
    result: { outcome: 'accepted', seq: 1, atMs: 1 },
  });
  expect(sent(effects)).toEqual(isOpen ? [{ type: 'appended', request, seq: 1, atMs: 1 }] : []);
}

function deliverOne(model: Model, conversation: number, skip: number): void {
  const seq = (model.heads[conversation] ?? 0) + 1 + skip;
  model.heads[conversation] = seq;
  const frame = encodeServerFrame({
    type: 'deliver',
    conversation: conversationOf(conversation),
    seq,
    envelope: id<EnvelopeId>(seq),
    atMs: 1,
    ciphertext: Uint8Array.of(1),
  });
  const effects = model.event({ kind: 'live', frame, queuedBytes: 0 });
  if (model.phase !== 'ready') {
    must(effects.length === 0, 'silent before ready and after the close');
    return;
  }
  const known = model.given.get(conversation);
  const next = { from: known?.from ?? seq, to: seq };
  const wouldBe = model.outstanding + (known === undefined ? 1 : seq - known.to);
  const mayDeliver = !model.hasDropped && wouldBe <= limits.maxUnacknowledgedEnvelopes;
  const [only] = effects;
  must(effects.length === (mayDeliver || !model.hasDropped ? 1 : 0), 'delivered, or not');
  must(
    only === undefined ||
      (mayDeliver ? only.kind === 'send' && only.frame === frame : only.kind === 'fell-behind'),
    'delivered untouched, or said once that it is not',
  );
  if (mayDeliver) model.given.set(conversation, next);
  else model.hasDropped = true;
  must(model.outstanding <= limits.maxUnacknowledgedEnvelopes, 'bounded');
}

function acknowledge(
  model: Model,
  { conversation, behind }: { readonly conversation: number; readonly behind: number },
): void {
  const seq = Math.max(0, (model.heads[conversation] ?? 0) - behind);
  const before = model.phase;
  const effects = model.event({
    kind: 'frame',
    frame: encodeClientFrame({
      type: 'acknowledge',
      positions: [{ conversation: conversationOf(conversation), seq }],
    }),
    atMs: model.nowMs,
  });
  if (before !== 'ready' || model.phase === 'closed') return;
  const known = model.given.get(conversation);
  if (known !== undefined && seq >= known.to) model.given.delete(conversation);
  else if (known !== undefined && seq >= known.from)
    model.given.set(conversation, { from: seq + 1, to: known.to });
  const asksResync = model.hasDropped && model.outstanding <= limits.maxUnacknowledgedEnvelopes / 2;
  // What was dropped is never forgotten: the client is told to look.
  expect(effects.slice(1)).toEqual(asksResync ? [{ kind: 'resync', cause: 'behind', withinMs: 0 }] : []);
  expect(effects[0]?.kind).toBe('acknowledge');
  if (asksResync) forgetGiven(model);
}

function resume(model: Model): void {
  const before = model.phase;
  const effects = model.event({
    kind: 'frame',
    frame: encodeClientFrame({ type: 'resume', generation: 1 }),
    atMs: model.nowMs,
  });
  if (before !== 'ready' || model.phase === 'closed') return;
  if (sent(effects).some(({ type }) => type === 'problem')) return; // too fast
  if (model.resumesUnderWay > 0) {
    expect(effects).toEqual([]);
    model.resumeWaits = true;
    return;
  }
  expect(effects).toEqual([{ kind: 'resume', caller }]);
  model.resumesUnderWay = 1;
  forgetGiven(model);
}

function resumed(model: Model): void {
  if (model.resumesUnderWay === 0) return;
  model.resumesUnderWay = 0;
  const effects = model.event({ kind: 'resumed', conversations: [], atMs: model.nowMs });
  if (model.phase !== 'ready') return;
  expect(effects.map(({ kind }) => kind)).toEqual(model.resumeWaits ? ['send', 'resume'] : ['send']);
  if (!model.resumeWaits) return;
  model.resumeWaits = false;
  model.resumesUnderWay = 1;
  forgetGiven(model);
}

function report(model: Model): void {
  const before = model.phase;
  const failures = [{ cause: 'not-authentic', count: 1 }] as const;
  const frame = encodeClientFrame({ type: 'report', failures });
  const effects = model.event({ kind: 'frame', frame, atMs: model.nowMs });
  if (before !== 'ready' || model.phase === 'closed') return;
  const counts = model.nowMs >= model.nextReportAtMs;
  expect(effects).toEqual(counts ? [{ kind: 'report', failures }] : []);
  if (counts) model.nextReportAtMs = model.nowMs + limits.failureReportIntervalMs - bounds.reportToleranceMs;
}

function forgetGiven(model: Model): void {
  model.given.clear();
  model.hasDropped = false;
}

describe('a session', () => {
  it('keeps its rules over random histories, and they reach what there is to reach', () => {
    const reached = new Set<string>();
    fc.assert(
      fc.property(fc.boolean(), fc.array(move, { minLength: 5, maxLength: 60 }), (beginsReady, moves) => {
        const model = new Model();
        const all: readonly Move[] = beginsReady
          ? [{ kind: 'authenticate' }, { kind: 'check', result: 'valid' }, ...moves]
          : moves;
        for (const next of all) {
          run(model, next);
          if (model.hasDropped) reached.add('dropped');
          if (model.resumeWaits) reached.add('resume again');
        }
        expect(model.closeReasons.length).toBeLessThanOrEqual(1);
        for (const reason of model.closeReasons) reached.add(reason);
      }),
      { numRuns: 500 },
    );
    expect([...reached].sort()).toEqual([
      'draining',
      'dropped',
      'heartbeatMissed',
      'malformed',
      'rateLimited',
      'resume again',
      'unauthenticated',
    ]);
  }, 120_000);
});
