import { expect, it } from '@jest/globals';
import { Metrics } from './metrics.js';

it('a label takes only the values that were listed', async () => {
  const metrics = new Metrics('test');
  const appended = metrics.counter({
    name: 'appends_total',
    help: 'Appends.',
    labels: { outcome: ['accepted', 'stale'] },
  });
  appended({ outcome: 'accepted' });
  appended({ outcome: 'accepted' }, 2);
  expect(() => appended({ outcome: 'some-user-id' as 'accepted' })).toThrow(RangeError);
  const sockets = metrics.gauge({ name: 'sockets', help: 'Open sockets.', labels: {} });
  sockets({}, 7);
  const batch = metrics.histogram({ name: 'batch_items', help: 'Items.', labels: {}, buckets: [1, 10] });
  batch({}, 5);
  const text = await metrics.registry.metrics();
  expect(text).toContain('cipherchat_appends_total{outcome="accepted",service="test"} 3');
  expect(text).toContain('cipherchat_sockets{service="test"} 7');
  expect(text).toContain('cipherchat_batch_items_bucket{le="10",service="test"} 1');
  expect(text).not.toContain('some-user-id');
});

it('two services in one process count apart', async () => {
  const [one, other] = [new Metrics('one'), new Metrics('other')];
  one.eventHappened('service.starting');
  expect(await one.registry.metrics()).toContain(
    'cipherchat_events_total{event="service.starting",service="one"} 1',
  );
  expect(await other.registry.metrics()).not.toContain('service.starting');
});
