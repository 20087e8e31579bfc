/** Every way in which a socket is refused, closed or sent elsewhere, with real sockets, NATS, Redis and store. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { WebSocket } from 'ws';
import type { RunningService } from '@cipherchat/service-kit';
import {
  encodeServerFrame,
  limits,
  socketPath,
  subjects,
  type ConversationId,
  type SessionId,
} from '@cipherchat/protocol';
import { scrapedOnce } from '@cipherchat/test-kit';
import { bounds } from '../bounds.js';
import { GatewayWorld } from '../gateway-world.fixture.js';
import type { SocketClient } from '../socket-client.fixture.js';
import { appendFrame, newId, newMember, noSession } from '../story-values.fixture.js';

let world: GatewayWorld;
let store: RunningService;
let west: RunningService;
let east: RunningService;

beforeAll(async () => {
  world = await GatewayWorld.start();
  store = await world.store();
  [west, east] = await Promise.all([world.gateway(), world.gateway()]);
}, 30_000);
afterEach(() => {
  world.aheadMs = 0;
});
afterAll(() => world.stop(), 30_000);

/** The status with which a handshake is answered. */
function handshakeStatus(
  service: RunningService,
  params: { readonly path?: string; readonly origin?: string; readonly forwardedFor?: string } = {},
): Promise<number> {
  const socket = new WebSocket(
    `${service.url.replace('http', 'ws')}${params.path ?? socketPath}`,
    ['cipherchat.v1'],
    {
      ...(params.origin === undefined ? {} : { origin: params.origin }),
      headers: params.forwardedFor === undefined ? {} : { 'x-forwarded-for': params.forwardedFor },
    },
  );
  return new Promise((resolve, reject) => {
    socket.on('error', () => {});
    socket.on('open', () => {
      socket.terminate();
      resolve(101);
    });
    socket.on('unexpected-response', (_request, response) => {
      resolve(response.statusCode ?? 0);
      socket.terminate();
    });
    socket.on('close', () => reject(new Error('closed without an answer')));
  });
}

describe('a handshake', () => {
  it('is refused at another path, from a foreign page, and beyond the number of sockets', async () => {
    const full = await world.gateway({ MAX_SOCKETS: '1', ALLOWED_ORIGINS: 'https://chat.example' });
    expect(await handshakeStatus(full, { path: '/v1/other' })).toBe(404);
    expect(await handshakeStatus(full, { origin: 'https://evil.example' })).toBe(403);
    const friend = await world.open(full, { origin: 'https://chat.example' });
    expect(await handshakeStatus(full)).toBe(503);
    friend.socket.close();
    await friend.closing();
  });

  it('is refused to an address that makes too many', async () => {
    const strict = await world.gateway({ HANDSHAKES_PER_MINUTE: '2' });
    const statuses = [
      await handshakeStatus(strict),
      await handshakeStatus(strict),
      await handshakeStatus(strict),
    ];
    expect(statuses.at(-1)).toBe(429);
  });

  it('counts for the address that a trusted proxy saw, and for none that anybody else names', async () => {
    const behind = { HANDSHAKES_PER_MINUTE: '1', ADDRESS_HASH_KEY: newId() };
    const trusting = await world.gateway({ ...behind, TRUSTED_PROXIES: '127.0.0.0/8' });
    expect(await handshakeStatus(trusting, { forwardedFor: '203.0.113.1' })).toBe(101);
    expect(await handshakeStatus(trusting, { forwardedFor: '203.0.113.2' })).toBe(101);
    expect(await handshakeStatus(trusting, { forwardedFor: '203.0.113.9, 203.0.113.2' })).toBe(429);
    const alone = await world.gateway({ ...behind, TRUSTED_PROXIES: '10.0.0.0/8' });
    expect(await handshakeStatus(alone, { forwardedFor: '203.0.113.3' })).toBe(101);
    expect(await handshakeStatus(alone, { forwardedFor: '203.0.113.4' })).toBe(429);
  });

  it('of a client that speaks no version of ours ends with 4426', async () => {
    for (const protocols of [['cipherchat.v0'], []]) {
      const client = await world.open(west, { protocols });
      expect(await client.closing()).toBe(4426);
    }
  });
});

