/** Real: the command line as processes, all services, Postgres, NATS, Redis. Nothing is mocked. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { CliWorld, heardText, type Finished } from './testing/cli-world.js';

const storyMs = 300_000;
let world: CliWorld;
let anna: ReturnType<CliWorld['as']>;
let ben: ReturnType<CliWorld['as']>;

beforeAll(async () => {
  world = await CliWorld.start();
  anna = world.as('anna');
  ben = world.as('ben');
  expect(await anna('register', 'anna', '--admin')).toMatchObject({ code: 0 });
  expect(await ben('--json', 'register', 'ben')).toMatchObject({
    code: 0,
    json: [{ kind: 'registered', username: 'ben', role: 'member', server: world.system.serverUrl }],
  });
}, storyMs);
afterAll(() => world?.stop(), storyMs);

const messagesIn = (finished: Finished): readonly unknown[] => finished.json.map(({ body }) => body);

describe('a profile', () => {
  it(
    'says whose it is',
    async () => {
      expect(await anna('whoami')).toMatchObject({
        code: 0,
        out: expect.stringContaining('anna (administrator)'),
      });
      expect((await world.run(['--json', 'profiles'])).json).toEqual([
        { kind: 'profile', profile: 'anna' },
        { kind: 'profile', profile: 'ben' },
      ]);
    },
    storyMs,
  );

  it(
    'consists of files that only their owner can read, and is refused when they are not',
    async () => {
      const folder = path.join(world.dataHome, 'cipherchat/profiles/ben');
      expect(statSync(folder).mode & 0o777).toBe(0o700);
      for (const file of readdirSync(folder))
        expect([file, statSync(path.join(folder, file)).mode & 0o777]).toEqual([file, 0o600]);
      chmodSync(path.join(folder, 'store.sqlite'), 0o644);
      expect(await ben('whoami')).toMatchObject({ code: 6, err: expect.stringContaining('chmod 600') });
      chmodSync(path.join(folder, 'store.sqlite'), 0o600);
      expect(await ben('whoami')).toMatchObject({ code: 0 });
    },
    storyMs,
  );

  it(
    'is used by one process at a time',
    async () => {
      const listening = world.begin(['--profile', 'ben', '--json', 'listen']);
      await listening.until('the connection', ({ json }) =>
        json.some(({ connection }) => connection === 'live'),
      );
      expect(await ben('whoami')).toMatchObject({
        code: 5,
        err: expect.stringMatching(/"ben" is in use by another cipherchat, process \d+/),
      });
      listening.signal('SIGKILL');
      await listening.finished;
      expect(await ben('whoami')).toMatchObject({ code: 0 });
    },
    storyMs,
  );

  it(
    'can be locked with a passphrase, without which it says nothing',
    async () => {
      const passphraseFile = path.join(world.folder.path, 'passphrase');
      const wrongFile = path.join(world.folder.path, 'wrong');
      writeFileSync(passphraseFile, 'correct horse battery\n', { mode: 0o600 });
      writeFileSync(wrongFile, 'incorrect horse\n', { mode: 0o600 });
      const locked = (file: string | undefined, ...args: readonly string[]): Promise<Finished> =>
        world.run(
          ['--profile', 'locked', ...args],
          file === undefined ? {} : { env: { CIPHERCHAT_PASSPHRASE_FILE: file } },
        );
      expect(await locked(passphraseFile, 'register', 'cleo')).toMatchObject({ code: 0 });
      expect(await locked(passphraseFile, 'send', 'ben', 'nobody finds this sentence')).toMatchObject({
        code: 0,
      });
      expect(await locked(passphraseFile, 'history', 'ben')).toMatchObject({
        code: 0,
        out: expect.stringContaining('nobody finds this sentence'),
      });
      expect(await locked(wrongFile, 'whoami')).toMatchObject({
        code: 6,
        out: '',
        err: expect.stringContaining('wrong passphrase'),
      });
      expect(await locked(undefined, 'whoami')).toMatchObject({
        code: 6,
        out: '',
        err: expect.stringContaining('CIPHERCHAT_PASSPHRASE_FILE'),
      });
      const folder = path.join(world.dataHome, 'cipherchat/profiles/locked');
      const bytes = Buffer.concat(readdirSync(folder).map((file) => readFileSync(path.join(folder, file))));
      expect(bytes.includes('nobody finds')).toBe(false);
    },
    storyMs,
  );
});

describe('a message', () => {
  it(
    'goes to a person who is offline, is shown with its receipts, and is answered',
    async () => {
      expect(await anna('send', 'ben', 'hello', 'ben')).toMatchObject({ code: 0, out: 'Sent.\n' });
      const heard = await world.hear('ben', (told) => heardText(told, 'hello ben'), ['--mark-read']);
      expect(heard.filter(({ kind, from }) => kind === 'message' && from === 'anna')).toMatchObject([
        { own: false, body: { kind: 'text', text: 'hello ben' }, title: 'anna' },
      ]);
      const answering = await world.run(['--profile', 'ben', 'send', 'anna'], {
        input: 'from standard\ninput\n',
      });
      expect(answering).toMatchObject({ code: 0 });
      await world.hear(
        'anna',
        (told) =>
          heardText(told, 'from standard\ninput') &&
          told.some(({ kind, delivery }) => kind === 'message-changed' && delivery === 'read'),
      );
      expect(messagesIn(await anna('--json', 'history', 'ben'))).toEqual([
        { kind: 'text', text: 'hello ben' },
        { kind: 'text', text: 'from standard\ninput' },
      ]);
      expect(await anna('history', 'ben')).toMatchObject({
        out: expect.stringMatching(/you: hello ben {2}\(read\)\n.*ben: from standard\n {6}input/),
      });
    },
    storyMs,
  );

  it(
    'is found by how its words begin, with one person or everywhere',
    async () => {
      await anna('send', 'ben', `${'Before it came a lot. '.repeat(20)}Then the Straße ended; and so on.`);
      const found = await anna('search', 'STRASSE', 'end');
      expect(found).toMatchObject({
        code: 0,
        out: expect.stringMatching(
          /^\d{4}-\d\d-\d\d \d\d:\d\d {2}ben {2}you: ….*Then the Straße ended; and so on\.\n$/,
        ),
      });
      expect((await anna('--json', 'search', 'hello', '--in', 'ben')).json).toMatchObject([
        {
          kind: 'found',
          title: 'ben',
          body: { kind: 'text', text: 'hello ben' },
          ranges: [{ start: 0, end: 5 }],
        },
      ]);
      const one = await anna('search', 'hello', '--limit', '1');
      expect(one).toMatchObject({ code: 0, err: '' });
      expect(await anna('search', 'never', 'said')).toMatchObject({
        code: 0,
        out: '',
        err: expect.stringContaining('Nothing found.'),
      });
      expect(await anna('search', 'hello', '--in', '#nowhere')).toMatchObject({ code: 4 });
    },
    storyMs,
  );

  it(
    'is delivered while one waits for it',
    async () => {
      const listening = world.begin(['--profile', 'ben', '--json', 'listen']);
      await listening.until('the connection', ({ json }) =>
        json.some(({ connection }) => connection === 'live'),
      );
      expect(
        await anna('--json', 'send', 'ben', 'are you there?', '--wait', 'delivered', '--timeout', '20s'),
      ).toMatchObject({ code: 0, json: [{ delivery: 'delivered' }] });
      listening.signal('SIGINT');
      await listening.finished;
      const waited = await anna('send', 'ben', 'and now?', '--wait', 'delivered', '--timeout', '6s');
      expect(waited).toMatchObject({
        code: 7,
        err: expect.stringMatching(/not delivered within 6 s \(so far: (?:sent|waiting)\)/),
      });
    },
    storyMs,
  );

  it(
    'of somebody else cannot steer the terminal',
    async () => {
      await ben('send', 'anna', '\u001b]0;gotcha\u0007\u001b[2J\u202Egnp.exe');
      const heard = await anna('listen', '--count', '1', '--for', '60s');
      expect(heard.out).toContain('<U+001B>]0;gotcha<U+0007><U+001B>[2J<U+202E>gnp.exe');
      for (const command of [['history', 'ben'], ['--json', 'history', 'ben'], ['export']]) {
        expect((await anna(...command)).out).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]/);
      }
    },
    storyMs,
  );

  it(
    'is typed into a chat, and answered there',
    async () => {
      const annas = world.begin(['--profile', 'anna', '--gateway', '1', 'chat', 'ben']);
      const bens = world.begin(['--profile', 'ben', '--gateway', '2', 'chat', 'anna']);
      await annas.until('the connection', ({ printed }) => printed.includes('live on gateway-1'));
      await bens.until('the connection', ({ printed }) => printed.includes('live on gateway-2'));
      annas.type('typed by anna\n');
      await bens.until('the message', ({ printed }) => printed.includes('anna: typed by anna'));
      bens.type('typed by ben\n');
      await annas.until('the answer', ({ printed }) => printed.includes('ben: typed by ben'));
      annas.type('/members\n/nonsense\n');
      await annas.until(
        'the answers to commands',
        ({ printed }) => /anna, ben|ben, anna/.test(printed) && printed.includes('no command /nonsense'),
      );
      annas.type('/quit\n');
      bens.end('');
      expect([(await annas.finished).code, (await bens.finished).code]).toEqual([0, 0]);
    },
    storyMs,
  );
});

describe('a refusal', () => {
  it.each([
    ['an unknown profile', ['--profile', 'nobody', 'whoami'], 6, /register/],
    ['an unknown user', ['--profile', 'anna', 'send', 'nobody-at-all', 'hi'], 4, /directory\/user-unknown/],
    ['oneself', ['--profile', 'anna', 'send', 'anna', 'hi'], 2, /that is you/],
    ['a name that is taken', ['--profile', 'other', 'register', 'anna'], 4, /Choose another name/],
    ['a name that cannot be', ['--profile', 'other', 'register', 'Anna'], 2, /Lower-case/],
    [
      'a second account in a profile',
      ['--profile', 'anna', 'register', 'anna2'],
      2,
      /has an account already/,
    ],
    [
      'a server that does not answer',
      ['--profile', 'other', '--server', 'http://127.0.0.1:9', 'register', 'otto'],
      3,
      /does not answer/,
    ],
    [
      'an unknown gateway',
      ['--profile', 'anna', '--gateway', '7', 'send', 'ben', 'hi', '--timeout', '1s'],
      3,
      /does not answer/,
    ],
    ['an unknown group', ['--profile', 'anna', 'groups', 'add', '#nothing', 'ben'], 4, /no group/],
    ['an administrator’s work', ['--profile', 'ben', 'admin', 'invite'], 4, /administrators/],
    ['an unknown command', ['sned'], 2, /Did you mean send/],
    ['no command', [], 2, /Usage/],
  ] as const)(
    'of %s has its exit code and says what to do',
    async (_, args, code, message) => {
      const finished = await world.run(args);
      expect({ code: finished.code, out: finished.out }).toEqual({ code, out: '' });
      expect(finished.err).toMatch(message);
    },
    storyMs,
  );

  it(
    'is one JSON object with --json',
    async () => {
      const { err, code } = await anna('--json', 'send', 'nobody-at-all', 'hi');
      expect(code).toBe(4);
      expect(JSON.parse(err)).toMatchObject({ kind: 'error', code: 4, problem: 'directory/user-unknown' });
    },
    storyMs,
  );

  it(
    'of an interrupted command is 130',
    async () => {
      const send = ['--profile', 'anna', 'send', 'ben', 'hi', '--wait', 'read', '--timeout', '1h'];
      let waiting = world.begin(send);
      // By the time that it holds the profile it listens to signals. Whoever looks holds it, too, and may be in its way.
      while ((await anna('whoami')).code !== 5) if (waiting.hasEnded) waiting = world.begin(send);
      waiting.signal('SIGINT');
      expect((await waiting.finished).code).toBe(130);
    },
    storyMs,
  );
});
