/**
 * `npm run bench:mls`: what the MLS engine costs, per suite and group size. Prints a Markdown table:
 * medians in milliseconds, and what one step makes the store write. `-- --sizes 2,10` for fewer.
 */
import { performance } from 'node:perf_hooks';
import { createOpenMlsEngine } from '@cipherchat/crypto';
import { loadMls } from '@cipherchat/mls-wasm';

const nowS = 1_795_219_200;
const sizes = (process.argv[process.argv.indexOf('--sizes') + 1] ?? '')
  .match(/^\d+(,\d+)*$/)
  ?.input.split(',')
  .map(Number) ?? [2, 10, 100, 1000];
const engine = createOpenMlsEngine(await loadMls());

const id = (number) => `00000000-0000-4000-8000-${number.toString(16).padStart(12, '0')}`;
const deviceOf = (number) => engine.generateDeviceKeys({ user: id(number), device: id(number) });
const ok = (result) => {
  if (result.kind === 'failure') throw new Error(result.code);
  return result;
};
const keyPackageOf = (keys, suite) =>
  engine.generateKeyPackage({ keys, suite, lastResort: false, notBeforeS: nowS, notAfterS: nowS + 86_400 });

/** Median milliseconds of `rounds` calls; each call gets the state that the one before returned. */
function median(rounds, call) {
  const times = [];
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    call(round);
    times.push(performance.now() - start);
  }
  return times.sort((left, right) => left - right)[rounds >> 1];
}

const written = ({ put, remove }) => ({
  records: put.length + remove.length,
  bytes: put.reduce((sum, [, value]) => sum + value.length, 0),
});
const size = (bytes) => (bytes < 10_240 ? `${bytes} B` : `${Math.round(bytes / 1024)} KiB`);
const ms = (value) => (value < 10 ? value.toPrecision(2) : String(Math.round(value)));
const bytesOf = (records) => [...records.values()].reduce((sum, value) => sum + value.length, 0);

/** A group of `leaves`, all but two of them key packages only, whose first two members share five epochs: past epochs are full. */
function groupOf(suite, leaves) {
  const [alice, bob] = [deviceOf(1), deviceOf(2)];
  const bobPackage = keyPackageOf(bob, suite);
  const others = Array.from(
    { length: leaves - 2 },
    (_, index) => keyPackageOf(deviceOf(index + 3), suite).publicBytes,
  );
  const created = engine.createGroup({ keys: alice, group: id(7), suite, nowS }).next;
  const first = ok(
    engine.commit({
      state: created,
      keys: alice,
      add: [bobPackage.publicBytes, ...others],
      remove: [],
      nowS,
    }),
  );
  let ours = ok(engine.mergePending({ state: first.next, atS: nowS })).next;
  const { staged } = ok(
    engine.inspectWelcome({
      keys: bob,
      welcome: first.welcome,
      keyPackages: new Map([[bobPackage.ref, bobPackage.privateRecords]]),
    }),
  );
  let theirs = engine.joinWelcome(staged).next;
  for (let epoch = 0; epoch < 5; epoch++) {
    const { next, commit } = ok(engine.commit({ state: ours, keys: alice, add: [], remove: [], nowS }));
    ours = ok(engine.mergePending({ state: next, atS: nowS })).next;
    const inspected = ok(engine.inspectCommit({ state: theirs, commit, atS: nowS }));
    theirs = engine.mergeCommit({ state: theirs, staged: inspected.staged }).next;
  }
  return { alice, bob, ours, theirs };
}

/** A fresh state object for `state` with a live handle: the same starting point for every round. */
function live(state) {
  const copy = { ...state };
  engine.epoch(copy);
  return copy;
}

function measure(suite, leaves) {
  const rounds = leaves >= 1000 ? 7 : 31;
  const { alice, ours, theirs } = groupOf(suite, leaves);
  const plaintext = new Uint8Array(256);

  let sender = ours;
  const sent = [];
  let messageWrites;
  const encryptMs = median(rounds, () => {
    const step = ok(engine.encrypt({ state: sender, keys: alice, plaintext }));
    sender = step.next;
    messageWrites = written(step.changes);
    sent.push(step.ciphertext);
  });
  let receiver = theirs;
  const decryptMs = median(rounds, (round) => {
    receiver = ok(engine.decrypt({ state: receiver, ciphertext: sent[round] })).next;
  });

  // A state object that the engine has not seen has no live handle: this is a start from the store.
  const unseen = Array.from({ length: rounds }, () => ({ ...theirs }));
  const reloadMs = median(rounds, (round) => engine.epoch(unseen[round]));

  const newcomer = keyPackageOf(deviceOf(9_999), suite).publicBytes;
  const bases = Array.from({ length: Math.min(rounds, 16) }, () => live(ours));
  let added;
  const addMs = median(bases.length, (round) => {
    added = ok(engine.commit({ state: bases[round], keys: alice, add: [newcomer], remove: [], nowS }));
  });
  const merged = ok(engine.mergePending({ state: added.next, atS: nowS }));
  const readers = Array.from({ length: Math.min(rounds, 16) }, () => live(theirs));
  const receiveMs = median(readers.length, (round) => {
    const { staged } = ok(engine.inspectCommit({ state: readers[round], commit: added.commit, atS: nowS }));
    engine.mergeCommit({ state: readers[round], staged });
  });
  const removeBases = Array.from({ length: Math.min(rounds, 16) }, () => live(ours));
  const remove = [{ user: id(2), device: id(2) }];
  const removeMs = median(removeBases.length, (round) =>
    ok(engine.commit({ state: removeBases[round], keys: alice, add: [], remove, nowS })),
  );

  const commitWrites = written(added.changes);
  const mergeWrites = written(merged.changes);
  const columns = [
    `0x${suite.toString(16).padStart(4, '0')}`,
    leaves,
    ms(encryptMs),
    ms(decryptMs),
    `${messageWrites.records} × ${size(messageWrites.bytes)}`,
    ms(addMs),
    ms(removeMs),
    ms(receiveMs),
    `${commitWrites.records}, ${size(commitWrites.bytes)}`,
    `${mergeWrites.records}, ${size(mergeWrites.bytes)}`,
    ms(reloadMs),
    size(bytesOf(theirs.records)),
    size(sent[0].length),
    size(added.commit.length),
    size(added.welcome.length),
    size(added.groupInfo.length),
  ];
  console.log(`| ${columns.join(' | ')} |`);
}

const headings = [
  'suite',
  'leaves',
  'encrypt 256 B',
  'decrypt',
  'writes per message',
  'commit an add',
  'commit a removal',
  'process the add',
  'writes of the commit',
  'of its merge',
  'reload',
  'state',
  'message',
  'add commit',
  'welcome',
  'GroupInfo',
];
console.log(
  `Node ${process.version}; medians in ms; past epochs full; a tree that only its creator has committed to\n`,
);
console.log(`| ${headings.join(' | ')} |\n|${' --- |'.repeat(headings.length)}`);
for (const suite of [0x004e, 0x0001]) {
  for (const leaves of sizes) measure(suite, leaves);
}
const keys = deviceOf(1);
console.log(
  `\nkey package: ${[0x004e, 0x0001].map((suite) => `0x${suite.toString(16).padStart(4, '0')} ${ms(median(31, () => keyPackageOf(keys, suite)))} ms, ${size(keyPackageOf(keys, suite).publicBytes.length)}`).join('; ')}`,
);
