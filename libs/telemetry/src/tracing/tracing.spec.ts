import { describe, expect, it } from '@jest/globals';
import type { Coin } from './coin.js';
import { recordedTracing } from './recorded-spans.fixture.js';
import { startTracing } from './start-tracing.js';
import { Tracing } from './tracing.js';

const later = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('the coin', () => {
  it('is thrown once, where a request comes in, and what it leaves out has no parts', async () => {
    const falls = [true, false, true, false];
    const thrown: boolean[] = [];
    const coin = {
      throw: () => {
        thrown.push(falls[thrown.length] ?? true);
        return thrown.at(-1);
      },
    } as unknown as Coin;
    const { tracing, spans } = recordedTracing(coin);
    const roots = [1, 2, 3, 4].map(() => tracing.root('gateway append'));
    expect(roots.map((root) => root !== null)).toEqual(falls);
    expect(tracing.child('redis command')).toBeNull();
    roots[0]?.within(() => tracing.child('redis command')?.end());
    for (const root of roots) root?.end();
    expect(thrown).toHaveLength(4);
    expect((await spans()).map(({ name }) => name)).toEqual([
      'redis command',
      'gateway append',
      'gateway append',
    ]);
  });
});

describe('a trace', () => {
  it('goes on in another process of ours, and says so', async () => {
    const [asking, answering] = [recordedTracing(), recordedTracing()];
    const root = asking.tracing.root('gateway append');
    const request = root?.child('nats request');
    const served = answering.tracing.continued('message-store append', request?.traceparent);
    for (const span of [served, request, root]) span?.end();
    const [append] = await answering.spans();
    const [sent] = await asking.spans();
    expect(append?.spanContext().traceId).toBe(root?.traceId);
    expect(append?.parentSpanContext).toMatchObject({ ...sent?.spanContext(), isRemote: true });
  });

  it.each([
    ['nothing', undefined],
    ['an empty header', ''],
    ['something else', 'alice'],
    ['one that is not recorded', `00-${'a'.repeat(32)}-${'b'.repeat(16)}-00`],
    ['an id of zeros', `00-${'0'.repeat(32)}-${'b'.repeat(16)}-01`],
    ['too much', `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01-more`],
  ])('is not begun by %s', (_name, traceparent) => {
    expect(recordedTracing().tracing.continued('nats serve', traceparent)).toBeNull();
  });

  it('apart from the one that is being recorded shares nothing with it', async () => {
    const { tracing, spans } = recordedTracing();
    const append = tracing.root('message-store append');
    append?.within(() => tracing.apart('message-store publish')?.end());
    append?.end();
    const [publish, root] = await spans();
    expect(publish?.spanContext().traceId).not.toBe(root?.spanContext().traceId);
    expect(publish?.parentSpanContext).toBeUndefined();
    expect(publish?.links).toEqual([]);
  });

  it('follows the work through what it waits for, and not what outlives it', async () => {
    const { tracing, spans } = recordedTracing();
    const root = tracing.root('http request');
    let outlived: Promise<unknown> = Promise.resolve();
    await root?.around(async () => {
      await later();
      const child = tracing.child('postgres statement');
      await child?.around(later);
      outlived = later()
        .then(later)
        .then(() => tracing.child('redis command'));
    });
    expect(await outlived).toBeNull();
    expect(tracing.active()).toBeNull();
    const [statement, request] = await spans();
    expect(statement?.parentSpanContext?.spanId).toBe(request?.spanContext().spanId);
  });

  it('says of a failure its class and not its words', async () => {
    const { tracing, spans } = recordedTracing();
    const failing = async (): Promise<void> => {
      await later();
      throw new RangeError('alice is not there');
    };
    await expect(tracing.root('gateway resume')?.around(failing)).rejects.toThrow('alice');
    const [span] = await spans();
    expect(span?.attributes).toEqual({ 'error.type': 'RangeError' });
    expect(span?.status).toEqual({ code: 2 });
    expect(span?.events).toEqual([]);
  });

  it('of two messages in one batch is linked with the other', async () => {
    const { tracing, spans } = recordedTracing();
    const [one, other] = [tracing.root('gateway append'), tracing.root('gateway append')];
    const request = one?.child('nats request');
    if (other !== null) request?.link(other);
    request?.end();
    const [sent] = await spans();
    expect(sent?.links.map(({ context }) => context.traceId)).toEqual([other?.traceId]);
  });
});

describe('without a collector', () => {
  it('nothing is recorded, whatever is asked for', async () => {
    const tracing = await startTracing({
      service: 'gateway',
      instance: 'one',
      endpoint: undefined,
      ratio: 1,
      chance: () => 0,
      randomBytes: (length) => new Uint8Array(length),
      onExported: () => {},
    });
    expect(tracing).toBe(Tracing.off);
    expect(tracing.isOn).toBe(false);
    expect(tracing.root('gateway append')).toBeNull();
    expect(tracing.apart('message-store publish')).toBeNull();
    expect(tracing.continued('nats serve', `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`)).toBeNull();
    expect(tracing.child('redis command')).toBeNull();
    await tracing.stop();
  });
});
