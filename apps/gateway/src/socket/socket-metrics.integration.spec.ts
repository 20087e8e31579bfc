/** What two gateways show of real sockets, and that it names nobody. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RunningService } from '@cipherchat/service-kit';
import { encodeServerFrame, limits, subjects, type ConversationId } from '@cipherchat/protocol';
import { isShownBy, metricCatalogue, type MetricDefinition, type ServiceName } from '@cipherchat/telemetry';
import { ScrapedMetrics, scrapedOnce } from '@cipherchat/test-kit';
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

describe('a message', () => {
  it('is counted and timed at each of its stages, at the gateway where it passes', async () => {
    const [ana, ben] = [newMember(), newMember()];
    const conversation = await world.group(store, [ana, ben]);
    const [anaOnline, benOnline] = await Promise.all([world.online(west, ana), world.online(east, ben)]);
    const frame = appendFrame({ conversation });
    anaOnline.send(frame);
    await anaOnline.take('appended');
    const { seq } = await benOnline.take('deliver');
    expect((await ScrapedMetrics.of(east)).sum('cipherchat_unacknowledged_envelopes')).toBe(1);
    benOnline.send({ type: 'acknowledge', positions: [{ conversation, seq }] });

    const sender = await ScrapedMetrics.of(west);
    expect(sender.sum('cipherchat_appends_total', { outcome: 'accepted' })).toBe(1);
    expect(sender.sum('cipherchat_frames_received_total', { type: 'append' })).toBe(1);
    expect(sender.sum('cipherchat_frames_sent_total', { type: 'appended' })).toBe(1);
    for (const stage of ['append_wait_seconds', 'append_duration_seconds', 'append_batch_envelopes'])
      expect(sender.sum(`cipherchat_${stage}_count`)).toBe(1);
    expect(sender.sum('cipherchat_append_duration_seconds_sum')).toBeGreaterThan(
      sender.sum('cipherchat_append_wait_seconds_sum'),
    );

    const receiver = await scrapedOnce(
      east,
      (metrics) => metrics.sum('cipherchat_unacknowledged_envelopes') === 0,
    );
    expect(receiver.sum('cipherchat_frames_sent_total', { type: 'deliver' })).toBe(1);
    expect(receiver.sum('cipherchat_delivery_forward_seconds_count')).toBe(1);
    expect(receiver.sum('cipherchat_delivery_forward_seconds_bucket', { le: '5' })).toBe(1);
    expect(receiver.sum('cipherchat_delivery_acknowledge_seconds_count')).toBe(1);
    expect(receiver.sum('cipherchat_appends_total')).toBe(0);

    const ids = [ana, ben].flatMap(({ user, device }) => [user, device]);
    for (const { text } of [sender, receiver, await ScrapedMetrics.of(store)])
      for (const id of [...ids, conversation, frame.envelope]) expect(text).not.toContain(id);
  });

  it('that is refused is counted by the code of the refusal', async () => {
    const stranger = await world.online(east, newMember());
    stranger.send(appendFrame({ conversation: newId<ConversationId>() }));
    await stranger.take('problem');
    const metrics = await ScrapedMetrics.of(east);
    expect(metrics.sum('cipherchat_appends_total', { outcome: 'not-member' })).toBe(1);
    expect(metrics.sum('cipherchat_problems_total', { via: 'socket', code: 'conversation/unknown' })).toBe(1);
  });
});

describe('each service', () => {
  const given = (service: ServiceName): readonly string[] =>
    Object.entries<MetricDefinition>(metricCatalogue)
      .filter(([, definition]) => isShownBy(definition, service))
      .map(([name, { type }]) => `# TYPE ${name.replace(/_total$/, '')} ${type}\n`);

  it('shows all that the catalogue gives to it', async () => {
    for (const [name, service] of [['gateway', west] as const, ['message-store', store] as const]) {
      const { text } = await ScrapedMetrics.of(service);
      expect(given(name).filter((line) => !text.includes(line))).toEqual([]);
    }
  });
});

describe('the store', () => {
  it('times what it commits and publishes, and counts what is sent again or builds on what is old', async () => {
    const before = await ScrapedMetrics.of(store);
    const [ana, ben] = [newMember(), newMember()];
    const conversation = await world.group(store, [ana, ben]);
    const [anaOnline] = await Promise.all([world.online(west, ana), world.online(east, ben)]);
    const frame = appendFrame({ conversation, request: 1 });
    for (const request of [1, 2]) {
      anaOnline.send({ ...frame, request });
      await anaOnline.take('appended');
    }
    anaOnline.send(appendFrame({ conversation, request: 3, commitSeq: 0 }));
    await anaOnline.take('problem');
    await world.commit(store, {
      conversation,
      by: ana,
      bundle: bundle({ devices: [ana, ben], commitSeq: 0 }),
    });
    anaOnline.send({ type: 'signal', conversation, kind: 'read', ciphertext: new Uint8Array(8) });
    await world.readPage(store, { conversation, by: ben, after: 0 });
    anaOnline.send({ type: 'acknowledge', positions: [{ conversation, seq: 2 }] });

    const grown = (
      after: ScrapedMetrics,
      name: string,
      labels: Readonly<Record<string, string>> = {},
    ): number => after.sum(`cipherchat_${name}`, labels) - before.sum(`cipherchat_${name}`, labels);
    const after = await scrapedOnce(
      store,
      (metrics) =>
        grown(metrics, 'acknowledge_batch_positions_count') === 1 &&
        grown(metrics, 'signals_total', { kind: 'read' }) === 1,
    );
    for (const stage of ['append_commit_seconds', 'append_publish_seconds', 'append_batch_envelopes'])
      expect(grown(after, `${stage}_count`)).toBe(3);
    expect(grown(after, 'duplicates_total', { kind: 'message' })).toBe(1);
    expect(grown(after, 'epoch_conflicts_total', { kind: 'message' })).toBe(1);
    expect(grown(after, 'epoch_conflicts_total', { kind: 'commit' })).toBe(1);
    expect(grown(after, 'commits_total', { kind: 'commit' })).toBe(1);
    expect(grown(after, 'live_frames_published_total', { type: 'deliver' })).toBe(2);
    expect(grown(after, 'log_page_envelopes_sum')).toBe(2);
    expect(grown(after, 'resume_conversations_count')).toBe(2);
    expect(grown(after, 'append_queue_envelopes')).toBe(0);
    expect(grown(after, 'command_duration_seconds_count', { command: 'append', outcome: 'done' })).toBe(3);
    expect(grown(after, 'command_duration_seconds_count', { command: 'signal', outcome: 'done' })).toBe(1);
    // The first by a store that knows nobody; the others' two were not as known.
    for (const [operation, count] of [
      ['append_envelopes', 3],
      ['append_known', 2],
    ] as const)
      expect(grown(after, 'postgres_statement_duration_seconds_count', { operation, outcome: 'done' })).toBe(
        count,
      );
    expect(grown(after, 'problems_total', { via: 'http', code: 'conversation/stale-commit' })).toBe(1);
  });
});

describe('a client', () => {
  it('that does not acknowledge is shown as behind, and as asked to look once it has caught up', async () => {
    const own = await world.gateway();
    const member = newMember();
    const client = await world.online(own, member);
    const conversation = newId<ConversationId>();
    const last = limits.maxUnacknowledgedEnvelopes + 1;
    for (let seq = 1; seq <= last; seq++)
      world.nats.publish(
        subjects.live(member.user),
        encodeServerFrame({
          type: 'deliver',
          conversation,
          seq,
          envelope: newId(),
          atMs: 1,
          ciphertext: Uint8Array.of(1),
        }),
      );
    const behind = await scrapedOnce(own, (metrics) => metrics.sum('cipherchat_sockets_behind') === 1);
    expect(behind.sum('cipherchat_sockets_fell_behind_total')).toBe(1);
    expect(behind.sum('cipherchat_unacknowledged_envelopes')).toBe(limits.maxUnacknowledgedEnvelopes);
    expect(behind.sum('cipherchat_resyncs_total')).toBe(0);
    client.send({ type: 'acknowledge', positions: [{ conversation, seq: last }] });
    await client.take('resync');
    const caughtUp = await ScrapedMetrics.of(own);
    expect(caughtUp.sum('cipherchat_resyncs_total', { cause: 'behind' })).toBe(1);
    expect(caughtUp.sum('cipherchat_sockets_behind')).toBe(0);
  });

  it('that could not read something is counted by cause, no more of it than is believable, and not named', async () => {
    const member = newMember();
    const client = await world.online(east, member);
    client.send({
      type: 'report',
      failures: [
        { cause: 'not-authentic', count: 2 },
        { cause: 'messages-missing', count: 4_000_000 },
      ],
    });
    client.send({ type: 'report', failures: [{ cause: 'not-authentic', count: 50 }] });
    client.send({ type: 'ping', nonce: 1 });
    await client.take('pong');
    const metrics = await ScrapedMetrics.of(east);
    const failures = 'cipherchat_client_decrypt_failures_total';
    expect(metrics.sum(failures, { cause: 'not-authentic' })).toBe(2);
    expect(metrics.sum(failures, { cause: 'messages-missing' })).toBe(limits.maxReportedFailures);
    expect(metrics.sum(failures)).toBe(2 + limits.maxReportedFailures);
    for (const id of [member.user, member.device]) expect(metrics.text).not.toContain(id);
    expect(client.closed).toBeNull();
  });

  it('is counted at the door, let in or not', async () => {
    const full = await world.gateway({ MAX_SOCKETS: '1' });
    const first = await world.open(full);
    await expect(world.open(full)).rejects.toThrow();
    const metrics = await ScrapedMetrics.of(full);
    expect(metrics.sum('cipherchat_socket_handshakes_total', { outcome: 'accepted' })).toBe(1);
    expect(metrics.sum('cipherchat_socket_handshakes_total', { outcome: 'unavailable' })).toBe(1);
    expect(metrics.sum('cipherchat_sockets_open')).toBe(1);
    first.socket.terminate();
    await scrapedOnce(full, (later) => later.sum('cipherchat_sockets_open') === 0);
  });
});
