/** Real: the command line as processes, all services, Postgres, NATS, Redis. Nothing is mocked. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { CliWorld, heardText, type Json } from './testing/cli-world.js';

const storyMs = 300_000;
let world: CliWorld;
let anna: ReturnType<CliWorld['as']>;
let ben: ReturnType<CliWorld['as']>;
let cleo: ReturnType<CliWorld['as']>;

/** Only invited people may register here: anna is the first administrator and invites the others. */
beforeAll(async () => {
  world = await CliWorld.start({ registration: 'invite' });
  anna = world.as('anna');
  ben = world.as('ben');
  cleo = world.as('cleo');
}, storyMs);
afterAll(() => world?.stop(), storyMs);

describe('an administrator', () => {
  it(
    'is made by the token of the server, and invites others',
    async () => {
      expect(await ben('register', 'ben')).toMatchObject({
        code: 4,
        err: expect.stringContaining('--invite'),
      });
      expect(await anna('register', 'anna', '--admin')).toMatchObject({ code: 0 });
      const { json } = await anna('--json', 'admin', 'invite', '--uses', '2', '--expires', '1h');
      const invite = String(json[0]?.['invite']);
      expect(await ben('register', 'ben', '--invite', invite)).toMatchObject({ code: 0 });
      expect(await cleo('register', 'cleo', '--invite', invite)).toMatchObject({ code: 0 });
      expect(await world.as('dora')('register', 'dora', '--invite', invite)).toMatchObject({ code: 4 });
    },
    storyMs,
  );

  it(
    'locks and unlocks an account',
    async () => {
      expect(await anna('admin', 'disable-user', 'cleo')).toMatchObject({ code: 0 });
      expect(await cleo('send', 'ben', 'hi', '--timeout', '10s')).toMatchObject({
        code: 4,
        err: expect.stringContaining('disabled'),
      });
      expect(await anna('admin', 'enable-user', 'cleo')).toMatchObject({ code: 0 });
      expect(await cleo('send', 'ben', 'hi again', '--timeout', '20s')).toMatchObject({ code: 0 });
    },
    storyMs,
  );
});

