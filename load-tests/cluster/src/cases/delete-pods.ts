import { failuresOf, type Case } from '../case.js';
import { podsOf, rolledOut, servedBy, stores } from '../pods.js';
import { fullName } from '../release.js';

const withinS = 120;

export const deletePods: Case = {
  name: 'a pod of each service deleted',
  isQuick: true,
  run: async ({ kubectl, people }) => {
    const load = await (
      await people()
    ).writeWhile(async () => {
      for (const component of servedBy) {
        const [pod] = await podsOf(kubectl, [component]);
        if (pod === undefined) throw new Error(`${component} has no pod`);
        await kubectl.run(['delete', 'pod', pod.metadata.name, '--wait=false']);
        await rolledOut(kubectl, { objects: [`deployment/${fullName}-${component}`], withinS });
      }
    });
    return { figures: `${servedBy.length} pods`, failures: failuresOf(load), load };
  },
};

/** The bundled ones have no replica: nothing is sent while they are away, and nothing may be lost. */
export const deleteStores: Case = {
  name: 'the pod of each store deleted',
  isQuick: false,
  run: async ({ kubectl, people }) => {
    const load = await (
      await people()
    ).writeWhile(async () => {
      for (const store of stores) {
        await kubectl.run(['delete', 'pod', `${fullName}-${store}-0`]);
        await rolledOut(kubectl, { objects: [`statefulset/${fullName}-${store}`], withinS });
      }
    });
    return { figures: `${stores.length} pods`, failures: failuresOf(load, 'any-delay'), load };
  },
};
