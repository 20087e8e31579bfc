/** Real: the example bot as a program of its own, a client, all services. It runs what is built. */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { startProcess, type ServerProcess } from '@cipherchat/test-kit';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { programPath } from './config.js';
import { until, World } from './testing/world.js';

const example = fileURLToPath(new URL('../examples/echo-bot.ts', import.meta.url));
let world: World;
let bot: ServerProcess | undefined;

beforeAll(async () => {
  world = await World.start();
}, 120_000);
afterAll(async () => {
  await bot?.stop();
  await world?.stop();
}, 30_000);

it('the example bot answers every message, also after it was killed and started again', async () => {
  const ana = await world.user('ana');
  const start = (): Promise<ServerProcess> =>
    startProcess({
      name: 'echo-bot',
      program: process.execPath,
      args: [example, world.services.serverUrl, 'echo-bot'],
      cwd: world.folder.path,
      env: { PATH: programPath() },
      stopSignal: 'SIGINT',
      logFile: path.join(world.folder.path, 'echo-bot.log'),
    });
  bot = await start();
  await until('the bot is registered', () =>
    ana.client.findUser('echo-bot').then(
      () => true,
      () => false,
    ),
  );
  const conversation = await ana.client.direct((await ana.client.findUser('echo-bot')).user);
  await conversation.send('is there an echo?');
  await until('the echo', async () => (await ana.texts(conversation.id)).length === 2);
  process.kill(bot.pid, 'SIGKILL');
  await bot.exited;
  await conversation.send('and now?');
  bot = await start();
  await until('the second echo', async () => (await ana.texts(conversation.id)).length === 4);
  expect(await ana.texts(conversation.id)).toEqual([
    'is there an echo?',
    'is there an echo?',
    'and now?',
    'and now?',
  ]);
}, 60_000);
