/** The connection over a socket that the test plays, in virtual time. */
import { describe, expect, it } from '@jest/globals';
import {
  decodeClientFrame,
  encodeServerFrame,
  type ClientFrame,
  type ServerFrame,
} from '@cipherchat/protocol';
import type { ConnectionState } from '../events.js';
import type { SocketListener } from '../ports/socket.js';
import { SupersededError } from '../store/store.js';
import { seededRandom, VirtualClock } from '../testing/virtual-clock.js';
import type { Api } from './api.js';
import { Connection } from './connection.js';
import { AccessEndedError, type Session } from './session.js';

const heartbeatMs = 30_000;

function setUp(
  params: { readonly token?: () => Promise<string>; readonly stillWriter?: () => Promise<void> } = {},
) {
  const clock = new VirtualClock();
  let behindMs = 0;
  const sockets: Array<{
    readonly url: string;
    readonly listener: SocketListener;
    readonly sent: ClientFrame[];
    closed: boolean;
  }> = [];
  const states: ConnectionState[] = [];
  const received: ServerFrame[] = [];
  const refused: string[] = [];
  let renewals = 0;
  const session = {
    accessToken: params.token ?? (() => Promise.resolve('token')),
    renew: () => Promise.resolve(`renewed ${++renewals}`),
    refused: (token: string) => refused.push(token),
  } as unknown as Session;
  const api = {
    discover: () => Promise.resolve({ gatewayUrls: ['http://one.test', 'http://two.test'] }),
  } as unknown as Api;
  const connection = new Connection({
    api,
    session,
    clock: { nowMs: () => clock.nowMs() - behindMs, setTimer: clock.setTimer },
    random: seededRandom(1),
    socket: {
      open: ({ url, listener }) => {
        const socket = { url, listener, sent: [] as ClientFrame[], closed: false };
        sockets.push(socket);
        return {
          send: (frame) => void socket.sent.push(decodeClientFrame(frame)),
          close: () => void (socket.closed = true),
        };
      },
    },
    stillWriter: params.stillWriter ?? (() => Promise.resolve()),
    greeted: () => Promise.resolve(),
    received: (frame) => received.push(frame),
    stateChanged: (state) => states.push(state),
  });
  const last = () => sockets.at(-1) as (typeof sockets)[number];
  const say = (frame: ServerFrame): void => last().listener.received(encodeServerFrame(frame));
  const ready = (lifeMs = 600_000): void =>
    say({
      type: 'ready',
      gateway: 'one',
      generation: 1,
      serverTimeMs: clock.nowMs() + 5_000,
      heartbeatMs,
      accessTokenExpiresAtMs: clock.nowMs() + 5_000 + lifeMs,
    });
  const live = async (): Promise<void> => {
    connection.start();
    const before = sockets.length;
    await clock.runUntil(() => sockets.length > before);
    last().listener.opened();
    ready();
    await clock.run(0);
    say({ type: 'live', serverTimeMs: clock.nowMs() + 5_000 });
    await clock.run(0);
  };
  const setBack = (ms: number): void => void (behindMs += ms);
  return { clock, setBack, connection, sockets, states, received, refused, last, say, ready, live };
}

