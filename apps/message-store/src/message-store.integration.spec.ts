/** The service as it runs in production: HTTP routes, NATS commands and auth's list of revocations, with auth played. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { exportJWK, generateKeyPair, type CryptoKey } from 'jose';
import {
  acknowledgeBatch,
  appendBatch,
  appendResults,
  binaryMediaType,
  commandResult,
  commitBundle,
  conversationRoutes,
  decode,
  decodeServerFrame,
  encode,
  encodeClientFrame,
  generationHeader,
  generationQuery,
  generationResult,
  limits,
  logPage,
  newConversation,
  pathOf,
  queueGroups,
  resumeCommand,
  resumeResult,
  revocation,
  revocationsQuery,
  revocationsResult,
  signalCommand,
  subjects,
  type ConversationId,
  type MemberDevice,
  type Revocation,
  type Route,
  type Schema,
  type ServerFrame,
  type SessionId,
} from '@cipherchat/protocol';
import { createService, signAccessToken, type RunningService } from '@cipherchat/service-kit';
import {
  freshDatabase,
  freshRedisUrl,
  startNats,
  type FreshDatabase,
  type RunningServer,
} from '@cipherchat/test-kit';
import { bundle, newEnvelope, newId, newMember } from './log-world.fixture.js';
import { messageStore } from './message-store.js';

const revocations: Revocation[] = [];
let database: FreshDatabase;
let natsServer: RunningServer;
let nats: NatsConnection;
let keyServer: Server;
let privateKey: CryptoKey;
let store: RunningService;
let startStore: () => Promise<RunningService>;

beforeAll(async () => {
  database = await freshDatabase();
  natsServer = await startNats();
  nats = await connect({ servers: natsServer.url });
  nats.subscribe(subjects.revocations, {
    queue: queueGroups.auth,
    callback: (_error, message) => {
      const { after } = decode(revocationsQuery, message.data);
      message.respond(
        encode(revocationsResult, { revocations: revocations.filter(({ order }) => order > after) }),
      );
    },
  });
  const keys = await generateKeyPair('EdDSA', { crv: 'Ed25519' });
  privateKey = keys.privateKey;
  const body = JSON.stringify({
    keys: [{ ...(await exportJWK(keys.publicKey)), kid: 'test', alg: 'EdDSA', use: 'sig' }],
  });
  keyServer = createServer((_request, response) =>
    response.setHeader('content-type', 'application/json').end(body),
  );
  await new Promise<void>((resolve) => keyServer.listen(0, '127.0.0.1', resolve));
  const environment = {
    PORT: '0',
    LOG_LEVEL: 'silent',
    DATABASE_URL: database.url('message-store'),
    NATS_URL: natsServer.url,
    REDIS_URL: await freshRedisUrl(),
    AUTH_JWKS_URL: `http://127.0.0.1:${(keyServer.address() as AddressInfo).port}/`,
  };
  startStore = () => createService(messageStore, { environment });
  store = await startStore();
}, 30_000);

afterAll(async () => {
  await store.stop();
  await nats.close();
  await natsServer.stop();
  await database.drop();
  keyServer.close();
}, 30_000);

type Call = {
  readonly by?: MemberDevice;
  readonly conversation?: ConversationId;
  readonly query?: string;
  readonly body?: Uint8Array<ArrayBuffer>;
  readonly contentType?: string;
  readonly generation?: string;
  readonly role?: 'member' | 'admin';
};

async function call(
  route: Route,
  { by, conversation, query = '', body, contentType = binaryMediaType, generation, role = 'member' }: Call,
): Promise<Response> {
  const headers: Record<string, string> = body === undefined ? {} : { 'content-type': contentType };
  if (generation !== undefined) headers[generationHeader] = generation;
  if (by !== undefined) {
    const signed = await signAccessToken({
      caller: { ...by, session: newId<SessionId>(), role },
      key: privateKey,
      keyId: 'test',
      nowMs: Date.now(),
    });
    headers['authorization'] = `Bearer ${signed.accessToken}`;
  }
  const path = pathOf(route, conversation === undefined ? {} : { conversation });
  return fetch(`${store.url}${path}${query}`, {
    method: route.method,
    headers,
    ...(body === undefined ? {} : { body }),
  });
}

async function newGroup(devices: readonly MemberDevice[]): Promise<ConversationId> {
  const conversation = newId<ConversationId>();
  const body = encode(newConversation, { conversation, kind: 'group', first: bundle({ devices }) });
  expect((await call(conversationRoutes.create, { by: devices[0] as MemberDevice, body })).status).toBe(200);
  return conversation;
}

async function ask<Question, Answer>(params: {
  readonly subject: string;
  readonly question: Schema<Question>;
  readonly answer: Schema<Answer>;
  readonly body: Question;
}): Promise<Answer> {
  return decode(
    params.answer,
    (await nats.request(params.subject, encode(params.question, params.body), { timeout: 5_000 })).data,
  );
}

async function append(from: MemberDevice, conversation: ConversationId): Promise<string> {
  const frame = encodeClientFrame({
    type: 'append',
    request: 1,
    conversation,
    envelope: newEnvelope(),
    commitSeq: 1,
    ciphertext: Buffer.from('x'),
  });
  const { results } = await ask({
    subject: subjects.append,
    question: appendBatch,
    answer: appendResults,
    body: { items: [{ ...from, frame }] },
  });
  return results[0]?.outcome ?? '';
}

async function soon(holds: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!(await holds())) if (performance.now() > deadline) throw new Error('waited in vain');
}

describe('the routes', () => {
  it('let an administrator, and nobody else, close a conversation until a member anchors it, now and then', async () => {
    const [ana, admin] = [newMember(), newMember()];
    const conversation = await newGroup([ana]);
    const refused = await call(conversationRoutes.reset, { by: ana, conversation });
    expect([refused.status, await refused.json()]).toMatchObject([403, { code: 'auth/forbidden' }]);
    expect(await append(ana, conversation)).toBe('accepted');
    const reset = { by: admin, conversation, role: 'admin' } as const;
    const done = await call(conversationRoutes.reset, reset);
    expect([done.status, await done.json()]).toEqual([200, { seq: 3 }]);
    expect(await append(ana, conversation)).toBe('closed');
    // Who closed it is no member of it.
    const read = await call(conversationRoutes.readPage, { ...reset, query: '?after=0' });
    expect(read.status).toBe(404);
    const body = encode(commitBundle, bundle({ kind: 'anchor', devices: [ana], commitSeq: 1 }));
    expect((await call(conversationRoutes.commit, { by: ana, conversation, body })).status).toBe(200);
    const statuses: number[] = [];
    for (let count = 0; count < 10; count++)
      statuses.push((await call(conversationRoutes.reset, reset)).status);
    expect([statuses[0], statuses.at(-1)]).toEqual([200, 429]);
  });

  it('take a conversation from its creation to its pages', async () => {
    const [ana, ben] = [newMember(), newMember()];
    const conversation = await newGroup([ana]);
    const commit = await call(conversationRoutes.commit, {
      by: ana,
      conversation,
      body: encode(
        commitBundle,
        bundle({ devices: [ana, ben], commitSeq: 1, welcome: Buffer.from('welcome') }),
      ),
    });
    expect(await commit.json()).toMatchObject({ kind: 'accepted', seq: 2 });
    const page = await call(conversationRoutes.readPage, { by: ben, conversation, query: '?after=0' });
    expect(page.headers.get('content-type')).toBe(binaryMediaType);
    expect(decode(logPage, new Uint8Array(await page.arrayBuffer()))).toMatchObject({
      headSeq: 2,
      floorSeq: 1,
      entries: [{ seq: 2, kind: 'commit' }],
    });
    const groupInfo = await call(conversationRoutes.readGroupInfo, { by: newMember(ana.user), conversation });
    expect([
      groupInfo.status,
      groupInfo.headers.get('cipherchat-commit-seq'),
      await groupInfo.text(),
    ]).toEqual([200, '2', 'group info']);
    expect(await (await call(conversationRoutes.list, { by: ben })).json()).toEqual({
      conversations: [{ conversation, kind: 'group', headSeq: 2, joined: true, sameUntilSeq: 2 }],
      more: false,
    });
    expect(await (await call(conversationRoutes.read, { by: ben, conversation })).json()).toMatchObject({
      headSeq: 2,
      lastCommitSeq: 2,
      minCommitSeq: 2,
    });
    expect((await call(conversationRoutes.leave, { by: ben, conversation })).status).toBe(204);
    expect(
      (await call(conversationRoutes.readPage, { by: ben, conversation, query: '?after=0' })).status,
    ).toBe(404);
  });

  it('answer problems with their status, code and data', async () => {
    const ana = newMember();
    const conversation = await newGroup([ana]);
    const stale = await call(conversationRoutes.commit, {
      by: ana,
      conversation,
      body: encode(commitBundle, bundle({ devices: [ana], commitSeq: 0 })),
    });
    expect([stale.status, stale.headers.get('content-type'), await stale.json()]).toEqual([
      409,
      'application/problem+json',
      expect.objectContaining({ code: 'conversation/stale-commit', lastCommitSeq: 1 }),
    ]);
  });

  it('refuse who has no token, what is malformed, and what is too large', async () => {
    const ana = newMember();
    const conversation = await newGroup([ana]);
    const body = encode(commitBundle, bundle({ devices: [ana], commitSeq: 1 }));
    const statuses = await Promise.all([
      call(conversationRoutes.list, {}),
      call(conversationRoutes.commit, { conversation, body }),
      call(conversationRoutes.readPage, { by: ana, conversation, query: '?after=-1' }),
      call(conversationRoutes.readPage, { by: ana, conversation }),
      call(conversationRoutes.read, { by: ana, conversation: 'no-id' as ConversationId }),
      call(conversationRoutes.commit, { by: ana, conversation, body: body.slice(0, -1) }),
      call(conversationRoutes.commit, { by: ana, conversation, body: Uint8Array.from([...body, 0]) }),
      call(conversationRoutes.commit, { by: ana, conversation, body, contentType: 'application/json' }),
      call(conversationRoutes.commit, {
        by: ana,
        conversation,
        body: new Uint8Array(limits.maxCommitBundleBytes + 1),
      }),
    ]);
    expect(statuses.map(({ status }) => status)).toEqual([401, 401, 400, 400, 400, 400, 400, 400, 413]);
  });

  it('refuse, all of them, what speaks of the logs of another generation, before anything else of it', async () => {
    const ana = newMember();
    const conversation = await newGroup([ana]);
    const body = encode(commitBundle, bundle({ devices: [ana], commitSeq: 1 }));
    for (const route of Object.values(conversationRoutes)) {
      const role = route.access === 'admin' ? 'admin' : 'member';
      const asked = { by: ana, role, conversation, ...(route.method === 'POST' ? { body } : {}) } as const;
      const other = await call(route, { ...asked, generation: '2' });
      expect([route.path, other.status, await other.json()]).toEqual([
        route.path,
        412,
        expect.objectContaining({ code: 'conversation/other-generation' }),
      ]);
      expect([route.path, (await call(route, { ...asked, generation: 'first' })).status]).toEqual([
        route.path,
        400,
      ]);
    }
    const same = await call(conversationRoutes.commit, { by: ana, conversation, body, generation: '1' });
    expect(await same.json()).toMatchObject({ kind: 'accepted', seq: 2 });
  });

  it('carry a welcome for a thousand devices', async () => {
    const ana = newMember();
    const devices = [ana, ...Array.from({ length: limits.maxConversationDevices - 1 }, () => newMember())];
    const conversation = await newGroup([ana]);
    const large = bundle({
      devices,
      commitSeq: 1,
      commit: Buffer.alloc(1_300_000, 1),
      welcome: Buffer.alloc(1_400_000, 2),
    });
    const answer = await call(conversationRoutes.commit, {
      by: ana,
      conversation,
      body: encode(commitBundle, { ...large, groupInfo: Buffer.alloc(1_400_000, 3) }),
    });
    expect(await answer.json()).toMatchObject({ kind: 'accepted', seq: 2 });
    const page = decode(
      logPage,
      new Uint8Array(
        await (
          await call(conversationRoutes.readPage, {
            by: devices[999] as MemberDevice,
            conversation,
            query: '?after=0',
          })
        ).arrayBuffer(),
      ),
    );
    expect([
      page.entries[0]?.devices.length,
      page.entries[0]?.ciphertext.length,
      page.entries[0]?.welcome.length,
    ]).toEqual([1_000, 1_300_000, 1_400_000]);
    expect(await append(devices[500] as MemberDevice, conversation)).toBe('stale-commit');
  });
});

describe('the commands', () => {
  it('answer gateways, and tell members over NATS', async () => {
    const [ana, ben] = [newMember(), newMember()];
    const conversation = await newGroup([ana, ben]);
    const told: ServerFrame[] = [];
    nats.subscribe(subjects.live(ana.user), {
      callback: (_error, message) => void told.push(decodeServerFrame(message.data)),
    });
    await nats.flush();
    expect(await append(ben, conversation)).toBe('accepted');
    // Published before it was answered, on one connection: it is here already, or about to be read.
    await soon(async () => (await nats.flush(), told.some(({ type }) => type === 'deliver')));
    expect(
      await ask({
        subject: subjects.generation,
        question: generationQuery,
        answer: generationResult,
        body: {},
      }),
    ).toEqual({ generation: 1 });
    expect(
      await ask({ subject: subjects.resume, question: resumeCommand, answer: resumeResult, body: ben }),
    ).toEqual({ generation: 1, conversations: [{ conversation, headSeq: 2, cursorSeq: 0 }] });
    const acknowledged = await ask({
      subject: subjects.acknowledge,
      question: acknowledgeBatch,
      answer: commandResult,
      body: { items: [{ ...ben, positions: [{ conversation, seq: 2 }] }] },
    });
    expect(acknowledged.problem).toBe('');
    await soon(async () => (await nats.flush(), told.some(({ type }) => type === 'delivered')));
    const signal = {
      ...newMember(),
      conversation,
      kind: 'momentary' as const,
      ciphertext: new Uint8Array(4),
    };
    expect(
      (await ask({ subject: subjects.signal, question: signalCommand, answer: commandResult, body: signal }))
        .problem,
    ).toBe('conversation/unknown');
  });

  it('refuse a malformed body without harm', async () => {
    for (const subject of [subjects.append, subjects.acknowledge, subjects.resume, subjects.signal]) {
      const reply = await nats.request(subject, Buffer.from([0xff, 0xff, 1]), { timeout: 5_000 });
      expect(reply.headers?.get('cipherchat-problem')).toBe('request/malformed');
    }
    expect(await append(newMember(), newId<ConversationId>())).toBe('not-member');
  });
});

describe('revocations', () => {
  function revoke(member: MemberDevice): Revocation {
    const entry: Revocation = {
      order: revocations.length + 1,
      kind: 'device',
      ...member,
      session: newId<SessionId>(),
      atMs: Date.now(),
    };
    revocations.push(entry);
    return entry;
  }

  it('are applied when auth publishes them, and within seconds when that was lost', async () => {
    const [ana, ben, caro] = [newMember(), newMember(), newMember()];
    const conversation = await newGroup([ana, ben, caro]);
    nats.publish(subjects.revoked, encode(revocation, revoke(ben)));
    await soon(async () => (await append(ben, conversation)) === 'not-member');
    revoke(caro);
    await soon(async () => (await append(caro, conversation)) === 'not-member');
    expect(await append(ana, conversation)).toBe('accepted');
  }, 15_000);

  it('are not missed while the store is down, and its young heads are announced when it is back', async () => {
    const [ana, ben] = [newMember(), newMember()];
    const conversation = await newGroup([ana, ben]);
    await store.stop();
    const told: ServerFrame[] = [];
    nats.subscribe(subjects.live(ana.user), {
      callback: (_error, message) => void told.push(decodeServerFrame(message.data)),
    });
    revoke(ben);
    store = await startStore();
    await soon(async () => (await append(ben, conversation)) === 'not-member');
    await soon(async () => (await nats.flush(), told.some(({ type }) => type === 'departure')));
    expect(told).toContainEqual({ type: 'announce', conversation, seq: 1, sizeBytes: 0 });
  }, 20_000);
});
