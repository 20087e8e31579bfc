/** Two gateways and a store, all real: from one client's socket to the other's. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RunningService } from '@cipherchat/service-kit';
import type { EnvelopeId } from '@cipherchat/protocol';
import { GatewayWorld } from '../gateway-world.fixture.js';
import { appendFrame, bundle, newId, newMember } from '../story-values.fixture.js';

let world: GatewayWorld;
let store: RunningService;
let west: RunningService;
let east: RunningService;

beforeAll(async () => {
  world = await GatewayWorld.start();
  store = await world.store();
  [west, east] = await Promise.all([world.gateway(), world.gateway()]);
}, 30_000);
afterAll(() => world.stop(), 30_000);

describe('delivery across gateways', () => {
  it('takes a message from one gateway to the other, durable before it is answered', async () => {
    const [ana, ben] = [newMember(), newMember()];
    const conversation = await world.group(store, [ana, ben]);
    const [anaOnline, benOnline] = await Promise.all([world.online(west, ana), world.online(east, ben)]);
    const frame = appendFrame({ conversation, request: 7 });
    anaOnline.send(frame);
    const appended = await anaOnline.take('appended');
    expect(appended).toMatchObject({ request: 7, seq: 2 });
    const delivered = await benOnline.take('deliver');
    expect(delivered).toMatchObject({ conversation, seq: 2, envelope: frame.envelope, atMs: appended.atMs });
    expect(Buffer.from(delivered.ciphertext)).toEqual(frame.ciphertext);
    const page = await world.readPage(store, { conversation, by: ben, after: 1 });
    expect(page.entries.map(({ seq, envelope }) => [seq, envelope])).toEqual([[2, frame.envelope]]);
  });

  it('keeps the order of messages that were sent at once', async () => {
    const [ana, ben] = [newMember(), newMember()];
    const conversation = await world.group(store, [ana, ben]);
    const [anaOnline, benOnline] = await Promise.all([world.online(west, ana), world.online(east, ben)]);
    const envelopes = Array.from({ length: 100 }, () => newId<EnvelopeId>());
    for (const [index, envelope] of envelopes.entries())
      anaOnline.send(appendFrame({ conversation, request: index, envelope }));
    await benOnline.until(() => benOnline.ofType('deliver').length === 100);
    expect(benOnline.ofType('deliver').map(({ envelope }) => envelope)).toEqual(envelopes);
    await anaOnline.until(() => anaOnline.ofType('appended').length === 100);
    expect(anaOnline.ofType('appended').map(({ seq }) => seq)).toEqual(
      envelopes.map((_, index) => index + 2),
    );
  });

  it('brings nobody back what they sent, and tells them its place in line with the places of others', async () => {
    const [ana, ben] = [newMember(), newMember()];
    const phone = newMember(ana.user);
    const conversation = await world.group(store, [ana, phone, ben]);
    const [anaOnline, phoneOnline, benOnline] = await Promise.all([
      world.online(west, ana),
      world.online(west, phone),
      world.online(east, ben),
    ]);
    const count = 50;
    for (let index = 0; index < count; index++)
      for (const sender of [anaOnline, benOnline]) sender.send(appendFrame({ conversation, request: index }));
    const all = Array.from({ length: 2 * count }, (_, index) => index + 2);
    await phoneOnline.until(() => phoneOnline.ofType('deliver').length === 2 * count);
    expect(phoneOnline.ofType('deliver').map(({ seq }) => seq)).toEqual(all);
    for (const sender of [anaOnline, benOnline]) {
      const places = (): readonly number[] =>
        sender.frames.flatMap((frame) =>
          frame.type === 'deliver' || frame.type === 'appended' ? [frame.seq] : [],
        );
      await sender.until(() => places().length === 2 * count);
      expect(places()).toEqual(all);
      expect(sender.ofType('appended')).toHaveLength(count);
    }
  });

  it('answers a resend with the first place, and delivers it once', async () => {
    const [ana, ben] = [newMember(), newMember()];
    const conversation = await world.group(store, [ana, ben]);
    const [anaOnline, benOnline] = await Promise.all([world.online(west, ana), world.online(east, ben)]);
    const frame = appendFrame({ conversation, request: 1 });
    anaOnline.send(frame);
    const first = await anaOnline.take('appended');
    anaOnline.send({ ...frame, request: 2 });
    expect(await anaOnline.take('appended')).toEqual({ ...first, request: 2 });
    // The commit that made the conversation may be announced to one who comes just then.
    await benOnline.until(() => benOnline.ofType('announce').some(({ seq }) => seq === first.seq));
    expect(benOnline.ofType('deliver')).toHaveLength(1);
  });

  it('says what was refused, and why', async () => {
    const [ana, stranger] = [newMember(), newMember()];
    const conversation = await world.group(store, [ana]);
    const [anaOnline, strangerOnline] = await Promise.all([
      world.online(west, ana),
      world.online(east, stranger),
    ]);
    anaOnline.send(appendFrame({ conversation, request: 3, commitSeq: 0 }));
    expect(await anaOnline.take('problem')).toMatchObject({
      request: 3,
      problem: 'conversation/stale-commit',
      detail: '{"lastCommitSeq":1}',
    });
    strangerOnline.send(appendFrame({ conversation, request: 4 }));
    expect(await strangerOnline.take('problem')).toMatchObject({
      request: 4,
      problem: 'conversation/unknown',
    });
    strangerOnline.send({ type: 'signal', conversation, kind: 'momentary', ciphertext: new Uint8Array(8) });
    expect(await strangerOnline.take('problem')).toMatchObject({
      request: 0,
      problem: 'conversation/unknown',
    });
  });

  it('lists what lies past the cursor of a device that was away, newest first, and nothing once it has acknowledged', async () => {
    const [ana, ben] = [newMember(), newMember()];
    const [older, newer] = [await world.group(store, [ana, ben]), await world.group(store, [ana, ben])];
    const anaOnline = await world.online(west, ana);
    for (const conversation of [older, newer]) {
      anaOnline.send(appendFrame({ conversation }));
      await anaOnline.take('appended');
    }
    const benOnline = await world.connect(east, ben);
    benOnline.send({ type: 'resume', generation: 1 });
    const { conversations } = await benOnline.take('pending');
    await benOnline.take('live');
    expect(conversations).toEqual(
      [newer, older].map((conversation) => ({ conversation, headSeq: 2, cursorSeq: 0 })),
    );
    benOnline.send({
      type: 'acknowledge',
      positions: conversations.map(({ conversation, headSeq: seq }) => ({ conversation, seq })),
    });
    await anaOnline.until(() => anaOnline.ofType('delivered').length === 2);
    expect(anaOnline.ofType('delivered')).toEqual(
      expect.arrayContaining(
        [older, newer].map((conversation) => ({ type: 'delivered', conversation, ...ben, seq: 2 })),
      ),
    );
    benOnline.send({ type: 'resume', generation: 1 });
    await benOnline.take('live');
    expect(benOnline.ofType('pending')).toEqual([]);
  });

  it('passes signals on to members on every gateway', async () => {
    const [ana, ben] = [newMember(), newMember()];
    const conversation = await world.group(store, [ana, ben]);
    const [anaOnline, benOnline] = await Promise.all([world.online(west, ana), world.online(east, ben)]);
    anaOnline.send({ type: 'signal', conversation, kind: 'momentary', ciphertext: Buffer.from('typing') });
    expect(await benOnline.take('signal')).toMatchObject({ conversation, ...ana, kind: 'momentary' });
  });

  it('passes a read mark on to the device that sent it, too: by that it knows that it is stored', async () => {
    const [ana, ben] = [newMember(), newMember()];
    const conversation = await world.group(store, [ana, ben]);
    const anaOnline = await world.online(west, ana);
    const ciphertext = Buffer.from('read up to here');
    anaOnline.send({ type: 'signal', conversation, kind: 'read', ciphertext });
    const heard = await anaOnline.take('signal');
    expect(heard).toMatchObject({ conversation, ...ana, kind: 'read' });
    expect(Buffer.from(heard.ciphertext)).toEqual(ciphertext);
  });

  it('announces a commit to the users of before and after it', async () => {
    const [ana, ben, caro] = [newMember(), newMember(), newMember()];
    const conversation = await world.group(store, [ana, ben]);
    const [benOnline, caroOnline] = await Promise.all([world.online(west, ben), world.online(east, caro)]);
    const answer = await world.commit(store, {
      conversation,
      by: ana,
      bundle: bundle({ devices: [ana, caro], commitSeq: 1 }),
    });
    expect(answer.status).toBe(200);
    for (const client of [benOnline, caroOnline])
      await client.until(() => client.ofType('announce').some(({ seq }) => seq === 2), 'the announcement');
  });

  it('tells members that a revoked device departs, and refuses it', async () => {
    const [ana, ben] = [newMember(), newMember()];
    const conversation = await world.group(store, [ana, ben]);
    const anaOnline = await world.online(west, ana);
    world.revoke({ kind: 'device', ...ben, session: '00000000-0000-0000-0000-000000000000' as never });
    expect(await anaOnline.take('departure')).toEqual({ type: 'departure', conversation, ...ben });
  });
});
