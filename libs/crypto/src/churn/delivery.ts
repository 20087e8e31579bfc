/**
 * Every device reads the log up to its head, as a client does: own envelopes by their id, commits in
 * two steps with the judgement in between, welcomes with the commit that they belong to. Devices that
 * were removed try everything, and must get nothing.
 */
import { isWelcomeConsistent, judgeCommit } from '../commit-check.js';
import type { DeviceRef } from '../engine.js';
import { equalBytes } from '../verify/binary.js';
import type { ChurnDevice } from './device.js';
import type { Entry } from './log.js';
import { expectFailure, expectSuccess, isListed, members, type Run } from './run-state.js';

/** Of 100 removed devices, those that refuse to process their removal, and keep the last state that could read. */
const stubbornPercent = 50;
const redeliverPercent = 20;
const reorderPercent = 30;

/** Delivers what is new to every device, in any order of devices, then checks that they agree. */
export function deliver(run: Run): void {
  const fresh = run.log.entries.slice(run.delivered);
  for (const device of run.random.shuffled(run.devices)) {
    for (const entry of inReadingOrder(run, fresh)) {
      if (device.joining !== null && entry.envelope === device.pendingEnvelope) adopt(run, device, entry);
      else if (device.isMember) receive(run, device, entry);
      else approach(run, device, entry);
      device.cursor = entry.seq;
    }
  }
  run.delivered = run.log.entries.length;
  checkReaders(run, fresh);
  checkAgreement(run);
}

/** Messages between two commits may overtake each other; commits keep their place. */
function inReadingOrder(run: Run, entries: readonly Entry[]): readonly Entry[] {
  if (!run.random.chance(reorderPercent)) return entries;
  const ordered: Entry[] = [];
  let messages: Entry[] = [];
  for (const entry of entries) {
    if (entry.kind === 'message') {
      messages.push(entry);
      continue;
    }
    ordered.push(...run.random.shuffled(messages), entry);
    messages = [];
  }
  return [...ordered, ...run.random.shuffled(messages)];
}

/** A member reads an entry. */
function receive(run: Run, device: ChurnDevice, entry: Entry): void {
  if (entry.kind === 'message') {
    if (!device.sent.has(entry.envelope)) read(run, device, entry);
  } else if (entry.envelope === device.pendingEnvelope) {
    mergeOwn(run, device, entry);
  } else {
    merge(run, device, entry);
  }
}

function read(run: Run, device: ChurnDevice, entry: Entry): void {
  const { engine } = run;
  const what = `${device.name} reads ${entry.envelope}`;
  const decrypt = () => engine.decrypt({ state: device.state, ciphertext: entry.bytes });
  let step = expectSuccess(what, decrypt());
  if (device.crashAt === 'decrypt') {
    restart(device);
    step = expectSuccess(`${what} after a crash`, decrypt());
  }
  const plaintext = run.plaintexts.get(entry.envelope);
  if (plaintext === undefined || !equalBytes(plaintext, step.plaintext))
    throw new Error(`${what}: another plaintext`);
  const sender = run.devices.find(({ sent }) => sent.has(entry.envelope));
  if (step.sender.device !== sender?.keys.device || !equalBytes(step.sender.leafKey, sender.keys.leafKey))
    throw new Error(`${what}: another sender`);
  if (device.read.has(entry.envelope)) throw new Error(`${what} twice`);
  device.keep(step);
  device.read.add(entry.envelope);
  run.counts.read += 1;
  if (!run.random.chance(redeliverPercent)) return;
  expectFailure(`${what} again`, decrypt());
  run.counts['replay-refused'] += 1;
}

function mergeOwn(run: Run, device: ChurnDevice, entry: Entry): void {
  const step = expectSuccess(
    `${device.name} merges its own commit`,
    run.engine.mergePending({ state: device.state, atS: entry.atS }),
  );
  device.keep(step);
  device.roster = step.summary.membersAfter;
  device.pendingEnvelope = null;
  device.lastCommitSeq = entry.seq;
}

