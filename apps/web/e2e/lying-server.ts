/** A server, or somebody before it, that says of people what is not so. */
import { randomBytes } from 'node:crypto';
import { generateAccountKey, signManifest, verifyManifest, type AccountKey } from '@cipherchat/crypto';
import type { CuttableNetwork } from './cuttable-network.js';

type Question = { readonly users: readonly { readonly user: string; readonly haveVersion: number }[] };
type Answer = { readonly manifests: readonly { readonly user: string; readonly manifest: string }[] };

/** Whoever is asked for by this network has, from now on, an account key that the server made, over devices that are theirs. */
export function nameAnotherKey(network: CuttableNetwork): void {
  const accountKey = generateAccountKey((length) => new Uint8Array(randomBytes(length)));
  network.answerOtherwise('/v1/keys/manifests/find', async (question, ask) => {
    const { users } = JSON.parse(question) as Question;
    const all = users.map(({ user }) => ({ user, haveVersion: 0 }));
    const answer = JSON.parse(await ask(JSON.stringify({ users: all }))) as Answer;
    const manifests = answer.manifests.map(({ user, manifest }) => ({
      user,
      manifest: signedBy(accountKey, manifest),
    }));
    return JSON.stringify({ ...answer, manifests });
  });
}

/** The same devices under another key, as a newer version. */
function signedBy(accountKey: AccountKey, encoded: string): string {
  const verdict = verifyManifest(new Uint8Array(Buffer.from(encoded, 'base64url')));
  if (verdict.kind === 'invalid') throw new Error(`the server’s own manifest is invalid: ${verdict.reason}`);
  const { user, version, devices } = verdict.manifest;
  const manifest = { user, version: version + 1, devices, accountKey: accountKey.publicKey };
  return Buffer.from(signManifest({ accountKey, manifest }).bytes).toString('base64url');
}