describe('a connection', () => {
  it('waits, connects, authenticates, asks what it missed, and is live', async () => {
    const { connection, states, last, live, sockets } = setUp();
    await live();
    expect(states.map(({ kind }) => kind)).toEqual(['waiting', 'connecting', 'catching-up', 'live']);
    expect(last().sent.map(({ type }) => type)).toEqual(['authenticate', 'resume']);
    expect(sockets[0]?.url).toMatch(/^ws:\/\/(one|two)\.test\/v1\/socket$/);
    expect(connection.serverOffsetMs).toBe(5_000);
  });

  it('asks again what it missed until it is told, when the store was away', async () => {
    const { clock, connection, sockets, last, say, ready } = setUp();
    connection.start();
    await clock.runUntil(() => sockets.length > 0);
    last().listener.opened();
    ready();
    await clock.run(0);
    const resumes = () => last().sent.filter(({ type }) => type === 'resume').length;
    say({ type: 'problem', request: 0, problem: 'service/unavailable', retryAfterMs: 1_000, detail: '{}' });
    await clock.run(18_000);
    expect(resumes()).toBeGreaterThanOrEqual(2);
    say({ type: 'live', serverTimeMs: clock.nowMs() });
    expect(connection.state.kind).toBe('live');
    const before = resumes();
    await clock.run(1_999);
    expect(resumes()).toBe(before);
  });

  it('compares heads 2 s after live, and then about every minute', async () => {
    const { clock, last, live, say } = setUp();
    await live();
    const resumes = () => last().sent.filter(({ type }) => type === 'resume').length;
    await clock.run(1_999);
    expect(resumes()).toBe(1);
    await clock.run(1);
    expect(resumes()).toBe(2);
    for (let second = 0; second < 600; second += 20) {
      await clock.run(20_000);
      say({ type: 'pong', nonce: 0 });
    }
    expect(resumes()).toBeGreaterThanOrEqual(2 + 6);
    expect(resumes()).toBeLessThanOrEqual(2 + 20);
  });

  it('asks again when the gateway says that frames were lost', async () => {
    const { clock, last, live, say } = setUp();
    await live();
    say({ type: 'resync', withinMs: 500 });
    await clock.run(500);
    expect(last().sent.filter(({ type }) => type === 'resume')).toHaveLength(2);
  });

  it('renews its token in-band before it expires', async () => {
    const { clock, last, live, ready } = setUp();
    await live();
    ready(10_000);
    await clock.run(7_999);
    expect(last().sent.filter(({ type }) => type === 'authenticate')).toHaveLength(1);
    await clock.run(1);
    expect(last().sent.filter(({ type }) => type === 'authenticate')).toEqual([
      { type: 'authenticate', token: 'token' },
      { type: 'authenticate', token: 'renewed 1' },
    ]);
  });

  it('asks a silent socket, and leaves it when it stays silent', async () => {
    const { clock, last, live, sockets } = setUp();
    await live();
    const first = last();
    await clock.run(heartbeatMs + 15_000);
    expect(first.sent.some(({ type }) => type === 'ping')).toBe(true);
    await clock.run(60_000);
    expect(first.closed).toBe(true);
    expect(sockets.length).toBeGreaterThan(1);
  });

  it('leaves a silent socket also when the clock was set back', async () => {
    const { setBack, clock, last, live } = setUp();
    await live();
    const first = last();
    setBack(24 * 60 * 60 * 1000);
    await clock.run(4 * heartbeatMs);
    expect(first.closed).toBe(true);
  });

  it('tries another gateway after a failure, ever more slowly, for ever', async () => {
    const { clock, sockets, live, last } = setUp();
    await live();
    for (let attempt = 0; attempt < 12; attempt++) {
      const before = sockets.length;
      last().listener.closed(1006);
      await clock.runUntil(() => sockets.length > before);
    }
    const urls = sockets.map(({ url }) => url);
    expect(urls.every((url, index) => index === 0 || url !== urls[index - 1])).toBe(true);
  });

  it('that is not greeted in time begins again', async () => {
    const { clock, connection, sockets } = setUp();
    connection.start();
    await clock.runUntil(() => sockets.length === 1);
    await clock.runUntil(() => sockets.length === 2);
    expect(sockets[0]?.closed).toBe(true);
  });

  it('never comes back after another socket of the device took over, or when it is too old', async () => {
    for (const [code, reason] of [
      [4409, 'replaced'],
      [4426, 'upgrade-needed'],
    ] as const) {
      const { clock, connection, live, last, sockets } = setUp();
      await live();
      last().listener.closed(code);
      await clock.run(600_000);
      expect([connection.state, sockets.length]).toEqual([{ kind: 'stopped', reason }, 1]);
    }
  });

  it('fetches a new token after 4401, and stops when the server lets the device in no more', async () => {
    const { live, last, refused } = setUp();
    await live();
    last().listener.closed(4401);
    expect(refused).toEqual(['token']);
    const ended = setUp({ token: () => Promise.reject(new AccessEndedError('device-revoked')) });
    ended.connection.start();
    await ended.clock.run(10_000);
    expect(ended.connection.state).toEqual({ kind: 'stopped', reason: 'device-revoked' });
  });

  it('asks the server for nothing before it knows that nobody has taken its store over', async () => {
    const { clock, connection, sockets } = setUp({
      stillWriter: () => {
        connection.stop('superseded');
        return Promise.reject(new SupersededError());
      },
    });
    connection.start();
    await clock.run(600_000);
    expect([sockets.length, connection.state]).toEqual([0, { kind: 'stopped', reason: 'superseded' }]);
  });

  it('moves elsewhere within the time that a draining gateway gives', async () => {
    const { clock, live, last, say, sockets } = setUp();
    await live();
    const first = last();
    say({ type: 'reconnect', withinMs: 1_000 });
    await clock.run(1_500);
    expect([first.closed, sockets.length]).toEqual([true, 2]);
  });

  it('does not look at frames of a socket that it has left, nor at what is no frame', async () => {
    const { clock, live, last, received, sockets } = setUp();
    await live();
    const first = last();
    const before = received.length;
    first.listener.received(Uint8Array.of(0xff, 1, 2));
    await clock.runUntil(() => sockets.length === 2);
    first.listener.received(encodeServerFrame({ type: 'live', serverTimeMs: 1 }));
    expect(received).toHaveLength(before);
  });

  it('sends nothing before it is greeted', async () => {
    const { clock, connection, sockets } = setUp();
    expect(connection.send({ type: 'ping', nonce: 1 })).toBe(false);
    connection.start();
    await clock.runUntil(() => sockets.length === 1);
    sockets[0]?.listener.opened();
    expect(connection.send({ type: 'ping', nonce: 1 })).toBe(false);
    expect(sockets[0]?.sent.map(({ type }) => type)).toEqual(['authenticate']);
  });
});
