import { failuresOf } from '@cipherchat/faults';
import type { ComposeCase, World } from '../world.js';

const texts = { before: 'written before all was taken down', after: 'written after it' } as const;

/**
 * `down` takes every container away, `up` makes others of the same data. The people who wrote go on in the same conversations, and a
 * message that only the server held is read by its recipient afterwards.
 */
export const downAndUp: ComposeCase = {
  name: 'all down and up again',
  isQuick: true,
  run: async (world) => {
    const { deployment, cli, people } = world;
    for (const name of ['ana', 'ben']) await cli.run(['--profile', name, 'register', name]);
    await cli.run(['--profile', 'ana', 'send', 'ben', texts.before]);
    const before = (await deployment.containers()).map(({ Id }) => Id);
    const load = await (
      await people()
    ).writeWhile(async () => {
      await deployment.compose(['down']);
      await deployment.up();
    });
    const kept = (await deployment.containers()).filter(({ Id }) => before.includes(Id));
    await hear(world, 'ben');
    await cli.run(['--profile', 'ben', 'send', 'ana', texts.after]);
    await hear(world, 'ana');
    return {
      figures: `${before.length} containers made anew, a message kept for its recipient`,
      failures: [
        ...failuresOf(load, 'any-delay'),
        ...kept.map(({ Id }) => `container ${Id} was kept`),
        ...(await missing(world, ['ana', 'ben'])),
        ...(await missing(world, ['ben', 'ana'])),
      ],
      load,
    };
  },
};

/** Until a message came, or for so long: it may have come before. */
async function hear({ cli }: World, name: string): Promise<void> {
  await cli.run(['--profile', name, 'listen', '--count', '1', '--for', '20s']);
}

/** Of both texts, in what the first holds of the conversation with the second. */
async function missing({ cli }: World, [own, other]: readonly [string, string]): Promise<readonly string[]> {
  const said = await cli.run(['--profile', own, 'history', other]);
  return Object.values(texts)
    .filter((text) => said.split(text).length !== 2)
    .map((text) => `${own} does not hold “${text}” once: ${said}`);
}
