/** The probe, as an operator runs it. Real: the command line as processes, all services, Postgres, NATS, Redis. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CliWorld } from './testing/cli-world.js';

const storyMs = 300_000;
let world: CliWorld;

beforeAll(async () => {
  world = await CliWorld.start();
}, storyMs);
afterAll(() => world?.stop(), storyMs);

describe('the probe', () => {
  it(
    'says once how messages fare between two accounts that are gone afterwards',
    async () => {
      const probed = await world.run(['--json', 'probe', '--once']);
      expect(probed).toMatchObject({
        code: 0,
        json: [{ kind: 'probed', sent: 6, delivered: 6, lost: 0, late: 0, duplicate: 0 }],
      });
      const [{ p50Ms, maxMs }] = probed.json as [{ readonly p50Ms: number; readonly maxMs: number }];
      expect(p50Ms).toBeGreaterThan(0);
      expect(maxMs).toBeGreaterThanOrEqual(p50Ms);
    },
    storyMs,
  );

  it(
    'goes on and shows metrics: what waits for a store that hangs is lost, and late when it comes after all',
    async () => {
      const running = world.begin([
        'probe',
        '--every',
        '100ms',
        '--lost-after',
        '2s',
        '--metrics',
        '127.0.0.1:0',
      ]);
      await running.until('its address', ({ printed }) => /http:\S+\/metrics/.test(printed));
      const [address = ''] = /http:\S+\/metrics/.exec(running.printed) ?? [];
      const read = async (sample: string): Promise<number> => {
        const text = await (await fetch(address)).text();
        return Number(
          text
            .split('\n')
            .find((line) => line.startsWith(sample))
            ?.split(' ')
            .at(-1) ?? Number.NaN,
        );
      };
      const messages = (outcome: string) => read(`cipherchat_probe_messages_total{outcome="${outcome}"`);
      const until = async (isSo: () => Promise<boolean>): Promise<void> => {
        for (const deadline = performance.now() + storyMs / 3; !(await isSo());) {
          if (performance.now() > deadline) throw new Error(`waited in vain; it printed ${running.printed}`);
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
      };
      await until(async () => (await messages('delivered')) >= 5);
      expect(await read('cipherchat_probe_live_ratio')).toBe(1);
      expect((await fetch(address.replace('/metrics', '/healthz/ready'))).status).toBe(204);
      const store = world.system.services.find(({ service }) => service === 'message-store');
      if (store === undefined) throw new Error('there is no message store');
      process.kill(store.pid, 'SIGSTOP');
      await until(async () => (await messages('lost')) >= 3);
      process.kill(store.pid, 'SIGCONT');
      await until(async () => (await messages('late')) === (await messages('lost')));
      expect(await messages('duplicate')).toBe(0);
      running.signal('SIGTERM');
      expect(await running.finished).toMatchObject({ code: 0 });
    },
    storyMs,
  );

  it(
    'says what is wrong with how it was asked',
    async () => {
      for (const [option, value] of [
        ['--pairs', '0'],
        ['--every', '1ms'],
        ['--metrics', 'nowhere'],
      ] as const)
        expect(await world.run(['probe', option, value])).toMatchObject({ code: 2 });
    },
    storyMs,
  );
});