describe('a socket is closed', () => {
  it('with 4401 when it does not authenticate in time', async () => {
    const client = await world.open(west);
    world.aheadMs = limits.authenticateWithinMs;
    expect(await client.closing()).toBe(4401);
    expect(client.frames).toEqual([]);
  });

  it('with 4401 for a token that is not valid, and for anything before it', async () => {
    const forged = await world.open(west);
    const { accessToken } = await world.token(newMember());
    forged.send({ type: 'authenticate', token: `${accessToken.slice(0, -8)}AAAAAAAA` });
    expect(await forged.closing()).toBe(4401);
    expect(forged.frames).toMatchObject([{ type: 'problem', problem: 'auth/unauthenticated' }]);
    const hasty = await world.open(west);
    hasty.send({ type: 'resume', generation: 1 });
    expect(await hasty.closing()).toBe(4401);
    expect(hasty.frames).toMatchObject([{ type: 'problem', problem: 'socket/authenticate-first' }]);
  });

  it('with 4401 when its token expires, but not when it was renewed', async () => {
    const [member, other] = [newMember(), newMember()];
    const [renewing, expiring] = await Promise.all([world.connect(west, member), world.connect(west, other)]);
    world.aheadMs = 5 * 60_000;
    const next = await world.token(member);
    renewing.send({ type: 'authenticate', token: next.accessToken });
    expect(await renewing.take('ready')).toMatchObject({
      accessTokenExpiresAtMs: next.accessTokenExpiresAtMs,
    });
    world.aheadMs = 11 * 60_000;
    expect(await expiring.closing()).toBe(4401);
    renewing.send({ type: 'ping', nonce: 5 });
    expect(await renewing.take('pong')).toEqual({ type: 'pong', nonce: 5 });
  });

  it('with 4400 for text, for unknown and for oversized frames, and with 1009 beyond what is read at all', async () => {
    const wrong: readonly [(client: SocketClient) => void, number][] = [
      [(client) => client.socket.send('text'), 4400],
      [(client) => client.socket.send(Buffer.from([0x77, 1, 2, 3])), 4400],
      [(client) => client.socket.send(Buffer.from([0x06])), 4400],
      [(client) => client.socket.send(Buffer.alloc(limits.maxFrameBytes + 1, 2)), 4400],
      [(client) => client.socket.send(Buffer.alloc(bounds.maxReadBytes + 1, 2)), 1009],
    ];
    for (const [send, code] of wrong) {
      const client = await world.connect(west, newMember());
      send(client);
      expect(await client.closing()).toBe(code);
    }
  });

  it('with 4400 when the store finds its append malformed', async () => {
    const client = await world.connect(west, newMember());
    const frame = Buffer.alloc(60, 0xff);
    frame[0] = 2; // a commit seq above 2^53
    client.socket.send(frame);
    expect(await client.closing()).toBe(4400);
  });

  it('with 4408 when it does not answer pings', async () => {
    const deaf = await world.open(west, { autoPong: false });
    deaf.send({ type: 'authenticate', token: (await world.token(newMember())).accessToken });
    await deaf.take('ready');
    let pings = 0;
    deaf.socket.on('ping', () => pings++);
    for (let beats = 1; beats <= 3; beats++) {
      world.aheadMs = beats * (limits.heartbeatMs + 1_000);
      if (beats < 3) await until(() => pings === beats);
    }
    expect(await deaf.closing()).toBe(4408);
    expect(pings).toBe(2);
  });

  it('with 4409 when its device connects again, here or at another gateway, and the newer one stays', async () => {
    const member = newMember();
    const first = await world.connect(west, member);
    const second = await world.connect(west, member);
    expect(await first.closing()).toBe(4409);
    const third = await world.connect(east, member);
    expect(await second.closing()).toBe(4409);
    third.send({ type: 'ping', nonce: 1 });
    await third.take('pong');
    const laptop = await world.connect(west, newMember(member.user));
    laptop.send({ type: 'ping', nonce: 2 });
    await laptop.take('pong');
    expect(third.closed).toBeNull();
  });

  it('with 4413 when it does not read, and its queue is given up', async () => {
    const member = newMember();
    const own = await world.gateway();
    const client = await world.connect(own, member);
    client.socket.pause();
    const conversation = newId<ConversationId>();
    // More than the kernel's buffers and ours together.
    for (let seq = 1; seq <= limits.maxUnacknowledgedEnvelopes; seq++) {
      world.nats.publish(
        subjects.live(member.user),
        encodeServerFrame({
          type: 'deliver',
          conversation,
          seq,
          envelope: newId(),
          atMs: 1,
          ciphertext: Buffer.alloc(60 * 1024),
        }),
      );
    }
    await world.nats.flush();
    await scrapedOnce(
      own,
      (metrics) =>
        metrics.sum('cipherchat_sockets_closed_total', { reason: 'slowConsumer' }) === 1 &&
        metrics.sum('cipherchat_sockets_open') === 0,
    );
    client.socket.resume();
    expect([4413, 1006]).toContain(await client.closing());
    expect(client.ofType('deliver').length).toBeLessThan(limits.maxUnacknowledgedEnvelopes);
  });

  it('with 4429 when it floods', async () => {
    const strict = await world.gateway({ SENDS_PER_SECOND: '1' });
    const client = await world.connect(strict, newMember());
    client.send(appendFrame({ conversation: newId<ConversationId>(), request: 1 }));
    client.send(appendFrame({ conversation: newId<ConversationId>(), request: 2 }));
    client.send(appendFrame({ conversation: newId<ConversationId>(), request: 3 }));
    await client.until(() =>
      client
        .ofType('problem')
        .some(
          ({ request, problem, retryAfterMs }) =>
            request === 3 && problem === 'request/rate-limited' && retryAfterMs > 0,
        ),
    );
    for (let nonce = 0; nonce < 50; nonce++) client.send({ type: 'ping', nonce });
    expect(await client.closing()).toBe(4429);
  });

  it('with 4401 within a second when its device is revoked or its session ends, and nobody else’s', async () => {
    const [ana, ben, caro] = [newMember(), newMember(), newMember()];
    const session = newId<SessionId>();
    const [revoked, signedOut, bystander] = [
      await world.connect(west, ana),
      await world.connect(east, ben, session),
      await world.connect(east, caro),
    ];
    const startedAt = performance.now();
    world.revoke({ kind: 'device', ...ana, session: noSession });
    world.revoke({ kind: 'session', ...ben, session });
    world.revoke({ kind: 'session', ...caro, session: newId<SessionId>() });
    expect([await revoked.closing(), await signedOut.closing()]).toEqual([4401, 4401]);
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    bystander.send({ type: 'ping', nonce: 1 });
    await bystander.take('pong');
    const again = await world.open(west);
    again.send({ type: 'authenticate', token: (await world.token(ana)).accessToken });
    expect(await again.closing()).toBe(4401);
    expect(again.frames).toMatchObject([{ problem: 'auth/device-revoked' }]);
  });

  it('with 4401 soon also when the notice of its revocation was lost', async () => {
    const ana = newMember();
    const client = await world.connect(west, ana);
    world.revoke({ kind: 'device', ...ana, session: noSession }, { published: false });
    expect(await client.closing()).toBe(4401);
  }, 15_000);
});

