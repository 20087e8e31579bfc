/** What a person asks the key directory for. Key packages are random bytes of a real one's size: it looks at none. */
import { keysRoutes, pathOf, type UserId } from '@cipherchat/protocol';
import { ask } from './ask.js';
import { patientFetch } from './patient-fetch.js';
import type { Person } from './person.js';
import { random } from './random.js';

const suite = 0x004e;
const keyPackageBytes = 2_680;
const lifetimeMs = 30 * 86_400_000;

/** All of them throw an Error when the directory does not answer, or refuses. */
export type Directory = {
  readonly findManifest: (user: UserId) => Promise<void>;
  readonly countKeyPackages: () => Promise<void>;
  readonly uploadKeyPackages: (count: number) => Promise<void>;
  /** @returns how many it was given: one for each device of the user */
  readonly claimKeyPackages: (user: UserId) => Promise<number>;
};

export function directoryOf(params: {
  readonly keysUrl: string;
  readonly person: Pick<Person, 'tokens'>;
}): Directory {
  const { keysUrl: serverUrl } = params;
  const { accessToken } = params.person.tokens;
  const asked = { serverUrl, accessToken };
  return {
    findManifest: async (user) => {
      await ask({ ...asked, route: keysRoutes.findManifests, body: { users: [{ user, haveVersion: 0 }] } });
    },
    countKeyPackages: async () => {
      const answer = await patientFetch(`${serverUrl}${pathOf(keysRoutes.countKeyPackages)}?suite=${suite}`, {
        headers: { authorization: `Bearer ${accessToken}` },
      });
      await answer.arrayBuffer();
    },
    uploadKeyPackages: async (count) => {
      const notAfterMs = Date.now() + lifetimeMs;
      const singleUse = Array.from({ length: count }, () => ({
        keyPackage: random(keyPackageBytes),
        notAfterMs,
      }));
      await ask({ ...asked, route: keysRoutes.uploadKeyPackages, body: { suite, singleUse } });
    },
    claimKeyPackages: async (user) => {
      const { claimed } = await ask({ ...asked, route: keysRoutes.claimKeyPackages, body: { user, suite } });
      return claimed.length;
    },
  };
}
