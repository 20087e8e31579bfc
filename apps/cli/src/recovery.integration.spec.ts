/** Real: the command line as processes, all services, Postgres, NATS, Redis. Nothing is mocked. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CliWorld, heardText } from './testing/cli-world.js';

const storyMs = 300_000;
const isActive = (event: unknown): boolean => (event as { readonly phase?: unknown }).phase === 'active';
let world: CliWorld;
beforeAll(async () => {
  world = await CliWorld.start();
}, storyMs);
afterAll(() => world?.stop(), storyMs);

describe('who has lost a machine', () => {
  it(
    'comes back on another by the recovery key, once it was checked',
    async () => {
      const [anna, ben] = [world.as('anna'), world.as('ben')];
      expect(await anna('register', 'anna')).toMatchObject({ code: 0 });
      expect(await ben('register', 'ben')).toMatchObject({ code: 0 });
      expect(await anna('send', 'ben', 'before')).toMatchObject({ code: 0 });
      await world.hear('ben', (told) => heardText(told, 'before'));
      const [{ recoveryKey }] = (await anna('--json', 'recovery-key')).json as [
        { readonly recoveryKey: string },
      ];
      const elsewhere = (args: readonly string[], input: string) =>
        world.run(['--profile', 'elsewhere', '--json', ...args], { input: `${input}\n` });
      // Shown, and not checked: it opens nothing yet.
      expect(await elsewhere(['recover', 'anna'], recoveryKey)).toMatchObject({
        code: expect.any(Number),
        json: [],
      });
      const check = (input: string) => world.run(['--profile', 'anna', 'recovery-key', '--check'], { input });
      expect((await check('7777-7777\n')).code).not.toBe(0);
      expect(await check(`${recoveryKey.toLowerCase()}\n`)).toMatchObject({ code: 0 });
      expect((await elsewhere(['recover', 'ben'], recoveryKey)).code).not.toBe(0);
      expect(await elsewhere(['recover', 'anna'], recoveryKey)).toMatchObject({
        code: 0,
        json: [{ kind: 'recovered', username: 'anna' }],
      });
      const listening = world.begin(['--profile', 'elsewhere', '--json', 'listen']);
      // What is written before the new device is in the group is for the lost one alone: a mark stands for it.
      await listening.until('anna is back in', ({ json }) => json.some(isActive));
      expect(await ben('send', 'anna', 'are you there?')).toMatchObject({ code: 0 });
      await listening.until('anna hears on', ({ json }) => heardText(json, 'are you there?'));
      expect(heardText(listening.json, 'before')).toBe(false);
      listening.signal('SIGINT');
      await listening.finished;
      // Nothing of it is left where it was signed out for good.
      expect(await world.run(['--profile', 'elsewhere', '--json', 'sign-out', '--forget'])).toMatchObject({
        code: 0,
        json: [{ kind: 'signed-out', forgotten: true, server: 'told' }],
      });
      expect((await world.run(['--profile', 'elsewhere', 'whoami'])).code).not.toBe(0);
    },
    storyMs,
  );
});
