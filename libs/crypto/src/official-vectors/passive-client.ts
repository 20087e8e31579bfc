/** The vectors of `libs/crypto/official-vectors`, and the client that follows them. */
import { PassiveClient, initSync } from '@cipherchat/mls-wasm/vectors';
import { hexToBytes } from '@noble/hashes/utils.js';
import { readFile } from './read-file.js';

type Epoch = {
  readonly proposals: readonly string[];
  readonly commit: string;
  readonly epoch_authenticator: string;
};

/** As the working group published them: bytes as hex, names in snake case. */
export type PassiveClientVector = {
  readonly cipher_suite: number;
  readonly external_psks: ReadonlyArray<{ readonly psk_id: string; readonly psk: string }>;
  readonly key_package: string;
  readonly encryption_priv: string;
  readonly init_priv: string;
  readonly welcome: string;
  readonly ratchet_tree: string | null;
  readonly initial_epoch_authenticator: string;
  readonly epochs: readonly Epoch[];
};
export type VectorFile =
  'passive-client-welcome' | 'passive-client-handling-commit' | 'passive-client-random';

/** Within the lifetimes of the vectors' key packages, which were made in 2023. */
const nowS = 1_690_000_000;

export async function loadVectors(): Promise<Readonly<Record<VectorFile, readonly PassiveClientVector[]>>> {
  const packed = readFile(new URL('../../official-vectors/passive-client.json.gz', import.meta.url));
  const unpacked = new Response(packed).body?.pipeThrough(new DecompressionStream('gzip'));
  return (await new Response(unpacked).json()) as Record<VectorFile, readonly PassiveClientVector[]>;
}

export function loadPassiveClient(): void {
  initSync({ module: readFile(new URL('../../../mls-wasm/vectors/pkg/vectors.wasm', import.meta.url)) });
}

/** Joins, and gives the epoch authenticator of each epoch: the initial one, then one after each commit. */
export function follow(vector: PassiveClientVector): readonly Uint8Array[] {
  const psks = vector.external_psks.map(({ psk_id, psk }) => [hexToBytes(psk_id), hexToBytes(psk)]);
  const tree = vector.ratchet_tree === null ? undefined : hexToBytes(vector.ratchet_tree);
  const client = new PassiveClient(
    hexToBytes(vector.key_package),
    hexToBytes(vector.init_priv),
    hexToBytes(vector.encryption_priv),
    psks,
    hexToBytes(vector.welcome),
    tree,
    nowS,
  );
  try {
    const authenticators = [client.authenticator()];
    for (const { proposals, commit } of vector.epochs) {
      for (const proposal of proposals) client.process(hexToBytes(proposal));
      client.process(hexToBytes(commit));
      authenticators.push(client.authenticator());
    }
    return authenticators;
  } finally {
    client.free();
  }
}

/** What the vector says that `follow` gives. */
export function expectedAuthenticators(vector: PassiveClientVector): readonly Uint8Array[] {
  return [vector.initial_epoch_authenticator, ...vector.epochs.map((epoch) => epoch.epoch_authenticator)].map(
    (text) => hexToBytes(text),
  );
}