describe('a group', () => {
  const members = async (run: ReturnType<CliWorld['as']>): Promise<readonly unknown[]> =>
    (await run('--json', 'groups', 'members', '#crew')).json.map(({ username }) => username).sort();
  const texts = (json: readonly Json[]): readonly unknown[] =>
    json.flatMap(({ body }) => ((body as Json)['kind'] === 'text' ? [(body as Json)['text']] : []));

  it(
    'is made, grows, is renamed, and is written to from the outside of a terminal',
    async () => {
      const made = await anna('--json', 'groups', 'create', 'crew', 'ben');
      expect(made).toMatchObject({
        code: 0,
        json: [{ kind: 'group', title: '#crew', members: ['anna', 'ben'] }],
      });
      await anna('send', '#crew', 'before cleo');
      expect(await anna('--json', 'groups', 'add', '#crew', 'cleo')).toMatchObject({
        code: 0,
        json: [{ members: ['anna', 'ben', 'cleo'] }],
      });
      await anna('send', '#crew', 'with cleo');
      await world.hear('cleo', (told) => heardText(told, 'with cleo'));
      expect(texts((await cleo('--json', 'history', '#crew')).json)).toEqual(['with cleo']);
      expect(await members(cleo)).toEqual(['anna', 'ben', 'cleo']);
      expect(await anna('groups', 'rename', '#crew', 'the crew')).toMatchObject({
        code: 0,
        out: expect.stringContaining('#the crew'),
      });
      expect(await anna('groups', 'rename', '#the crew', 'crew')).toMatchObject({ code: 0 });
      expect(await anna('groups', 'list')).toMatchObject({ out: expect.stringMatching(/^#crew +3 people/) });
    },
    storyMs,
  );

  it(
    'that an administrator resets goes on, and every member sees why',
    async () => {
      await world.hear('ben', (told) => heardText(told, 'with cleo'));
      const [info] = (await ben('--json', 'groups', 'list')).json;
      const id = String(info?.['id']);
      expect(await ben('admin', 'reset-conversation', id)).toMatchObject({ code: 4 });
      expect(await anna('admin', 'reset-conversation', 'crew')).toMatchObject({ code: 2 });
      expect((await anna('--json', 'admin', 'reset-conversation', id)).json).toMatchObject([
        { kind: 'conversation-reset', conversation: id, seq: expect.any(Number) },
      ]);
      expect(await ben('send', '#crew', 'after the reset', '--timeout', '60s')).toMatchObject({ code: 0 });
      for (const [name, run] of [
        ['anna', anna],
        ['cleo', cleo],
      ] as const) {
        await world.hear(name, (told) => heardText(told, 'after the reset'));
        expect(await run('history', '#crew')).toMatchObject({
          out: expect.stringMatching(/administrator has reset this conversation/),
        });
      }
    },
    storyMs,
  );

  it(
    'keeps what follows from a member who was removed',
    async () => {
      expect(await anna('groups', 'remove', '#crew', 'cleo')).toMatchObject({ code: 0 });
      await anna('send', '#crew', 'without cleo');
      await world.hear('cleo', (told) =>
        told.some(({ kind, phase }) => kind === 'conversation' && phase === 'removed'),
      );
      expect(texts((await cleo('--json', 'history', '#crew')).json)).toEqual([
        'with cleo',
        'after the reset',
      ]);
      expect(await cleo('send', '#crew', 'let me in')).toMatchObject({
        code: 4,
        err: expect.stringContaining('not in that conversation'),
      });
      await world.hear('ben', (told) => heardText(told, 'without cleo'));
      expect(texts((await ben('--json', 'history', '#crew')).json)).toEqual([
        'before cleo',
        'with cleo',
        'after the reset',
        'without cleo',
      ]);
    },
    storyMs,
  );

  it(
    'is left',
    async () => {
      expect(await ben('groups', 'leave', '#crew')).toMatchObject({ code: 0, out: 'You have left #crew.\n' });
      await world.hear('anna', (told) =>
        told.some(({ kind, body }) => kind === 'message' && String((body as Json)['left']) === 'ben'),
      );
      expect(await members(anna)).toEqual(['anna']);
    },
    storyMs,
  );
});

describe('people', () => {
  it(
    'see the same safety number from both sides',
    async () => {
      await cleo('send', 'anna', 'compare?');
      await world.hear('anna', (told) => heardText(told, 'compare?'));
      const [annas, cleos] = [
        await anna('--json', 'safety-number', 'cleo'),
        await cleo('--json', 'safety-number', 'anna'),
      ];
      expect(annas.json[0]?.['digits']).toMatch(/^(?:\d{5} ){11}\d{5}$/);
      expect(cleos.json[0]?.['digits']).toBe(annas.json[0]?.['digits']);
      const digits = String(annas.json[0]?.['digits']);
      expect(annas.json[0]?.['offered']).toBeNull();
      expect((await anna('--json', 'accept-key', 'cleo', ...digits.split(' '))).json).toMatchObject([
        { kind: 'key-settled', username: 'cleo', key: 'known' },
      ]);
      expect(await anna('accept-key', 'cleo', digits.replaceAll('0', '1'), '1')).toMatchObject({ code: 8 });
      expect((await anna('--json', 'contacts')).json.map(({ username }) => username)).toEqual(
        expect.arrayContaining(['cleo']),
      );
    },
    storyMs,
  );
});

describe('an account', () => {
  it(
    'lists its devices, is exported, signed out, and deleted',
    async () => {
      expect((await cleo('--json', 'devices', 'list')).json).toMatchObject([
        { kind: 'device', current: true, revokedAt: null },
      ]);
      const file = path.join(world.folder.path, 'export.jsonl');
      expect(await cleo('export', '--out', file)).toMatchObject({ code: 0 });
      expect(statSync(file).mode & 0o777).toBe(0o600);
      expect(readFileSync(file, 'utf8')).toContain('with cleo');
      expect(await cleo('export', '--out', file)).toMatchObject({
        code: 2,
        err: expect.stringContaining('not overwritten'),
      });
      expect(await cleo('sign-out')).toMatchObject({ code: 0 });
      expect(await cleo('send', 'ben', 'still me', '--timeout', '20s')).toMatchObject({ code: 0 });
      expect(await cleo('delete-account')).toMatchObject({ code: 2 });
      expect(await cleo('delete-account', '--yes')).toMatchObject({ code: 0 });
      expect(await cleo('whoami')).toMatchObject({ code: 6 });
      expect((await world.run(['--json', 'profiles'])).json.map(({ profile }) => profile)).toEqual([
        'anna',
        'ben',
      ]);
    },
    storyMs,
  );

  it(
    'whose device was revoked is refused',
    async () => {
      const [{ device } = {}] = (await ben('--json', 'devices', 'list')).json;
      expect(await ben('devices', 'revoke', 'not-an-id')).toMatchObject({ code: 2 });
      expect(await ben('devices', 'revoke', String(device))).toMatchObject({ code: 0 });
      expect(await ben('send', 'anna', 'hello?', '--timeout', '10s')).toMatchObject({
        code: 4,
        err: expect.stringContaining('removed'),
      });
    },
    storyMs,
  );
});

describe('a program', () => {
  it(
    'holds a profile by commands and events in JSON',
    async () => {
      const control = world.begin(['--profile', 'anna', 'control']);
      await control.until('the connection', ({ json }) =>
        json.some(({ connection }) => connection === 'live'),
      );
      control.type(
        '{"id":1,"do":"group-create","name":"bots","users":[]}\nnot json\n{"id":2,"do":"dance"}\n{"id":"x","do":"send","to":"#bots"}\n',
      );
      await control.until(
        'the replies',
        ({ json }) => json.filter(({ kind }) => kind === 'reply').length === 4,
      );
      expect(control.json.filter(({ kind }) => kind === 'reply')).toMatchObject([
        { id: 1, ok: true },
        { id: null, ok: false, code: 2 },
        { id: 2, ok: false, code: 2 },
        { id: 'x', ok: false, code: 2 },
      ]);
      control.type('{"do":"quit"}\n');
      expect((await control.finished).code).toBe(0);
    },
    storyMs,
  );
});

describe('without a server', () => {
  it(
    'a message is kept, and the demo says what to start',
    async () => {
      await world.system.stop();
      expect(await anna('send', '#crew', 'kept for later', '--timeout', '2s')).toMatchObject({
        code: 3,
        err: expect.stringContaining('kept in this profile'),
      });
      expect(await anna('history', '#crew')).toMatchObject({
        code: 0,
        out: expect.stringContaining('kept for later  (waiting)'),
      });
      expect(await world.run(['demo'], { env: { CIPHERCHAT_RUN_FILE: '/nonexistent' } })).toMatchObject({
        code: 3,
        err: expect.stringContaining('npm start'),
      });
    },
    storyMs,
  );
});