describe('a gateway that drains', () => {
  it('asks its clients to go elsewhere, in batches, closes those who stay with 1012, and takes no more', async () => {
    const leaving = await world.gateway({ DRAIN_WINDOW_MS: '1000' });
    const members = Array.from({ length: 10 }, () => newMember());
    const clients = await Promise.all(members.map((member) => world.connect(leaving, member)));
    const conversation = await world.group(store, [members[0] as (typeof members)[number]]);
    const stopped = leaving.stop();
    for (const client of clients) expect((await client.take('reconnect')).withinMs).toBe(500);
    const [staying] = clients as [SocketClient];
    staying.send(appendFrame({ conversation, request: 9 }));
    expect(await staying.take('appended')).toMatchObject({ request: 9, seq: 2 });
    await expect(handshakeStatus(leaving)).resolves.toBe(503);
    expect(await Promise.all(clients.map((client) => client.closing()))).toEqual(clients.map(() => 1012));
    await stopped;
  });
});

describe('a gateway without its store', () => {
  it('sends clients elsewhere while it never reached one, and answers busy when it lost it', async () => {
    const lonely = await GatewayWorld.start();
    try {
      const gateway = await lonely.gateway();
      const early = await lonely.open(gateway);
      early.send({ type: 'authenticate', token: (await lonely.token(newMember())).accessToken });
      expect(await early.closing()).toBe(1012);
      expect(early.frames).toMatchObject([{ problem: 'service/unavailable' }]);

      const lostStore = await lonely.store();
      const [ana, ben] = [newMember(), newMember()];
      const conversation = await lonely.group(lostStore, [ana, ben]);
      const client = await connectSoon(lonely, gateway, ana);
      await lostStore.stop();
      const frame = appendFrame({ conversation, request: 4 });
      client.send(frame);
      expect(await client.take('problem')).toMatchObject({
        request: 4,
        problem: 'service/unavailable',
        retryAfterMs: bounds.busyRetryMs,
      });
      client.send({ type: 'resume', generation: 1 });
      expect(await client.take('problem')).toMatchObject({ request: 0, problem: 'service/unavailable' });
      await lonely.store();
      client.send(frame);
      expect(await client.take('appended')).toMatchObject({ request: 4, seq: 2 });
    } finally {
      await lonely.stop();
    }
  }, 40_000);
});

