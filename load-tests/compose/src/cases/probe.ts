import type { ComposeCase } from '../world.js';

/** Two throw-away accounts write to each other, encrypted, through the public address. */
export const probe: ComposeCase = {
  name: 'probe through the public address',
  isQuick: true,
  run: async ({ cli }) => {
    const said = await cli.run(['probe', '--once', '--wait', '60s']);
    return { figures: said.split('\n').at(-1) ?? '', failures: [] };
  },
};
