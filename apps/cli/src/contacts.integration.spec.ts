/** Real: the command line as processes, all services, Postgres, NATS, Redis. Nothing is mocked. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CliWorld, heardText } from './testing/cli-world.js';

const storyMs = 300_000;
let world: CliWorld;
let anna: ReturnType<CliWorld['as']>;
let ben: ReturnType<CliWorld['as']>;

beforeAll(async () => {
  world = await CliWorld.start();
  anna = world.as('anna');
  ben = world.as('ben');
  expect(await anna('register', 'anna')).toMatchObject({ code: 0 });
  expect(await ben('register', 'ben')).toMatchObject({ code: 0 });
}, storyMs);
afterAll(() => world?.stop(), storyMs);

describe('an invite link', () => {
  it(
    'leads to who made it, with their key',
    async () => {
      const [{ link }] = (await anna('--json', 'contacts', 'invite-link')).json as [
        { readonly link: string },
      ];
      expect(await ben('--json', 'contacts', 'open', link)).toMatchObject({
        code: 0,
        json: [{ kind: 'invite-opened', username: 'anna' }],
      });
      expect(await anna('contacts', 'open', link)).toMatchObject({ code: 2 });
      expect(await ben('contacts', 'open', link.slice(0, -1))).toMatchObject({ code: 2 });
    },
    storyMs,
  );

  it(
    'with a token makes who opens it and writes a contact at once, until it is reset',
    async () => {
      const [dora, eve] = [world.as('dora'), world.as('eve')];
      expect(await dora('register', 'dora')).toMatchObject({ code: 0 });
      expect(await eve('register', 'eve')).toMatchObject({ code: 0 });
      const made = await anna('--json', 'contacts', 'invite-link', '--with-token');
      expect(made).toMatchObject({ code: 0, json: [{ kind: 'invite-link', token: { usesLeft: 50 } }] });
      const [{ link }] = made.json as [{ readonly link: string }];
      // By a pipe, so that it is in no history of a shell.
      const opened = await world.run(['--profile', 'dora', '--json', 'contacts', 'open'], {
        input: `${link}\n`,
      });
      expect(opened.json).toMatchObject([{ kind: 'invite-opened', username: 'anna' }]);
      expect(await dora('send', 'anna', 'you gave me your link')).toMatchObject({ code: 0 });
      await world.hear('anna', (told) => heardText(told, 'you gave me your link'));
      expect((await anna('--json', 'requests')).json).toEqual([]);
      expect((await anna('--json', 'contacts', 'invite-link', '--with-token')).json).toMatchObject([
        { link, token: { usesLeft: 49 } },
      ]);

      expect(await anna('--json', 'contacts', 'reset-links')).toMatchObject({
        code: 0,
        json: [{ kind: 'invite-links-reset' }],
      });
      expect(await eve('contacts', 'open', link)).toMatchObject({ code: 0 });
      expect(await eve('send', 'anna', 'me too')).toMatchObject({ code: 0 });
      await world.hear('anna', (told) => heardText(told, 'me too'));
      expect((await anna('--json', 'requests')).json).toMatchObject([{ title: 'eve' }]);
      expect(await anna('decline', 'eve')).toMatchObject({ code: 0 });
      // Whoever was let in before stays a contact.
      expect(await dora('send', 'anna', 'still here')).toMatchObject({ code: 0 });
      await world.hear('anna', (told) => heardText(told, 'still here'));
      expect((await anna('--json', 'requests')).json).toEqual([]);
    },
    storyMs,
  );
});

describe('somebody who was blocked', () => {
  it(
    'can begin no conversation, until unblocked',
    async () => {
      expect(await ben('--json', 'contacts', 'block', 'anna')).toMatchObject({
        code: 0,
        json: [{ kind: 'contact-blocked', username: 'anna', told: true }],
      });
      expect((await ben('--json', 'contacts', 'blocked')).json).toMatchObject([
        { kind: 'blocked', username: 'anna' },
      ]);
      expect((await anna('send', 'ben', 'hello')).code).not.toBe(0);
      expect(await ben('--json', 'contacts', 'unblock', 'anna')).toMatchObject({
        code: 0,
        json: [{ kind: 'contact-unblocked', told: true }],
      });
      expect((await ben('--json', 'contacts', 'blocked')).json).toEqual([]);
      expect(await anna('send', 'ben', 'hello again')).toMatchObject({ code: 0, out: 'Sent.\n' });
    },
    storyMs,
  );
});

describe('messages that disappear', () => {
  it(
    'are set by either, for both, and are gone when their time is over',
    async () => {
      expect(await anna('timer', 'ben', 'tomorrow')).toMatchObject({ code: 2 });
      expect(await anna('timer', 'ben', '2w')).toMatchObject({ code: 0 });
      expect(await anna('timer', 'ben', '1s')).toMatchObject({
        code: 0,
        out: 'ben: messages disappear 1 second after they are read.\n',
      });
      expect(await anna('send', 'ben', 'gone in a moment')).toMatchObject({ code: 0 });
      const told = await world.hear(
        'ben',
        (heard) =>
          heardText(heard, 'gone in a moment') && heard.some(({ kind }) => kind === 'message-removed'),
        ['--mark-read'],
      );
      const timer = { disappearAfterS: 1 };
      expect(told).toContainEqual(
        expect.objectContaining({ from: 'anna', body: { kind: 'timer', change: 'set', ...timer } }),
      );
      expect(told).toContainEqual(
        expect.objectContaining({ body: { kind: 'text', text: 'gone in a moment' }, disappearAfterS: 1 }),
      );
      for (const [run, other] of [
        [anna, 'ben'],
        [ben, 'anna'],
      ] as const) {
        expect((await run('history', other)).out).not.toContain('gone in a moment');
        expect((await run('--json', 'timer', other)).json).toMatchObject([timer]);
      }
      expect(await ben('--json', 'timer', 'anna', 'off')).toMatchObject({
        code: 0,
        json: [{ kind: 'timer', title: 'anna', disappearAfterS: null }],
      });
    },
    storyMs,
  );
});

describe('a request', () => {
  it(
    'is listed, declined, made again and accepted, and shows the name that is given with it',
    async () => {
      const cleo = world.as('cleo');
      expect(await cleo('register', 'cleo')).toMatchObject({ code: 0 });
      expect(await cleo('--json', 'profile', '--name', 'Cleo C.')).toMatchObject({
        code: 0,
        json: [{ kind: 'profile', name: 'Cleo C.', picture: null }],
      });
      expect(await cleo('send', 'anna', 'hello anna')).toMatchObject({ code: 0 });
      await world.hear('anna', (told) =>
        told.some(({ kind, from }) => kind === 'message' && from === 'cleo'),
      );
      const listed = await anna('--json', 'requests');
      expect(listed.json).toMatchObject([{ kind: 'request', title: 'cleo', type: 'direct', from: 'cleo' }]);
      expect(await anna('decline', 'cleo')).toMatchObject({ code: 0 });
      expect((await anna('--json', 'requests')).json).toEqual([]);
      expect(await anna('accept', 'nobody.at.all')).toMatchObject({ code: 4 });
      expect(await cleo('send', 'anna', 'please')).toMatchObject({ code: 0 });
      await world.hear('anna', (told) =>
        told.some(({ kind, from }) => kind === 'message' && from === 'cleo'),
      );
      expect((await anna('--json', 'requests')).json).toMatchObject([{ unread: 1 }]);
      expect(await anna('accept', 'cleo')).toMatchObject({ code: 0, out: 'Accepted.\n' });
      expect((await anna('--json', 'requests')).json).toEqual([]);
    },
    storyMs,
  );
});