describe('a break of NATS', () => {
  it('is answered busy while it lasts, and with resync when it is over; live frames flow again', async () => {
    const shaken = await GatewayWorld.start();
    try {
      const itsStore = await shaken.store();
      const gateway = await shaken.gateway();
      const [ana, ben] = [newMember(), newMember()];
      const conversation = await shaken.group(itsStore, [ana, ben]);
      const [anaOnline, benOnline] = [
        await connectSoon(shaken, gateway, ana),
        await connectSoon(shaken, gateway, ben),
      ];
      const mend = await shaken.breakNats();
      const frame = appendFrame({ conversation, request: 1 });
      anaOnline.send(frame);
      expect(await anaOnline.take('problem')).toMatchObject({ request: 1, problem: 'service/unavailable' });
      await mend();
      expect((await benOnline.take('resync')).withinMs).toBe(bounds.minResyncMs);
      await anaOnline.take('resync');
      await sendUntilTaken(anaOnline, frame);
      await benOnline.until(
        () => benOnline.frames.some(({ type }) => type === 'deliver' || type === 'announce'),
        'a live frame',
      );
    } finally {
      await shaken.stop();
    }
  }, 40_000);
});

const patienceMs = 20_000;
const retryMs = 50;

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, retryMs));

/** A gateway that has just started may not have heard of its store yet: it sends clients away, and they come again. */
async function connectSoon(
  in_: GatewayWorld,
  service: RunningService,
  member: ReturnType<typeof newMember>,
): Promise<SocketClient> {
  for (const deadlineMs = Date.now() + patienceMs; ;) {
    const client = await in_.open(service);
    client.send({ type: 'authenticate', token: (await in_.token(member)).accessToken });
    await client.until(() => client.closed !== null || client.ofType('ready').length > 0, 'ready or closed');
    if (client.closed === null) return client;
    if (Date.now() > deadlineMs) throw new Error('never ready');
    await pause();
  }
}

/** As a client does: the same bytes until they are answered. */
async function sendUntilTaken(client: SocketClient, frame: ReturnType<typeof appendFrame>): Promise<void> {
  for (const deadlineMs = Date.now() + patienceMs; ;) {
    const seen = client.ofType('problem').length;
    client.send(frame);
    await client.until(
      () => client.ofType('appended').length > 0 || client.ofType('problem').length > seen,
      'an answer',
    );
    if (client.ofType('appended').length > 0) return;
    if (Date.now() > deadlineMs) throw new Error('never taken');
    await pause();
  }
}

async function until(holds: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error('waited in vain');
    await new Promise((resolve) => setImmediate(resolve));
  }
}
