import type { Case } from '../case.js';
import { said, type Values } from '../release.js';

const wrong: readonly { readonly names: string; readonly values: Values }[] = [
  { names: 'gateway/replicas', values: { gateway: { replicas: 'many' } } },
  { names: 'gatway', values: { gatway: { replicas: 3 } } },
  {
    names: 'nats.external.gateway.existingSecret',
    values: { nats: { bundled: { enabled: false } } },
  },
];

/** By the schema, as a key that there is not, and by what another value demands. */
export const refusedValues: Case = {
  name: 'wrong values refused',
  isQuick: false,
  run: async ({ release }) => {
    const before = (await release.history()).length;
    const failures: string[] = [];
    for (const { names, values } of wrong) {
      const ran = await release.put('upgrade', values);
      const message = said(ran);
      if (ran.status === 0) failures.push(`${names} was accepted`);
      else if (!message.includes(names)) failures.push(`the message does not name ${names}: ${message}`);
    }
    if ((await release.history()).length !== before) failures.push('a revision was made');
    return { figures: `${wrong.length} values`, failures };
  },
};