function merge(run: Run, device: ChurnDevice, entry: Entry): void {
  const { engine } = run;
  const what = `${device.name} merges the commit at ${entry.seq}`;
  const inspect = () => {
    const { state } = device;
    const clear = { kind: entry.kind as 'commit' | 'external-commit', devices: entry.devices };
    const inspected = engine.inspectCommit({ state, commit: entry.bytes, atS: entry.atS });
    const epochBefore = engine.epoch(state);
    return judgeCommit({
      membersBefore: device.roster,
      epochBefore,
      commitBytes: entry.bytes.length,
      clear,
      inspected,
    });
  };
  let judgement = inspect();
  if (device.crashAt === 'merge') {
    restart(device);
    judgement = inspect();
  }
  if (judgement.kind !== 'merge') {
    throw new Error(
      `${what}: ${judgement.kind} ${judgement.kind === 'void' ? judgement.reason : judgement.failure.code}`,
    );
  }
  const { staged } = judgement;
  const before = device.state;
  if (staged.summary.removesSelf && run.random.chance(stubbornPercent)) {
    device.leave(before);
    return;
  }
  device.keep(engine.mergeCommit({ state: before, staged }));
  device.roster = staged.summary.membersAfter;
  device.lastCommitSeq = entry.seq;
  if (engine.hasPendingCommit(device.state)) throw new Error(`${what}: its own lost commit is still pending`);
  device.pendingEnvelope = null;
  if (staged.summary.removesSelf) device.leave(device.state);
}

/** The own external join is in the log. */
function adopt(run: Run, device: ChurnDevice, entry: Entry): void {
  if (device.joining === null) return;
  const step = expectSuccess(
    `${device.name} joins by external commit`,
    run.engine.mergePending({ state: device.joining, atS: entry.atS }),
  );
  device.adoptJoined(step);
  device.roster = step.summary.membersAfter;
  device.pendingEnvelope = null;
  device.lastCommitSeq = entry.seq;
}

/** A device outside the group: it may be let in by this entry, and must read nothing otherwise. */
function approach(run: Run, device: ChurnDevice, entry: Entry): void {
  if (entry.kind === 'commit' && entry.welcome !== null && isListed(entry.devices, device)) {
    join(run, device, entry);
  } else if (device.ghost !== null) {
    const state = device.ghost;
    const what = `${device.name}, removed, tries the ${entry.kind} at ${entry.seq}`;
    expectFailure(
      what,
      entry.kind === 'message'
        ? run.engine.decrypt({ state, ciphertext: entry.bytes })
        : run.engine.inspectCommit({ state, commit: entry.bytes, atS: entry.atS }),
    );
    run.counts['removed-refused'] += 1;
  }
}

function join(run: Run, device: ChurnDevice, entry: Entry): void {
  const { engine } = run;
  const { keys, keyPackages } = device;
  const what = `${device.name} joins by the welcome at ${entry.seq}`;
  const welcome = entry.welcome ?? new Uint8Array();
  const inspect = () => expectSuccess(what, engine.inspectWelcome({ keys, welcome, keyPackages })).staged;
  let staged = inspect();
  if (device.crashAt === 'join') {
    engine.joinWelcome(staged);
    restart(device);
    staged = inspect();
  }
  if (!isWelcomeConsistent({ members: staged.members, clear: { kind: 'commit', devices: entry.devices } }))
    throw new Error(`${what}: other members than the log says`);
  const wasLastResort = device.isLastResort(staged.keyPackageRef);
  device.joinedBy(engine.joinWelcome(staged), staged.keyPackageRef, wasLastResort);
  device.roster = staged.members;
  device.lastCommitSeq = entry.seq;
  if (!wasLastResort) expectFailure(`${what} again`, engine.inspectWelcome({ keys, welcome, keyPackages }));
}

function restart(device: ChurnDevice): void {
  device.crashAt = null;
  device.crash();
}

/** Every member of that time has read each new message, and nobody else has. */
function checkReaders(run: Run, fresh: readonly Entry[]): void {
  for (const { kind, envelope, devices } of fresh) {
    if (kind !== 'message') continue;
    for (const device of run.devices) {
      const mustRead = isListed(devices, device) && !device.sent.has(envelope);
      if (device.read.has(envelope) !== mustRead)
        throw new Error(`${device.name} ${mustRead ? 'did not read' : 'read'} ${envelope}`);
    }
  }
}

function checkAgreement(run: Run): void {
  const { engine, log } = run;
  const [first, ...others] = members(run);
  if (first === undefined) throw new Error('the group is empty');
  const authenticator = engine.epochAuthenticator(first.state);
  for (const device of others) {
    if (!equalBytes(authenticator, engine.epochAuthenticator(device.state)))
      throw new Error(`${device.name} is in another epoch than ${first.name}`);
  }
  const expected = namesOf(log.devices);
  for (const device of [first, ...others]) {
    const seen = engine.members(device.state);
    if (namesOf(seen) !== expected || namesOf(device.roster) !== expected)
      throw new Error(`${device.name} sees other members than the log`);
    if (device.pendingEnvelope !== null || engine.hasPendingCommit(device.state))
      throw new Error(`${device.name} has a commit pending at rest`);
  }
  run.counts.agreement += 1;
}

function namesOf(devices: readonly DeviceRef[]): string {
  return devices
    .map(({ user, device }) => `${user}/${device}`)
    .sort()
    .join();
}
