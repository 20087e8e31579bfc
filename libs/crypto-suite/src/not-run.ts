/** What exists as official vectors and is not run here, each with the reason. The same list is in docs/crypto-tests.md. */
export const notRun: ReadonlyArray<{ readonly what: string; readonly why: string }> = [
  {
    what: 'official vectors crypto-basics, key-schedule, message-protection, messages, psk_secret, secret-tree, transcript-hashes, tree-math, tree-operations, tree-validation, treekem, welcome',
    why: 'They test functions inside an implementation that OpenMLS does not export; it runs them in its own tests. The passive-client vectors pass through all of them together.',
  },
  {
    what: 'official vectors of suite 0x004E',
    why: 'There are none: the code point is provisional. Its KEM is held against the published answers of X-Wing.',
  },
];
